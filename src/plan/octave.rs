//! What is climbed in one octave of a dream, and with which numbers.

use super::Numbers;
use super::dials::IN_PLACE;
use super::network::Target;
use super::shaping::Shaping;
use crate::extent::Extent;

/// One octave: a size of the picture, and what is climbed at that size.
#[derive(Clone, Debug)]
pub struct OctaveSettings {
    /// The size of its picture.
    pub size: Extent,
    /// At least one; each is climbed by a step of its own in every iteration.
    pub climbs: Vec<Climb>,
    /// Step length in gray levels for a gradient of mean magnitude 1.
    pub step: f32,
    /// How the loop differs from the notebook's. Between octaves it may differ only in its numbers.
    pub shaping: Shaping,
}

impl OctaveSettings {
    /// The notebook's: a single gradient, unshaped, over the whole picture.
    pub fn plain(size: Extent, targets: Vec<Target>, step: f32) -> Self {
        let climbs = vec![Climb { targets, mask: None }];
        Self { size, climbs, step, shaping: Shaping::default() }
    }

    /// The numbers of the octave.
    pub fn numbers(&self, bounds: [(f32, f32); 3]) -> Numbers {
        let weights = self.climbs.iter().flat_map(|climb| &climb.targets).map(|target| target.weight);
        Numbers {
            step: self.step,
            bounds,
            weights: weights.collect(),
            smooth: self.shaping.smooth,
            variation: self.shaping.variation,
            pull: self.shaping.pull,
            place: IN_PLACE,
        }
    }
}

/// Targets that add up to one gradient, and where in the picture that is climbed.
#[derive(Clone, Debug)]
pub struct Climb {
    /// At least one target.
    pub targets: Vec<Target>,
    /// The number of the mask that scales its steps, from 0.
    pub mask: Option<usize>,
}
