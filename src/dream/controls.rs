//! What an artist can change about the loop: how gradients are shaped, and what holds the picture back.

use crate::plan::shaping::Shaping;

pub use super::config::{Color, ControlChanges, Controls, Optimizer};

impl Controls {
    /// The shaping that they mean, for steps of this length and this number of iterations in an octave.
    pub(super) fn shaping(&self, step: f32, iterations: usize) -> Shaping {
        let (weight, exponent) = self.tv;
        Shaping {
            normalise: self.normalize,
            smooth: self.smooth.then_some(iterations),
            laplacian: self.laplacian,
            // Where steps descend, the total variation must be added instead of subtracted.
            variation: (weight != 0.0).then_some((weight * step.signum(), exponent)),
            adam: self.optimizer == Optimizer::Adam,
            pull: self.pull(step),
            guard: self.guard,
        }
    }

    /// Everything that pulls back, combined: each takes its fraction of what the others leave.
    fn pull(&self, step: f32) -> (f32, f32) {
        let distance = (step.abs() * self.l2 / 255.0).min(1.0);
        let both = |part: f32| if part == 0.0 { distance } else { 1.0 - (1.0 - distance) * (1.0 - part) };
        match self.color {
            Color::Dream => (both(self.keep.0), both(self.keep.1)),
            Color::Keep => (both(self.keep.0), 1.0),
        }
    }
}
