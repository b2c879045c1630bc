//! Adds the contributions of the frames before and after to a picture.

use super::{Kind, Operand};
use crate::plan::View;

/// `y[c] = clamp(x[c] + first[c] + p (second[c] - first[c]))` with `p = b / (a + b)`,
/// `a = (1 - way) max(before, 1)` and `b = way max(behind, 1)`: the nearer frame counts for more, and unreliable
/// motion for almost nothing. Both contributions belong to one continuous dream, so their waves coincide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meet {
    /// The picture: three channels.
    pub x: View,
    /// The contribution of the frame before: three channels.
    pub first: View,
    /// The contribution of the frame after.
    pub second: View,
    /// The reliability of the first contribution, 0 to 255.
    pub before: View,
    /// The reliability of the second contribution.
    pub behind: View,
    /// One cell: the position of the picture between the two frames, 0 to 1.
    pub way: View,
    /// Output.
    pub y: View,
    /// Lowest and highest value of each channel.
    pub bounds: [(f32, f32); 3],
}

impl Kind for Meet {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let Self { x, first, second, before, behind, way, y, .. } = self;
        let reads = [x, first, second, before, behind, way].map(Operand::read);
        reads.into_iter().chain([Operand::write(y)]).collect()
    }

    fn flops(&self) -> u64 {
        2 * 4 * self.y.shape.len() as u64
    }
}
