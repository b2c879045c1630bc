//! The ReLU as a step of its own.

use super::{Kind, Operand};
use crate::plan::View;

/// `y = max(x, 0)`, used only where the value before the ReLU is wanted as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relu {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
}

impl Kind for Relu {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x).alike(), Operand::write(&mut self.y).alike()]
    }
}
