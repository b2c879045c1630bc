//! Frames into a file: ffmpeg encodes behind whoever hands them over.

use std::io::{self, BufWriter};
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
use super::{AHEAD, FilmError};

/// Encodes frames, in order. Dropped before its end, it ends ffmpeg.
#[derive(Debug)]
pub(super) struct Encoder {
    process: Process,
    queue: Option<SyncSender<Frame>>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Encoder {
    /// Begins a file of pictures alone, all of this size.
    pub(super) fn start(
        programs: &Programs,
        encoding: Encoding,
        colour: &Colour,
        facts: Facts,
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
        command.args(encoding.arguments(colour.deep, colour.alpha));
        command.args(["-f", encoding.reel(colour.alpha)]).arg(file(to));
        let mut process = Process::start(command)?;
        let unwritable = || FilmError::Unwritable { reason: "ffmpeg has no pipe".to_owned() };
        let pipe = process.input().ok_or_else(unwritable)?;
        let (queue, waiting) = sync_channel(AHEAD);
        let thread = thread::spawn(move || encode(pipe, stream, &waiting));
        Ok(Self { process, queue: Some(queue), thread: Some(thread) })
    }

    /// Hands over the next frame.
    ///
    /// # Errors
    /// ffmpeg takes no more.
    pub(super) fn push(&mut self, frame: Frame) -> Result<(), FilmError> {
        if self.queue.as_ref().is_some_and(|queue| queue.send(frame).is_ok()) {
            return Ok(());
        }
        Err(self.end().err().unwrap_or_else(|| refused("ffmpeg takes no more frames".to_owned())))
    }

    /// Brings the file to its end.
    ///
    /// # Errors
    /// ffmpeg could not.
    pub(super) fn finish(mut self) -> Result<(), FilmError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), FilmError> {
        self.queue = None;
        let written = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        let written = written.unwrap_or_else(|_| Err("the frames could not be handed over".to_owned()));
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
fn encode(pipe: ChildStdin, stream: Stream, frames: &Receiver<Frame>) -> Result<(), String> {
    let said = |error: io::Error| error.to_string();
    let mut writer = Writer::begin(BufWriter::with_capacity(1 << 16, pipe), stream).map_err(said)?;
    for Frame { picture, time, .. } in frames {
        let time =
            u64::try_from(time).map_err(|_| format!("a frame begins before the film, at tick {time}"))?;
        let pixels = pack(&picture, stream.size, stream.layout).map_err(|error| error.to_string())?;
        writer.frame(time, &pixels).map_err(said)?;
    }
    writer.flush().map_err(said)
}
