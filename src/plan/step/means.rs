//! Means over blocks.

use super::{Kind, Operand};
use crate::plan::View;

/// The mean of a map, or of its squares, in each [block](crate::plan::blocks) of its cells. If `y` has fewer channels than `x`,
/// each of them is the mean over as many that follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Input: some channels for each of the output.
    pub x: View,
    /// Output: a cell for each block.
    pub y: View,
    /// Whether of the squares.
    pub squared: bool,
}

impl Kind for Means {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * self.x.shape.len() as u64
    }
}
