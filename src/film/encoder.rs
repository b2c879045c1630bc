//! Encodes frames into a file; ffmpeg runs behind the producer.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::codec::Encoding;
use super::colour::Colour;
use super::frame::{Facts, Frame, even, pack};
use super::nut::{Layout, Stream, Writer};
use super::process::Process;
use super::programs::{Programs, file};
use super::segment::OPTIONS;
use super::{AHEAD, FilmError};
use crate::files::digest::HashWriter;
use crate::picture::Picture;

/// Encodes frames, in order. Dropping this before it is finished ends ffmpeg.
#[derive(Debug)]
pub(super) struct Encoder {
    process: Process,
    queue: Option<SyncSender<(Picture, Frame)>>,
    thread: Option<JoinHandle<Result<Digests, String>>>,
}

/// SHA-256 of the pixels of all frames in order, in the form in which they go through pipes: before and after the
/// dream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// The digest of the source's frames, in the film's size.
    pub decoded: String,
    /// The digest of the film's frames, before they were encoded.
    pub dreamed: String,
}

impl Encoder {
    /// Begins a segment whose pictures all have the size in `facts`. `rate` is the usual number of frames, and the
    /// number of seconds for them. Both must be the same for all segments of a film, because they share one
    /// header.
    pub(super) fn start(
        programs: &Programs,
        encoding: Encoding,
        colour: &Colour,
        (facts, rate): (Facts, (u32, u32)),
        to: &Path,
    ) -> Result<Self, FilmError> {
        let layout = Layout::of(colour.deep, colour.alpha);
        let Facts { size, time_base, aspect } = facts;
        let size = if encoding.halves_colours() { even(size) } else { size };
        let stream = Stream { size, layout, time_base, aspect };
        let mut command = programs.ffmpeg();
        command.args(["-y", "-copyts", "-f", "nut", "-i", "pipe:0"]).stdin(Stdio::piped());
        command.args(["-fps_mode", "passthrough", "-enc_time_base", &time_base.to_string()]);
        if encoding.halves_colours() {
            command.args(["-vf", &colour.encoding()]).args(colour.notes());
        }
        command.args(encoding.arguments(colour));
        command.args(OPTIONS).args(["-f", encoding.reel(colour.alpha)]).arg(file(to));
        let mut process = Process::start(command)?;
        let unwritable = || FilmError::Unwritable { reason: "ffmpeg has no pipe".to_owned() };
        let pipe = process.input().ok_or_else(unwritable)?;
        let (queue, waiting) = sync_channel(AHEAD);
        let thread = thread::spawn(move || encode(pipe, stream, rate, &waiting));
        Ok(Self { process, queue: Some(queue), thread: Some(thread) })
    }

    /// Hands over the next frame, and the source picture that it was dreamed from.
    ///
    /// # Errors
    /// ffmpeg accepts no more frames.
    pub(super) fn push(&mut self, source: Picture, frame: Frame) -> Result<(), FilmError> {
        if self.queue.as_ref().is_some_and(|queue| queue.send((source, frame)).is_ok()) {
            return Ok(());
        }
        Err(self.end().err().unwrap_or_else(|| refused("ffmpeg takes no more frames".to_owned())))
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// ffmpeg failed.
    pub(super) fn finish(mut self) -> Result<Digests, FilmError> {
        self.end()
    }

    fn end(&mut self) -> Result<Digests, FilmError> {
        self.queue = None;
        let written = self.thread.take().and_then(|thread| thread.join().ok());
        let written = written.unwrap_or_else(|| Err("the frames could not be handed over".to_owned()));
        // If ffmpeg has ended, its own message says more than the broken pipe.
        self.process.finish().and(written).map_err(refused)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.process.kill();
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn refused(reason: String) -> FilmError {
    FilmError::Unwritable { reason }
}

/// Writes frames until there are no more. Then the pipe is closed, which ends ffmpeg's input.
fn encode(
    pipe: ChildStdin,
    stream: Stream,
    rate: (u32, u32),
    frames: &Receiver<(Picture, Frame)>,
) -> Result<Digests, String> {
    let said = |error: io::Error| error.to_string();
    let mut writer =
        Writer::begin(BufWriter::with_capacity(1 << 16, pipe), stream, Some(rate)).map_err(said)?;
    let pixels =
        |picture: &Picture| pack(picture, stream.size, stream.layout).map_err(|error| error.to_string());
    let (mut decoded, mut dreamed) = (HashWriter::default(), HashWriter::default());
    for (source, Frame { picture, time, .. }) in frames {
        let time =
            u64::try_from(time).map_err(|_| format!("a frame begins before the film, at tick {time}"))?;
        let pixels = (pixels(&source)?, pixels(&picture)?);
        decoded.write_all(&pixels.0).and_then(|()| dreamed.write_all(&pixels.1)).map_err(said)?;
        writer.frame(time, &pixels.1).map_err(said)?;
    }
    writer.flush().map_err(said)?;
    Ok(Digests { decoded: decoded.finish(), dreamed: dreamed.finish() })
}
