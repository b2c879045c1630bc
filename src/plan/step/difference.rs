//! The difference of two maps.

use super::{Kind, Operand};
use crate::plan::View;

/// `y = a - b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The minuend.
    pub a: View,
    /// The subtrahend.
    pub b: View,
    /// The difference.
    pub y: View,
}

impl Kind for Difference {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.a), Operand::read(&mut self.b), Operand::write(&mut self.y)]
    }
}
