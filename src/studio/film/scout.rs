//! What is known of frames before they are dreamed: which are one shot, which of them are to be dreamed, and how they move.
//! Found on a thread of its own, while the frames before them are dreamed.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::carry::{Junction, Motion, Shots, Tracker};
use crate::extent::Extent;
use crate::film::{Frame, Frames, Marks};
use crate::picture::Picture;
use crate::studio::JobError;

/// The most frames of a segment: what a stop may cost.
pub(super) const LONGEST: usize = 250;

/// A frame that is to be dreamed, and those since the last such one.
pub(super) struct Leg {
    /// What lies between the two, in order.
    pub(super) between: Vec<Between>,
    pub(super) key: Key,
}

/// A frame that is to be dreamed.
pub(super) struct Key {
    pub(super) frame: Frame,
    pub(super) junction: Junction,
    /// Since the last key of the shot; `None` where there is none, or nothing is carried.
    pub(super) motion: Option<Motion>,
}

/// A frame that is not dreamed.
pub(super) struct Between {
    pub(super) frame: Frame,
    /// From it to the key before it, and to the one after.
    pub(super) sides: [Motion; 2],
}

/// What is to be found out of the frames of a shot.
pub(super) struct Trail {
    tracker: Tracker,
    shots: Shots,
    /// Given beginnings of shots; `None` if they are looked for.
    marks: Option<Marks>,
    /// How many frames a leg has at most.
    every: usize,
    /// For how many legs more motion is found.
    legs: usize,
    /// The last key of the shot.
    last: Option<Picture>,
    /// What came since.
    since: Vec<Frame>,
    /// The number of the next frame in the part that is dreamed, from 0.
    number: usize,
    /// When the one before it is shown.
    before: i64,
    /// How many frames of the segment there are.
    segment: usize,
}

impl Trail {
    /// From the first frame on, with `every` frames to a leg at most.
    pub(super) fn new(tracker: Tracker, marks: Option<Marks>, every: usize) -> Self {
        let (last, since) = (None, Vec::new());
        Self {
            tracker,
            shots: Shots::default(),
            marks,
            every,
            legs: usize::MAX,
            last,
            since,
            number: 0,
            before: 0,
            segment: 0,
        }
    }

    /// After so many frames, of which the last of a shot, if it goes on, and the time of the last are given.
    pub(super) fn after(self, frames: usize, last: Option<Picture>, before: i64) -> Self {
        let shots = last.as_ref().map_or(self.shots, Shots::after);
        Self { shots, last, number: frames, before, ..self }
    }

    /// Finds motion for the first legs only.
    pub(super) fn with_legs(self, legs: usize) -> Self {
        Self { legs, ..self }
    }

    /// Takes a frame, and the one after it. The legs that are known now.
    fn take(&mut self, frame: Frame, next: Option<&Picture>) -> Result<Vec<Leg>, JobError> {
        let junction = self.junction(&frame, next);
        (self.number, self.before) = (self.number + 1, frame.time);
        let mut legs = Vec::new();
        if junction == Junction::GoesOn {
            self.since.push(frame);
        } else {
            legs.extend(self.rest()?);
            if junction == Junction::Cut {
                (self.last, self.segment) = (Some(frame.picture.clone()), 0);
            }
            legs.push(Leg { between: Vec::new(), key: Key { frame, junction, motion: None } });
        }
        self.segment += 1;
        let is_whole = self.segment == LONGEST;
        if is_whole {
            self.segment = 0;
        }
        if is_whole || self.since.len() == self.every {
            legs.extend(self.rest()?);
        }
        Ok(legs)
    }

    /// What a frame is to the one before.
    fn junction(&mut self, frame: &Frame, next: Option<&Picture>) -> Junction {
        match &self.marks {
            None => self.shots.join(&frame.picture, next),
            Some(marks) if self.number == 0 || marks.begin(self.number, (self.before, frame.time)) => {
                Junction::Cut
            }
            Some(_) => Junction::GoesOn,
        }
    }

    /// The leg that ends with what came last, if anything did.
    fn rest(&mut self) -> Result<Option<Leg>, JobError> {
        let mut since = std::mem::take(&mut self.since);
        let Some(frame) = since.pop() else { return Ok(None) };
        let last = self.last.replace(frame.picture.clone());
        let Some(last) = last.filter(|_| self.legs > 0) else {
            let none = |frame: Frame| {
                let size = frame.picture.extent();
                Between { frame, sides: [Motion::none(size), Motion::none(size)] }
            };
            let key = Key { frame, junction: Junction::GoesOn, motion: None };
            return Ok(Some(Leg { between: since.into_iter().map(none).collect(), key }));
        };
        self.legs -= 1;
        let tracker = &mut self.tracker;
        let motion = Some(tracker.motion(&last, &frame.picture)?);
        let mut between = Vec::new();
        for other in since {
            let before = tracker.motion(&last, &other.picture)?;
            let after = tracker.motion(&frame.picture, &other.picture)?;
            between.push(Between { frame: other, sides: [before, after] });
        }
        Ok(Some(Leg { between, key: Key { frame, junction: Junction::GoesOn, motion } }))
    }
}

/// Legs on their way, one ahead of whoever takes them. Dropped before the last, nothing goes on.
pub(super) struct Scout {
    found: Option<Receiver<Result<Leg, JobError>>>,
    thread: Option<JoinHandle<Option<String>>>,
    complaint: Option<String>,
}

impl Scout {
    /// Begins with the next frame of a source, all in this size. Without a `trail` every frame is a leg, of a shot of its own.
    pub(super) fn start(coming: Frames, size: Extent, trail: Option<Trail>) -> Self {
        // One leg is ready while another is dreamed; more would be late for whoever stands before a camera.
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
        // What is wrong with a frame is said once all before it are dreamed.
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
