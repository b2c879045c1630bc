//! Follows a film's shots: which frames belong to one shot, which of them are to be dreamed, and how they move.

use crate::carry::{Junction, Motion, Shots, Tracker};
use crate::film::{Frame, Marks};
use crate::picture::Picture;
use crate::studio::JobError;

/// The largest number of frames in a segment, and so the largest loss when a film is stopped.
pub(super) const LONGEST: usize = 250;

/// A frame that is to be dreamed, and the frames since the previous such one.
pub(super) struct Leg {
    /// The frames between the two, in order.
    pub(super) between: Vec<Between>,
    pub(super) key: Key,
}

/// A frame that is to be dreamed.
pub(super) struct Key {
    pub(super) frame: Frame,
    pub(super) junction: Junction,
    /// The motion since the last key of the shot; `None` if there is none, or if nothing is carried.
    pub(super) motion: Option<Motion>,
}

/// A frame that is not dreamed.
pub(super) struct Between {
    pub(super) frame: Frame,
    /// The motions from it to the key before and to the key after.
    pub(super) sides: [Motion; 2],
}

/// What has to be found out about the frames of a shot.
pub(super) struct Trail {
    tracker: Tracker,
    shots: Shots,
    /// The given beginnings of shots; `None` if they are to be detected.
    marks: Option<Marks>,
    /// The largest number of frames in a leg.
    every: usize,
    /// For how many more legs motion is found.
    legs: usize,
    /// The last key of the shot.
    last: Option<Picture>,
    /// The frames since then.
    since: Vec<Frame>,
    /// The number of the next frame in the part that is dreamed, from 0.
    number: usize,
    /// The time of the frame before it.
    before: i64,
    /// The number of frames in the current segment so far.
    segment: usize,
}

impl Trail {
    /// Begins with the first frame, with at most `every` frames to a leg.
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

    /// Continues after this many frames. `last` is the last frame of the shot, if the shot continues; `before` is
    /// the time of the last frame.
    pub(super) fn after(self, frames: usize, last: Option<Picture>, before: i64) -> Self {
        let shots = last.as_ref().map_or(self.shots, Shots::after);
        Self { shots, last, number: frames, before, ..self }
    }

    /// Finds motion for the first legs only.
    pub(super) fn with_legs(self, legs: usize) -> Self {
        Self { legs, ..self }
    }

    /// Takes a frame, and looks at the one after it. Returns the legs that are complete now.
    pub(super) fn take(&mut self, frame: Frame, next: Option<&Picture>) -> Result<Vec<Leg>, JobError> {
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

    /// How a frame relates to the one before.
    fn junction(&mut self, frame: &Frame, next: Option<&Picture>) -> Junction {
        match &self.marks {
            None => self.shots.join(&frame.picture, next),
            Some(marks) if self.number == 0 || marks.begin(self.number, (self.before, frame.time)) => {
                Junction::Cut
            }
            Some(_) => Junction::GoesOn,
        }
    }

    /// The leg that ends with the frames taken last, if there are any.
    pub(super) fn rest(&mut self) -> Result<Option<Leg>, JobError> {
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
