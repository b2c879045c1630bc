//! What is climbed in one octave of a dream, and by which numbers.

use super::Numbers;
use super::dials::IN_PLACE;
use super::network::Target;
use super::shaping::Shaping;
use crate::extent::Extent;

/// One octave: a size of the picture and what is climbed there.
#[derive(Clone, Debug)]
pub struct OctaveSettings {
    /// Of its picture.
    pub size: Extent,
    /// What is climbed, each by a step of its own in every iteration; at least one.
    pub climbs: Vec<Climb>,
    /// Step length in gray levels for a gradient of mean magnitude 1.
    pub step: f32,
    /// How the loop differs from the notebook's; from octave to octave only in its numbers.
    pub shaping: Shaping,
}

impl OctaveSettings {
    /// The notebook's: one gradient, everywhere, as it is.
    pub fn plain(size: Extent, targets: Vec<Target>, step: f32) -> Self {
        let climbs = vec![Climb { targets, mask: None }];
        Self { size, climbs, step, shaping: Shaping::default() }
    }

    /// Its numbers.
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

/// Targets that add up to one gradient, and where in the picture it is climbed.
#[derive(Clone, Debug)]
pub struct Climb {
    /// At least one.
    pub targets: Vec<Target>,
    /// The number of the mask that scales its steps, from 0.
    pub mask: Option<usize>,
}
