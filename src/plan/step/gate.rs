//! Selects the cells that count.

use super::{Gradient, Kind, Operand};
use crate::plan::View;

/// `y = gate x`, with the same gate for every channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// Input.
    pub x: View,
    /// One channel, of the same height and width as `x`.
    pub gate: View,
    /// Output.
    pub y: Gradient,
}

impl Kind for Gate {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [Operand::read(&mut self.x).alike(), Operand::read(&mut self.gate)];
        reads.into_iter().chain(self.y.operands().map(Operand::alike)).collect()
    }
}
