//! From one mean and deviation to another.

use super::{Kind, Operand};
use crate::plan::View;

/// `x = (x - m) * (t / max(d, 1e-10)) + b`, where `levels` holds `m, d, b, t`: changes the measured mean `m`
/// and deviation `d` to the mean `b` and deviation `t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The cells, changed in place.
    pub x: View,
    /// Four cells: `m, d, b, t`.
    pub levels: View,
}

impl Kind for Level {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::change(&mut self.x), Operand::read(&mut self.levels)]
    }
}
