//! What is known of frames before they are dreamed, found on a thread of its own while the frames before them are dreamed.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::trail::{Key, Leg, Trail};
use crate::carry::Junction;
use crate::extent::Extent;
use crate::film::{Frame, Frames};
use crate::studio::JobError;

/// Legs in progress, one ahead of their consumer. If this is dropped before the last, the work stops.
pub(super) struct Scout {
    found: Option<Receiver<Result<Leg, JobError>>>,
    thread: Option<JoinHandle<Option<String>>>,
    complaint: Option<String>,
}

impl Scout {
    /// Begins with the next frame of a source, all in this size. Without a `trail` every frame is a leg, of a shot of its own.
    pub(super) fn start(coming: Frames, size: Extent, trail: Option<Trail>) -> Self {
        // One leg is ready while another is dreamed; more would delay what a camera shows.
        let (sender, found) = sync_channel(0);
        let thread = thread::spawn(move || {
            let mut way = Way { coming, size, trail, ready: VecDeque::new(), ended: false, failed: None };
            way.go(&sender);
            way.coming.complaint().map(str::to_owned)
        });
        Self { found: Some(found), thread: Some(thread), complaint: None }
    }

    /// The next leg; `None` after the last.
    ///
    /// # Errors
    /// The source's, once all frames before it are taken; the machine's.
    pub(super) fn next(&mut self) -> Result<Option<Leg>, JobError> {
        match self.found.as_ref().map(Receiver::recv) {
            Some(Ok(leg)) => leg.map(Some),
            // The thread has ended; now it is known how.
            _ => {
                match self.thread.take().map(JoinHandle::join) {
                    Some(Err(panic)) => resume_unwind(panic),
                    Some(Ok(complaint)) => self.complaint = complaint,
                    None => {}
                }
                Ok(None)
            }
        }
    }

    /// Why there may be fewer frames than there should be, or damaged ones; known after the last.
    pub(super) fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }
}

impl Drop for Scout {
    fn drop(&mut self) {
        // In this order: a thread that waits to be heard is let go.
        self.found = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The scout's own view of its way.
struct Way {
    coming: Frames,
    size: Extent,
    trail: Option<Trail>,
    /// Frames that were read ahead.
    ready: VecDeque<Frame>,
    /// Whether no more can be read.
    ended: bool,
    /// Why there are no more.
    failed: Option<JobError>,
}

impl Way {
    /// Goes to the end, or until nobody listens.
    fn go(&mut self, to: &SyncSender<Result<Leg, JobError>>) {
        loop {
            let legs = match self.legs() {
                Ok(Some(legs)) => legs,
                Ok(None) => break,
                Err(error) => {
                    let _ = to.send(Err(error));
                    return;
                }
            };
            for leg in legs {
                if to.send(Ok(leg)).is_err() {
                    return;
                }
            }
        }
        // An error in a frame is reported once all frames before it are dreamed.
        let rest = self.trail.as_mut().map_or(Ok(None), Trail::rest);
        for said in rest.transpose().into_iter().chain(self.failed.take().map(Err)) {
            if to.send(said).is_err() {
                return;
            }
        }
    }

    /// What another frame makes known; `None` after the last.
    fn legs(&mut self) -> Result<Option<Vec<Leg>>, JobError> {
        // Whether a frame is a cut or a flash is known by the one after it.
        let wanted = if self.trail.is_some() { 2 } else { 1 };
        while self.ready.len() < wanted && !self.ended {
            let read = self.read();
            self.ended = !matches!(read, Ok(Some(_)));
            match read {
                Ok(frame) => self.ready.extend(frame),
                Err(error) => self.failed = Some(error),
            }
        }
        let Some(frame) = self.ready.pop_front() else { return Ok(None) };
        let next = self.ready.front().map(|next| &next.picture);
        Ok(Some(match &mut self.trail {
            Some(trail) => trail.take(frame, next)?,
            None => {
                let key = Key { frame, junction: Junction::GoesOn, motion: None };
                vec![Leg { between: Vec::new(), key }]
            }
        }))
    }

    /// The next frame, in the film's size.
    fn read(&mut self) -> Result<Option<Frame>, JobError> {
        let Some(frame) = self.coming.next_frame()? else { return Ok(None) };
        Ok(Some(Frame { picture: frame.picture.into_resized(self.size)?, ..frame }))
    }
}
