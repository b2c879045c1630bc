//! From the movements of patches to one for each cell.

use super::{Kind, Operand};
use crate::plan::View;
use crate::plan::patches::PATCH;

/// The mean movement of the patches that cover a cell, weighed by how well each brings the cell itself to
/// its like: `y[k] = sum w_p x_p / sum w_p` with `w_p = 1 / max(1, |second(k + x_p) - first(k)|)`, in levels
/// (Kroeger et al., 2016).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Densify {
    /// The picture whose patches have moved: one channel.
    pub first: View,
    /// The picture they were found in, of the same size.
    pub second: View,
    /// How far each patch has moved: rows, then columns.
    pub x: View,
    /// How far each cell has: two channels of the pictures' size.
    pub y: View,
    /// The distance of patches.
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
