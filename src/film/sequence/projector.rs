//! The frames of a sequence in order, read ahead of the consumer.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::{Pictures, Sequence, check_frame};
use crate::film::frame::{Facts, Frame};
use crate::film::span::Span;
use crate::film::{AHEAD, FilmError};
use crate::picture::Picture;

/// The frames of a sequence in order. Dropping this before the last frame stops the reading.
#[derive(Debug)]
pub(in crate::film) struct Projector {
    facts: Facts,
    arriving: Option<Receiver<Result<Frame, FilmError>>>,
    thread: Option<JoinHandle<()>>,
}

impl Projector {
    /// Begins to read.
    pub(in crate::film) fn start(sequence: &Sequence, span: Span) -> Self {
        let facts = sequence.facts();
        let (sender, arriving) = sync_channel(AHEAD);
        let sequence = sequence.clone();
        let thread = thread::spawn(move || {
            if let Err(error) = show(&sequence, span, &sender) {
                // If this fails, the consumer is gone, and the error does not matter.
                let _ = sender.send(Err(error));
            }
        });
        Self { facts, arriving: Some(arriving), thread: Some(thread) }
    }

    pub(in crate::film) fn facts(&self) -> Facts {
        self.facts
    }

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// A picture cannot be read, or has another size than the first.
    pub(in crate::film) fn next_frame(&mut self) -> Result<Option<Frame>, FilmError> {
        self.arriving.as_ref().and_then(|arriving| arriving.recv().ok()).transpose()
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        // The order matters: dropping the receiver releases a thread that is waiting to send.
        self.arriving = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads to the end, or until the consumer is dropped.
fn show(sequence: &Sequence, span: Span, to: &SyncSender<Result<Frame, FilmError>>) -> Result<(), FilmError> {
    let inside = sequence.inside(span);
    let show = |number: usize, picture: Picture| -> Result<bool, FilmError> {
        let (time, end) = (sequence.times[number], sequence.times[number + 1]);
        Ok(to.send(Ok(Frame { picture, time, lasts: Some(end - time) })).is_ok())
    };
    match &sequence.pictures {
        Pictures::Files(files) => {
            for number in inside {
                let picture = Picture::open(&files[number]).map_err(Box::new)?;
                check_frame(&files[number], picture.extent(), sequence.size)?;
                if !show(number, picture)? {
                    break;
                }
            }
        }
        Pictures::Animation(animation) => {
            // Each frame is painted over the one before, so frames before the requested ones have to be read as
            // well.
            for (number, picture) in animation.pictures()?.enumerate().take(inside.end) {
                if number >= inside.start && !show(number, picture?)? {
                    break;
                }
            }
        }
    }
    Ok(())
}
