//! Means over blocks.

use super::{Kind, Operand};
use crate::plan::View;

/// The mean of a map, or of its squares, in each [block](crate::plan::blocks) of its cells. If `y` has fewer
/// channels than `x`, each of its channels is the mean over a group of consecutive channels of `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Input: one or more channels for each channel of the output.
    pub x: View,
    /// Output: one cell for each block.
    pub y: View,
    /// Whether the values are squared first.
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
