//! What a frame's dream begins with: what of the last frame's dream is carried into the next.

use super::JobError;
use super::carrying::Carrying;
use super::trail::{Between, Key};
use crate::carry::{Carrier, Junction, Kept, Law, Motion};
use crate::dream::{Carried, Config, Dream, PerOctave};
use crate::picture::Picture;

/// The settings of a frame that goes on, where these are those of a still.
fn later(carrying: &Carrying, still: &Config, octaves: usize) -> Config {
    let iterations = |octave| {
        let is_largest = octave + 1 == octaves;
        let wanted = if is_largest { carrying.per_frame } else { carrying.per_frame.div_ceil(4) };
        wanted.min(*still.iterations.at(octave))
    };
    Config { iterations: PerOctave::new((0..octaves).map(iterations).collect()), ..still.clone() }
}

/// A film's dream from frame to frame.
#[derive(Debug)]
pub(super) struct Continuity {
    carrier: Carrier,
    /// What the first frame of a shot is dreamed by, and the others.
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
    /// For frames of this dream.
    pub(super) fn new(dream: &Dream, carrying: &Carrying) -> Self {
        let (octaves, still) = (dream.octave_sizes(), dream.config().clone());
        let later = later(carrying, &still, octaves.len());
        let share = |octave| *still.iterations.at(octave) as f32 / *later.iterations.at(octave) as f32;
        let law = Law { carry: carrying.carry, shares: (0..octaves.len()).map(share).collect() };
        Self { carrier: Carrier::new(law, octaves), still, later, last: None }
    }

    /// What a frame's dream begins with.
    ///
    /// # Errors
    /// None that a frame of the right size has.
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

    /// What a frame's dream is that lies between the last one kept and this.
    pub(super) fn between(&self, between: &Between, (key, dream): (&Key, &Picture), way: f32) -> Picture {
        let Between { frame, sides } = between;
        self.carrier.between(&frame.picture, sides, (&key.frame.picture, dream), way)
    }

    /// Takes in what the frame's dream came to.
    pub(super) fn keep(&mut self, key: &Key, dream: &Picture) {
        if key.junction != Junction::Interrupted {
            self.carrier.keep(&key.frame.picture, dream);
            self.last = Some(key.frame.picture.clone());
        }
    }

    /// What goes into the next frame, if anything does: the last frame of the shot, and what is carried.
    pub(super) fn kept(&self) -> Option<(&Picture, Kept)> {
        Some((self.last.as_ref()?, self.carrier.kept()?))
    }

    /// Goes on with what was kept of the same dream. Whether that is of its size.
    pub(super) fn take_up(&mut self, last: Picture, kept: Kept) -> bool {
        self.last = Some(last);
        self.carrier.take_up(kept)
    }
}
