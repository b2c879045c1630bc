//! What comes from both sides, laid over a picture.

use super::{Kind, Operand};
use crate::plan::View;

/// `y[c] = clamp(x[c] + first[c] + p (second[c] - first[c]))` with `p = b / (a + b)`, `a = (1 - way) max(before, 1)` and
/// `b = way max(behind, 1)`: what is nearer counts for more, and what leads nowhere for nothing. As both are one dream that goes
/// on, their waves lie over each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meet {
    /// The picture: three channels.
    pub x: View,
    /// What comes from before, likewise.
    pub first: View,
    /// What comes from behind.
    pub second: View,
    /// How far the first can be relied on, 0 to 255.
    pub before: View,
    /// How far the second can.
    pub behind: View,
    /// One cell: how far the picture is on its way from the one to the other, 0 to 1.
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
