//! Resampling on a lattice, which a flow may displace.

use super::{Kind, Operand};
use crate::plan::View;

/// `y[c, i, j] = factor * x[c]` at row `first + pitch * i` and column `first + pitch * j`, displaced by the
/// flow at `[i, j]` if there is one, and interpolated bilinearly between cells. A position outside is clamped
/// to the nearest one at the edge.
///
/// For the next coarser level of a pyramid, `first` is 0.5 and `pitch` 2, so each cell is the mean of four.
/// For the way back up they are -0.25 and 0.5, and for bringing a picture back along a flow 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Input.
    pub x: View,
    /// How far from its own position each cell reads: rows, then columns; two channels of the size of `y`.
    pub flow: Option<View>,
    /// Output, of any size.
    pub y: View,
    /// The position of the first cell, in rows and in columns.
    pub first: f32,
    /// The distance from one cell to the next.
    pub pitch: f32,
    /// Factor.
    pub factor: f32,
}

impl Kind for Sample {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x].into_iter().chain(&mut self.flow);
        reads.map(Operand::read).chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        2 * 4 * self.y.shape.len() as u64
    }
}
