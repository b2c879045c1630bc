//! Resampling on a lattice that a flow may move.

use super::{Kind, Operand};
use crate::plan::View;

/// `y[c, i, j] = factor * x[c]` at row `first + pitch * i` and column `first + pitch * j`, each moved by the
/// flow at `[i, j]` if there is one, between cells by bilinear weights. A place outside is the nearest one at
/// the edge.
///
/// A level of a pyramid is `first` 0.5 and `pitch` 2, the mean of four cells; the way back up is -0.25 and
/// 0.5; a picture brought back along a flow is 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Input.
    pub x: View,
    /// How far from its own place each cell looks: rows, then columns, two channels of the size of `y`.
    pub flow: Option<View>,
    /// Output, of any size.
    pub y: View,
    /// The place of the first cell, in rows and in columns.
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
