//! Decodes a film's frames in order; ffmpeg runs ahead of the consumer.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::frame::{Facts, Frame, unpack};
use super::input::Input;
use super::nut::{Layout, Reader};
use super::probe::{Footage, without_name};
use super::process::Process;
use super::span::Span;
use super::{AHEAD, FilmError};

/// The frames of a film in order. Dropping this before the last frame ends ffmpeg.
#[derive(Debug)]
pub(super) struct Decoder {
    path: PathBuf,
    process: Process,
    arriving: Option<Receiver<io::Result<Frame>>>,
    thread: Option<JoinHandle<()>>,
    facts: Facts,
    /// The number of frames that were taken.
    taken: usize,
    /// What ffmpeg complained about although it finished.
    complaint: Option<String>,
}

impl Decoder {
    /// Begins to decode.
    ///
    /// # Errors
    /// ffmpeg cannot be started, or finds nothing to decode.
    pub(super) fn start(footage: &Footage, span: Span) -> Result<Self, FilmError> {
        let mut process = Process::start(decoding(footage, &Input::File(&footage.path), span)?)?;
        let damaged = |reason: String| FilmError::Damaged { path: footage.path.clone(), frames: 0, reason };
        let pipe = process.output().ok_or_else(|| damaged("ffmpeg has no pipe".to_owned()))?;
        let reader = match Reader::begin(BufReader::with_capacity(1 << 16, pipe)) {
            Ok(Some(reader)) => reader,
            Ok(None) => {
                return Err(damaged(ended(
                    &mut process,
                    &footage.path,
                    &io::ErrorKind::UnexpectedEof.into(),
                )));
            }
            Err(error) => return Err(damaged(ended(&mut process, &footage.path, &error))),
        };
        let stream = reader.stream();
        let facts = Facts { size: stream.size, time_base: stream.time_base, aspect: stream.aspect };
        let (sender, arriving) = sync_channel(AHEAD);
        let thread = thread::spawn(move || decode(reader, &sender));
        let (arriving, thread, path) = (Some(arriving), Some(thread), footage.path.clone());
        Ok(Self { path, process, arriving, thread, facts, taken: 0, complaint: None })
    }

    /// The properties common to all frames.
    pub(super) fn facts(&self) -> Facts {
        self.facts
    }

    /// What ffmpeg complained about although it finished: to ffmpeg, a truncated file is no error.
    pub(super) fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// The film ends early, or its frame size changes.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, FilmError> {
        let reason = match self.arriving.as_ref().map(Receiver::recv) {
            Some(Ok(Ok(frame))) => {
                self.taken += 1;
                return Ok(Some(frame));
            }
            Some(Ok(Err(error))) => ended(&mut self.process, &self.path, &error),
            // ffmpeg has ended; its status is available now.
            _ => match self.process.finish() {
                Ok(complaint) => {
                    self.complaint = Some(without_name(&complaint, &self.path)).filter(|it| !it.is_empty());
                    return Ok(None);
                }
                Err(complaint) => without_name(&complaint, &self.path),
            },
        };
        Err(FilmError::Damaged { path: self.path.clone(), frames: self.taken, reason })
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // The order matters: this releases a thread that waits for ffmpeg or for the consumer.
        self.process.kill();
        self.arriving = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The command that decodes a film.
pub(super) fn decoding(footage: &Footage, from: &Input<'_>, span: Span) -> Result<Command, FilmError> {
    footage.check_light()?;
    let pictures = &footage.pictures;
    let mut command = footage.programs.ffmpeg();
    // Times are kept as they are in the file, and every frame is output once.
    command.arg("-copyts");
    match pictures.decoder {
        Some(decoder) => from.name_to(&mut command, &[&format!("-c:{}", pictures.index), decoder]),
        None => from.name_to(&mut command, &[]),
    }
    command.args(["-map", &format!("0:{}", pictures.index), "-fps_mode", "passthrough"]);
    // Otherwise ffmpeg would scale frames of a new size to the first size, and distort them.
    command.args(["-autoscale", "0", "-enc_time_base", &pictures.time_base.to_string()]);
    let whole = pictures.interlaced.then(|| "bwdif=mode=send_frame".to_owned());
    let filters = whole.into_iter().chain(span.filter(footage.beginning)).chain([pictures.colour.decoding()]);
    command.args(["-vf", &filters.collect::<Vec<_>>().join(",")]);
    let format = Layout::of(pictures.colour.deep, pictures.colour.alpha).name();
    command.args(["-c:v", "rawvideo", "-pix_fmt", format, "-f", "nut", "pipe:1"]);
    command.stdout(Stdio::piped());
    Ok(command)
}

/// ffmpeg's last message, if it ended by itself; otherwise what is wrong with its output.
fn ended(process: &mut Process, path: &Path, error: &io::Error) -> String {
    if error.kind() != io::ErrorKind::UnexpectedEof {
        process.kill();
        return error.to_string();
    }
    match process.finish() {
        Err(complaint) => without_name(&complaint, path),
        Ok(_) => "there are no more frames".to_owned(),
    }
}

/// Reads to the end, or until the consumer is dropped.
fn decode(mut reader: Reader<BufReader<ChildStdout>>, to: &SyncSender<io::Result<Frame>>) {
    let stream = reader.stream();
    loop {
        let frame = match reader.next() {
            Ok(None) => return,
            Ok(Some((time, pixels))) => unpack(&pixels, stream.size, stream.layout)
                .map(|picture| Frame { picture, time, lasts: None })
                .map_err(io::Error::other),
            Err(error) => Err(error),
        };
        let is_last = frame.is_err();
        if to.send(frame).is_err() || is_last {
            return;
        }
    }
}
