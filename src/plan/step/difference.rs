//! What one map has more than another.

use super::{Kind, Operand};
use crate::plan::View;

/// `y = a - b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// From.
    pub a: View,
    /// Take away.
    pub b: View,
    /// Result.
    pub y: View,
}

impl Kind for Difference {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.a), Operand::read(&mut self.b), Operand::write(&mut self.y)]
    }
}
