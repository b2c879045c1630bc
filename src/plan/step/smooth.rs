//! Three Gaussians at once.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// The mean of three Gaussians of nine taps a side, mirrored at the edges (the outermost cell once): their
/// deviations are half, one and two times `sigma.0 + sigma.1 * age`, and the weights of each add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smooth {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// One cell.
    pub age: View,
    /// Deviation at age 0, and how much it grows per iteration.
    pub sigma: (Number, Number),
}

impl Kind for Smooth {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::read(&mut self.age), Operand::write(&mut self.y)]
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.sigma.0, &mut self.sigma.1]
    }

    fn flops(&self) -> u64 {
        2 * 81 * self.y.shape.len() as u64
    }
}
