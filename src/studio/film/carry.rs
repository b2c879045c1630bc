//! What a frame's dream begins with: the part of the last frame's dream that is carried into it.

use super::JobError;
use super::carrying::Carrying;
use super::trail::{Between, Key};
use crate::carry::{Carrier, Junction, Kept, Law, Motion};
use crate::device::host;
use crate::dream::{Carried, Config, Dream, PerOctave};
use crate::machine::{Machine, Reading};
use crate::picture::Picture;

/// The settings of a frame that continues a shot, given those of a still.
fn later(carrying: &Carrying, still: &Config, octaves: usize) -> Config {
    let iterations = |octave| {
        let is_largest = octave + 1 == octaves;
        let wanted = if is_largest { carrying.per_frame } else { (carrying.per_frame / 4).max(1) };
        wanted.min(*still.iterations.at(octave))
    };
    Config { iterations: PerOctave::new((0..octaves).map(iterations).collect()), ..still.clone() }
}

/// The state of a film's dream between frames.
#[derive(Debug)]
pub(super) struct Continuity {
    carrier: Carrier,
    /// The settings for the first frame of a shot, and for the others.
    still: Config,
    later: Config,
    /// The last frame of the shot.
    last: Option<Picture>,
}

/// What a frame begins with.
pub(super) struct Beginning<'a> {
    /// What is carried into it, if anything is.
    pub(super) carried: Option<Carried>,
    /// The settings that it is dreamed by.
    pub(super) config: &'a Config,
}

impl Continuity {
    /// For frames of this dream. `machine` should be the machine that holds the dream's pictures, unless the dream
    /// is in tiles.
    ///
    /// # Errors
    /// The machine's, for frames too large for it.
    pub(super) fn new(machine: &dyn Machine, dream: &Dream, carrying: &Carrying) -> Result<Self, JobError> {
        let (octaves, still) = (dream.octave_sizes(), dream.config().clone());
        let mean = still.mean;
        let later = later(carrying, &still, octaves.len());
        let share = |octave| *still.iterations.at(octave) as f32 / *later.iterations.at(octave) as f32;
        let law = Law { carry: carrying.carry, shares: (0..octaves.len()).map(share).collect() };
        let carrier = match dream.memory().tiles {
            Some(_) => Carrier::new(&*host()?, law, octaves, mean)?,
            None => Carrier::new(machine, law, octaves, mean)?,
        };
        Ok(Self { carrier, still, later, last: None })
    }

    /// What a frame's dream begins with.
    ///
    /// # Errors
    /// The machine's own.
    pub(super) fn begin(&mut self, key: &Key) -> Result<Beginning<'_>, JobError> {
        let source = &key.frame.picture;
        if key.junction == Junction::Cut {
            self.carrier.cut();
            self.last = None;
        }
        let carried = match &key.motion {
            Some(motion) => self.carrier.begin(source, motion)?,
            None => self.carrier.begin(source, &Motion::none(source.extent()))?,
        };
        let config = if carried.is_some() { &self.later } else { &self.still };
        Ok(Beginning { carried, config })
    }

    /// Takes the result of the frame's dream from the dream. Returns what is shown of it.
    ///
    /// # Errors
    /// The machine's own.
    pub(super) fn dreamed(&mut self, dream: &mut Dream) -> Result<Reading, JobError> {
        Ok(self.carrier.dreamed(&dream.hand_on()?)?)
    }

    /// Returns the dream of a frame that lies between the last one kept and the current one, which has been
    /// dreamed by now. Like a dream, it is still to be laid over the frame.
    ///
    /// # Errors
    /// The machine's own.
    pub(super) fn between(&mut self, between: &Between, way: f32) -> Result<Reading, JobError> {
        Ok(self.carrier.between(&between.frame.picture, &between.sides, way)?)
    }

    /// Makes the current frame the last one, once it is dreamed, unless it only interrupts the shot.
    ///
    /// # Errors
    /// The machine's own.
    pub(super) fn keep(&mut self, key: &Key) -> Result<(), JobError> {
        if key.junction != Junction::Interrupted {
            self.carrier.keep()?;
            self.last = Some(key.frame.picture.clone());
        }
        Ok(())
    }

    /// What is passed on to the next frame, if anything is: the last frame of the shot, and what is carried.
    ///
    /// # Errors
    /// The machine's own.
    pub(super) fn kept(&mut self) -> Result<Option<(&Picture, Kept)>, JobError> {
        let kept = self.carrier.kept()?;
        Ok(self.last.as_ref().zip(kept))
    }

    /// Continues with the kept state of the same dream. Returns whether that state has the right size.
    ///
    /// # Errors
    /// The machine's own.
    pub(super) fn take_up(&mut self, last: Picture, kept: Kept) -> Result<bool, JobError> {
        self.last = Some(last);
        Ok(self.carrier.take_up(kept)?)
    }
}
