//! Three Gaussians in one step.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// The mean of three Gaussian filters of 9x9 taps, with mirrored edges (the outermost cell is not repeated).
/// Their deviations are half, one and two times `sigma.0 + sigma.1 * age`, and the weights of each filter add
/// up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smooth {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// One cell: the age.
    pub age: View,
    /// The deviation at age 0, and its growth per iteration.
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
