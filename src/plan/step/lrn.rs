//! Local response normalisation.

use super::{Gradient, Kind, Operand};
use crate::net;
use crate::plan::View;

/// Local response normalisation: `y = x s^-b` with `s = k + (a/n) sum of x^2`, the sum over the `n` channels
/// around each channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lrn {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// The constants of the layer.
    pub lrn: net::Lrn,
}

/// `dx_c = dy_c s_c^-b - (2ab/n) x_c sum_i dy_i x_i s_i^(-b-1)`, the sum over the `n` channels around `c`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LrnGradient {
    /// The forward input.
    pub x: View,
    /// Gradient of the output.
    pub dy: View,
    /// The constants of the layer.
    pub lrn: net::Lrn,
    /// Gradient of the input.
    pub dx: Gradient,
}

impl Kind for Lrn {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x).alike(), Operand::write(&mut self.y).alike()]
    }

    fn flops(&self) -> u64 {
        self.y.shape.len() as u64 * (2 * self.lrn.size as u64 + 4)
    }
}

impl Kind for LrnGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let maps = [&mut self.x, &mut self.dy].map(Operand::read);
        maps.into_iter().chain(self.dx.operands()).map(Operand::alike).collect()
    }

    fn flops(&self) -> u64 {
        self.dy.shape.len() as u64 * (4 * self.lrn.size as u64 + 12)
    }
}
