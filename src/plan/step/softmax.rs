//! Softmax. A map of one cell per channel has the same layout in every arrangement.

use super::{Gradient, Kind, Operand};
use crate::plan::View;

/// Softmax over the channels of a 1x1 map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softmax {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
}

/// `dx = y (dy - sum of y dy)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftmaxGradient {
    /// The forward output.
    pub y: View,
    /// Gradient of the output.
    pub dy: View,
    /// Gradient of the input.
    pub dx: Gradient,
}

impl Kind for Softmax {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x).free(), Operand::write(&mut self.y).free()]
    }
}

impl Kind for SoftmaxGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let maps = [&mut self.y, &mut self.dy].map(Operand::read);
        maps.into_iter().chain(self.dx.operands()).map(Operand::free).collect()
    }
}
