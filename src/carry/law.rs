//! How much of a dream is carried, and how much is dreamed in a frame.

use super::strength::Strength;
use crate::extent::Extent;

/// The law of doses. A still's dream of so many iterations stands if what fades of it in a frame is dreamed in that frame:
/// with `1 - carry` of it gone, `1 - carry` of all its steps. Where more is gone, because it was hidden, or because the
/// finest waves do not survive their way, more of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// The part of what a dream added that stays from one frame to the next, 0 to 1.
    pub carry: f32,
    /// For each octave, smallest first: how many times as many iterations a still has as a frame.
    pub shares: Vec<f32>,
}

/// By how much more is dreamed than is missing: a place that always lacks something has less than it should.
pub(super) const GAIN: f32 = 1.35;

impl Law {
    /// How much of its steps each pixel takes in each octave, smallest first.
    ///
    /// A place lacks `1 - sqrt(found / aim)` of an octave's waves, at least nothing.
    pub(super) fn doses(&self, found: &Strength, aim: &Strength, octaves: &[Extent]) -> Vec<Vec<f32>> {
        let full = octaves[octaves.len() - 1];
        let doses = |octave: usize| {
            let dose = |(&found, &aim): (&f32, &f32)| {
                (GAIN * self.shares[octave] * lack(found, aim)).clamp(0.0, 1.0)
            };
            let blocks: Vec<f32> = found.bands[octave].iter().zip(&aim.bands[octave]).map(dose).collect();
            found.spread(&blocks, full, octaves[octave])
        };
        (0..octaves.len()).map(doses).collect()
    }
}

/// What part of a strength is missing. Where there is to be none, nothing says how much is: a whole dream.
fn lack(found: f32, aim: f32) -> f32 {
    if aim > 0.0 { 1.0 - (found / aim).sqrt() } else { 1.0 }
}
