//! Frames into a file: ffmpeg encodes behind their producer.

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

/// Encodes frames, in order. Dropped before its end, it ends ffmpeg.
#[derive(Debug)]
pub(super) struct Encoder {
    process: Process,
    queue: Option<SyncSender<(Picture, Frame)>>,
    thread: Option<JoinHandle<Result<Digests, String>>>,
}

/// SHA-256 of the pixels of frames in order, as they go through pipes: of what they were, and of what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of the source's frames, in the film's size.
    pub decoded: String,
    /// Of the film's, before they were encoded.
    pub dreamed: String,
}

impl Encoder {
    /// Begins a segment, in which all pictures are of this size, and usually so many are shown in so many seconds. The
    /// encoder is to think the same of all segments of a film: their header is one.
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

    /// Hands over the next frame, and what it was before.
    ///
    /// # Errors
    /// ffmpeg takes no more.
    pub(super) fn push(&mut self, source: Picture, frame: Frame) -> Result<(), FilmError> {
        if self.queue.as_ref().is_some_and(|queue| queue.send((source, frame)).is_ok()) {
            return Ok(());
        }
        Err(self.end().err().unwrap_or_else(|| refused("ffmpeg takes no more frames".to_owned())))
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// ffmpeg could not.
    pub(super) fn finish(mut self) -> Result<Digests, FilmError> {
        self.end()
    }

    fn end(&mut self) -> Result<Digests, FilmError> {
        self.queue = None;
        let written = self.thread.take().and_then(|thread| thread.join().ok());
        let written = written.unwrap_or_else(|| Err("the frames could not be handed over".to_owned()));
        // Where ffmpeg has ended, its own words say more than that the pipe is broken.
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

/// Writes what comes until nothing more does. The pipe is closed then, which is the end for ffmpeg.
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
