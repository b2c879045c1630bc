//! A film from a pipe that is not raw RGB: ffmpeg probes its beginning, and decodes all of it.

use std::io::{self, Read};
use std::path::Path;
use std::process::ChildStdout;
use std::sync::{Arc, OnceLock};
use std::thread;

use crate::film::FilmError;
use crate::film::decoder::decoding;
use crate::film::hdr::Hdr;
use crate::film::input::{Input, feed};
use crate::film::probe::{Footage, without_name};
use crate::film::process::Process;
use crate::film::programs::Programs;
use crate::film::span::Span;

/// Records what is read, so that it can be read again.
pub(super) struct Recorder<R> {
    from: R,
    seen: Vec<u8>,
}

impl<R: Read> Recorder<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, seen: Vec::new() }
    }

    /// All of the data from the beginning.
    pub(super) fn rewound(self) -> impl Read + use<R> {
        io::Cursor::new(self.seen).chain(self.from)
    }
}

impl<R: Read> Read for Recorder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.seen.extend(&buffer[..count]);
        Ok(count)
    }
}

/// Raw pictures that ffmpeg decodes from the data, as NUT. Dropping this ends ffmpeg.
pub(super) struct Decoded {
    process: Process,
    output: ChildStdout,
    name: Box<Path>,
    complaint: Complaint,
}

/// What ffmpeg complained about although it finished: known once everything is decoded.
pub(super) type Complaint = Arc<OnceLock<String>>;

impl Decoded {
    /// Begins to decode.
    pub(super) fn start(
        from: impl Read + Send + 'static,
        (name, wish): (&Path, Option<Hdr>),
        programs: &Programs,
    ) -> Result<(Footage, Self), FilmError> {
        let mut beginning = Recorder::new(from);
        let footage = Footage::look(programs, name, Input::Pipe(&mut beginning))?;
        let mut seen = beginning.seen.as_slice();
        let footage = footage.with_hdr(wish, Input::Pipe(&mut seen))?;
        let mut whole = beginning.rewound();
        let mut process = Process::start(decoding(&footage, &Input::Pipe(&mut whole), Span::default())?)?;
        let pipes = process.input().zip(process.output());
        let no_pipes =
            || FilmError::Stream { path: name.to_owned(), reason: "ffmpeg has no pipe".to_owned() };
        let (input, output) = pipes.ok_or_else(no_pipes)?;
        // The thread is not joined: it may wait forever for the sender, and it ends when ffmpeg does.
        thread::spawn(move || feed(&mut whole, input));
        let complaint = Complaint::default();
        Ok((footage, Self { process, output, name: name.into(), complaint }))
    }

    pub(super) fn complaint(&self) -> Complaint {
        Arc::clone(&self.complaint)
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            let plain = |reason: String| without_name(&reason, &self.name);
            let complaint = self.process.finish().map(plain).map_err(|why| io::Error::other(plain(why)))?;
            if !complaint.is_empty() {
                // At a second end there is nothing new.
                let _ = self.complaint.set(complaint);
            }
        }
        Ok(count)
    }
}
