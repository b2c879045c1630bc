//! Applies values of blocks to cells.

use super::{Kind, Operand};
use crate::plan::View;

/// `y[i, j] = y[i, j] * x` at row `pitch.0 (i + 1/2) - 1/2` and column `pitch.1 (j + 1/2) - 1/2`, interpolated
/// bilinearly. Places outside use the nearest one at the edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A value for each [block](crate::plan::blocks) of a picture: one channel.
    pub x: View,
    /// One channel, changed in place.
    pub y: View,
    /// The height and width of a cell in blocks: see [`pitch`](crate::plan::blocks::pitch).
    pub pitch: [f32; 2],
}

impl Kind for Spread {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::change(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * 5 * self.y.shape.len() as u64
    }
}
