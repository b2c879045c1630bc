//! One step of the inverse search for patches of one picture in another.

use super::{Kind, Operand};
use crate::plan::View;
use crate::plan::patches::PATCH;

/// One Gauss-Newton step towards where each patch of the first picture lies in the second: the inverse search
/// of Kroeger et al., "Fast Optical Flow using Dense Inverse Search" (2016), whose Hessian is the first
/// picture's alone, with means taken away (a patch may be brighter there) and damped as by Levenberg.
///
/// With `g` the gradient of the first picture by central differences, `d(k) = second(k + x) - first(k)`, and
/// `g'`, `d'` these without their means over the patch, `y = x - (sum g' g'^T + damping I)^-1 sum g' d'`.
/// The second picture is read by bilinear weights; cells beyond an edge are those at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// The picture whose patches are looked for: one channel.
    pub first: View,
    /// The picture they are looked for in, of the same size.
    pub second: View,
    /// How far each patch has moved: rows, then columns; a cell for each patch, see
    /// [`patches`](crate::plan::patches).
    pub x: View,
    /// The same, a step further.
    pub y: View,
    /// The distance of patches.
    pub stride: usize,
    /// How much is added to the diagonal, in squared levels: more than 0.
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
