//! Adam's direction.

use super::{Kind, Operand};
use crate::plan::View;

/// Adam's direction, in place: `first = 0.9 first + 0.1 dx`, `second = 0.999 second + 0.001 dx^2`,
/// `dx = first / mass_0 / (sqrt(second / mass_1) + 1e-8)`, with `dx` shifted back by the current jitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Gradient of the rolled picture.
    pub dx: View,
    /// Running mean, aligned with the picture before the shift.
    pub first: View,
    /// Running mean of squares, aligned likewise.
    pub second: View,
    /// Two cells: the sums of the weights of the two running means.
    pub mass: View,
}

impl Kind for Adam {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let changed = [&mut self.dx, &mut self.first, &mut self.second].map(Operand::change);
        changed.into_iter().chain([Operand::read(&mut self.mass)]).collect()
    }

    fn is_shifted(&self) -> bool {
        true
    }
}
