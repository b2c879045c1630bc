//! One step of the inverse search for patches of one picture in another.

use super::{Kind, Operand};
use crate::plan::View;
use crate::plan::patches::PATCH;

/// One Gauss-Newton step towards the position of each patch of the first picture in the second: the inverse
/// search of Kroeger et al., "Fast Optical Flow using Dense Inverse Search" (2016). The Hessian depends on
/// the first picture alone. Means are subtracted, because a patch may be brighter in the second picture, and
/// the Hessian is damped as by Levenberg.
///
/// With `g` the gradient of the first picture by central differences, `d(k) = second(k + x) - first(k)`, and
/// `g'`, `d'` these two minus their means over the patch, `y = x - (sum g' g'^T + damping I)^-1 sum g' d'`.
/// The second picture is interpolated bilinearly, and cells beyond an edge repeat the cells at the edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// The picture whose patches are searched for: one channel.
    pub first: View,
    /// The picture they are searched for in, of the same size.
    pub second: View,
    /// The displacement of each patch: rows, then columns; one cell per patch, see
    /// [`patches`](crate::plan::patches).
    pub x: View,
    /// The displacements after this step.
    pub y: View,
    /// The distance between neighbouring patches.
    pub stride: usize,
    /// How much is added to the diagonal of the Hessian, in squared gray levels; more than 0.
    pub damping: f32,
}

impl Kind for Search {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.first, &mut self.second, &mut self.x].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        // Per cell of a patch: four weights, two differences, and eight sums.
        2 * 14 * (PATCH * PATCH * self.y.shape.plane()) as u64
    }
}
