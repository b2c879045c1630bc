//! Finds what is known of frames before they are dreamed, on its own thread, while earlier frames are dreamed.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::trail::{Key, Leg, Trail};
use crate::carry::Junction;
use crate::extent::Extent;
use crate::film::{Frame, Frames};
use crate::studio::JobError;

/// Legs in progress, one ahead of their consumer. Dropping this before the last leg stops the work.
pub(super) struct Scout {
    found: Option<Receiver<Result<Leg, JobError>>>,
    thread: Option<JoinHandle<Option<String>>>,
    complaint: Option<String>,
}

impl Scout {
    /// Begins with the next frame of a source and resizes all frames to this size. Without a `trail`, every frame
    /// is a leg and a shot of its own.
    pub(super) fn start(coming: Frames, size: Extent, trail: Option<Trail>) -> Self {
        // One leg is ready while another is dreamed; more would add to the delay of a camera's pictures.
        let (sender, found) = sync_channel(0);
        let thread = thread::spawn(move || {
            let mut way = Way { coming, size, trail, ready: VecDeque::new(), ended: false, failed: None };
            way.go(&sender);
            way.coming.complaint().map(str::to_owned)
        });
        Self { found: Some(found), thread: Some(thread), complaint: None }
    }

    /// The next leg, if it is there already.
    ///
    /// # Errors
    /// Those of [`Scout::next`].
    pub(super) fn ready(&self) -> Option<Result<Leg, JobError>> {
        self.found.as_ref()?.try_recv().ok()
    }

    /// The next leg; `None` after the last.
    ///
    /// # Errors
    /// The source's, once all frames before the error have been taken; the machine's own.
    pub(super) fn next(&mut self) -> Result<Option<Leg>, JobError> {
        match self.found.as_ref().map(Receiver::recv) {
            Some(Ok(leg)) => leg.map(Some),
            // The thread has ended; its result is available now.
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

    /// Why frames may be missing or damaged; known after the last.
    pub(super) fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }
}

impl Drop for Scout {
    fn drop(&mut self) {
        // The order matters: dropping the receiver releases a thread that is waiting to send.
        self.found = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The part of the scout that runs on its thread.
struct Way {
    coming: Frames,
    size: Extent,
    trail: Option<Trail>,
    /// Frames that were read ahead.
    ready: VecDeque<Frame>,
    /// Whether there is nothing more to read.
    ended: bool,
    /// The error that ended reading, if any.
    failed: Option<JobError>,
}

impl Way {
    /// Runs to the end, or until the receiver is dropped.
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

    /// Reads another frame and returns the legs that it completes; `None` after the last frame.
    fn legs(&mut self) -> Result<Option<Vec<Leg>>, JobError> {
        // Telling a cut from a flash takes the frame after it.
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

    /// The next frame, resized to the film's size.
    fn read(&mut self) -> Result<Option<Frame>, JobError> {
        let Some(frame) = self.coming.next_frame()? else { return Ok(None) };
        Ok(Some(Frame { picture: frame.picture.into_resized(self.size)?, ..frame }))
    }
}
