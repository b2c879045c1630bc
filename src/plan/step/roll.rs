//! Shifts by the current jitter.

use super::{Kind, Operand};
use crate::plan::View;

/// Circular shift by the current jitter: `y[c, (r + down) mod h, (s + right) mod w] = x[c, r, s]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roll {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
}

impl Kind for Roll {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::write(&mut self.y)]
    }

    fn is_shifted(&self) -> bool {
        true
    }
}
