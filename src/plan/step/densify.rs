//! From the displacements of patches to one displacement per cell.

use super::{Kind, Operand};
use crate::plan::View;
use crate::plan::patches::PATCH;

/// The mean displacement of the patches that cover a cell, weighted by how well each of them matches the cell
/// itself: `y[k] = sum w_p x_p / sum w_p` with `w_p = 1 / max(1, |second(k + x_p) - first(k)|)`, in gray
/// levels (Kroeger et al., 2016).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Densify {
    /// The picture that the patches are from: one channel.
    pub first: View,
    /// The picture in which they were found, of the same size.
    pub second: View,
    /// The displacement of each patch: rows, then columns.
    pub x: View,
    /// The displacement of each cell: two channels of the pictures' size.
    pub y: View,
    /// The distance between neighbouring patches.
    pub stride: usize,
}

impl Kind for Densify {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.first, &mut self.second, &mut self.x].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        let covering = PATCH.div_ceil(self.stride).pow(2);
        2 * 8 * (covering * self.y.shape.plane()) as u64
    }
}
