//! What a frame's dream begins with: which frames are one shot, and what of the last frame's dream is carried into the next.

use crate::carry::{Carrier, Junction, Kept, Law, Motion, Shots, Tracker};
use crate::dream::{Carried, Config, Dream, PerOctave};
use crate::film::Marks;
use crate::machine::{Machine, MachineError};
use crate::picture::Picture;

use super::JobError;

/// How the frames of a film become one dream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carrying {
    /// The part of what a dream added that stays from one frame to the next, 0 to 1; with 0 every frame is dreamed alone.
    pub carry: f32,
    /// Iterations of a frame that goes on with the last one's dream, in the largest octave; at least 1. The others have one.
    pub per_frame: usize,
}

impl Default for Carrying {
    fn default() -> Self {
        Self { carry: 0.99, per_frame: 4 }
    }
}

impl Carrying {
    /// Whether anything is carried.
    pub(super) fn is_wanted(self) -> bool {
        self.carry > 0.0
    }

    /// The settings of a frame that goes on, where these are those of a still.
    fn later(self, still: &Config, octaves: usize) -> Config {
        let iterations = |octave| {
            let wanted = if octave + 1 == octaves { self.per_frame } else { 1 };
            wanted.min(*still.iterations.at(octave))
        };
        Config { iterations: PerOctave::new((0..octaves).map(iterations).collect()), ..still.clone() }
    }
}

/// A film's dream from frame to frame.
#[derive(Debug)]
pub(super) struct Continuity {
    tracker: Tracker,
    carrier: Carrier,
    shots: Shots,
    /// Given beginnings of shots; `None` if they are looked for.
    marks: Option<Marks>,
    /// What the first frame of a shot is dreamed by, and the others.
    still: Config,
    later: Config,
    /// The last frame of the shot.
    last: Option<Picture>,
    /// Whether the frame at hand is the shot's.
    is_part: bool,
}

/// Where a frame stands among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standpoint<'a> {
    /// Its number in the part that is dreamed, from 0.
    pub(super) number: usize,
    /// When the one before it is shown, and when it is.
    pub(super) times: (i64, i64),
    /// The frame after it.
    pub(super) next: Option<&'a Picture>,
}

/// What a frame begins with.
pub(super) struct Beginning<'a> {
    /// What is carried into it, if anything is.
    pub(super) carried: Option<Carried>,
    /// The settings that it is dreamed by.
    pub(super) config: &'a Config,
    /// Whether it is the first of a shot.
    pub(super) is_cut: bool,
}

impl Continuity {
    /// For frames of this dream.
    ///
    /// # Errors
    /// The machine's, for frames too large for it.
    pub(super) fn new(
        machine: &dyn Machine,
        dream: &Dream,
        carrying: Carrying,
        marks: Option<Marks>,
    ) -> Result<Self, MachineError> {
        let (octaves, still) = (dream.octave_sizes(), dream.config().clone());
        let later = carrying.later(&still, octaves.len());
        let share = |octave| *still.iterations.at(octave) as f32 / *later.iterations.at(octave) as f32;
        let law = Law { carry: carrying.carry, shares: (0..octaves.len()).map(share).collect() };
        let tracker = Tracker::new(machine, octaves[octaves.len() - 1])?;
        let carrier = Carrier::new(law, octaves);
        let shots = Shots::default();
        Ok(Self { tracker, carrier, shots, marks, still, later, last: None, is_part: true })
    }

    /// What a frame's dream begins with.
    ///
    /// # Errors
    /// The machine's.
    pub(super) fn begin(
        &mut self,
        frame: &Picture,
        stand: &Standpoint<'_>,
    ) -> Result<Beginning<'_>, JobError> {
        let junction = self.junction(frame, stand);
        self.is_part = junction != Junction::Interrupted;
        if junction == Junction::Cut {
            self.carrier.cut();
            self.last = None;
        }
        let motion = match &self.last {
            Some(last) if self.is_part => self.tracker.motion(last, frame)?,
            _ => Motion::none(frame.extent()),
        };
        let carried = self.carrier.begin(frame, &motion)?;
        if self.is_part {
            self.last = Some(frame.clone());
        }
        let config = if carried.is_some() { &self.later } else { &self.still };
        Ok(Beginning { carried, config, is_cut: junction == Junction::Cut })
    }

    /// Takes in what the frame's dream came to.
    pub(super) fn keep(&mut self, frame: &Picture, dream: &Picture) {
        if self.is_part {
            self.carrier.keep(frame, dream);
        }
    }

    /// What goes into the next frame, if anything does: the last frame of the shot, and what is carried.
    pub(super) fn kept(&self) -> Option<(&Picture, Kept)> {
        Some((self.last.as_ref()?, self.carrier.kept()?))
    }

    /// Goes on with what was kept of the same dream. Whether that is of its size.
    pub(super) fn take_up(&mut self, last: Picture, kept: Kept) -> bool {
        self.shots = Shots::after(&last);
        self.last = Some(last);
        self.carrier.take_up(kept)
    }

    /// What a frame is to the one before.
    pub(super) fn junction(&mut self, frame: &Picture, stand: &Standpoint<'_>) -> Junction {
        match &self.marks {
            None => self.shots.join(frame, stand.next),
            Some(marks) if stand.number == 0 || marks.begin(stand.number, stand.times) => Junction::Cut,
            Some(_) => Junction::GoesOn,
        }
    }
}
