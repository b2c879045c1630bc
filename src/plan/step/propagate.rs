//! Good movements spread from patch to patch.

use super::{Kind, Operand};
use crate::plan::View;
use crate::plan::patches::PATCH;

/// The movement under which each patch of the first picture fits the second best, of several: its own
/// (`x`), where it began (`start`), and those of the patches `reach` above, below, left and right of it, or
/// the last there. A fit is `sum d^2 - (sum d)^2 / cells` over the patch, with the `d` of
/// [`Search`](struct@super::Search); of equal fits the first in this order is taken.
///
/// All patches choose at once, from what their neighbours had before: the raster order of Kroeger et al.
/// would be one patch after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Propagate {
    /// The picture whose patches are looked for: one channel.
    pub first: View,
    /// The picture they are looked for in, of the same size.
    pub second: View,
    /// How far each patch has moved: rows, then columns.
    pub x: View,
    /// Where each began.
    pub start: View,
    /// What is chosen.
    pub y: View,
    /// The distance of patches.
    pub stride: usize,
    /// How many patches away neighbours are.
    pub reach: usize,
}

impl Kind for Propagate {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.first, &mut self.second, &mut self.x, &mut self.start].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        // Six candidates; per cell of a patch four weights, a difference and two sums.
        6 * 2 * 7 * (PATCH * PATCH * self.y.shape.plane()) as u64
    }
}
