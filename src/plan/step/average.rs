//! Means of channels.

use super::{Gradient, Kind, Operand};
use crate::plan::View;

/// Mean of each channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Average {
    /// Input.
    pub x: View,
    /// Output, 1x1.
    pub y: View,
}

/// Distributes each channel's gradient evenly over its cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AverageGradient {
    /// Gradient of the output, 1x1.
    pub dy: View,
    /// Gradient of the input.
    pub dx: Gradient,
}

impl Kind for Average {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x).alike(), Operand::write(&mut self.y).alike()]
    }
}

impl Kind for AverageGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        [Operand::read(&mut self.dy)].into_iter().chain(self.dx.operands()).map(Operand::alike).collect()
    }
}
