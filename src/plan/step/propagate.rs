//! Good displacements spread from patch to patch.

use super::{Kind, Operand};
use crate::plan::View;
use crate::plan::patches::PATCH;

/// For each patch of the first picture, chooses the displacement with which it fits the second picture best.
/// The candidates are its own (`x`), the one it started from (`start`), and those of the patches `reach`
/// above, below, left and right of it, or of the last patch in that direction. A fit is `sum d^2 - (sum d)^2
/// / cells` over the patch, with the `d` of [`Search`](struct@super::Search). Of equal fits, the first in
/// this order is chosen.
///
/// All patches choose simultaneously, from the displacements that their neighbours had before. The raster
/// order of Kroeger et al. would have to process one patch after another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Propagate {
    /// The picture whose patches are searched for: one channel.
    pub first: View,
    /// The picture they are searched for in, of the same size.
    pub second: View,
    /// The displacement of each patch: rows, then columns.
    pub x: View,
    /// The displacement that the search for each patch started from.
    pub start: View,
    /// The chosen displacements.
    pub y: View,
    /// The distance between neighbouring patches.
    pub stride: usize,
    /// How many patches away the neighbours are.
    pub reach: usize,
}

impl Kind for Propagate {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.first, &mut self.second, &mut self.x, &mut self.start].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        // Six candidates; for each, per cell of a patch, four weights, a difference and two sums.
        6 * 2 * 7 * (PATCH * PATCH * self.y.shape.plane()) as u64
    }
}
