//! Suppresses the motion of what stands still and only has moving grain.

use super::{Kind, Operand};
use crate::plan::View;

/// How much of the change between two pictures a flow explains, and how much it leaves, if pictures are linear
/// between cells.
///
/// With `d = first - second` and `g` the gradient of the mean of both by central differences (beyond an edge, the
/// edge's cell is repeated), a cell's flow `w` leaves `(d - w g)^2` and explains `d^2` minus that. Both are
/// averaged over the cells of a [block](crate::plan::blocks).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explain {
    /// How far each cell of the first picture moves: rows, then columns.
    pub flow: View,
    /// The picture whose cells move: one channel.
    pub first: View,
    /// The picture they move to.
    pub second: View,
    /// What is explained, then what is left: one cell for each block.
    pub y: View,
}

/// A flow without what is caused only by grain:
/// `y = w max(clamp(2 |w| / far - 1), clamp(e / (l + rounding) / grain - 1))`, each clamped to 0 to 1, where the
/// flow explains `e` in a block and leaves `l`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settle {
    /// How far each cell moves: rows, then columns.
    pub flow: View,
    /// What the flow explains, then what it leaves: one cell for each block.
    pub explained: View,
    /// Output, of the flow's size.
    pub y: View,
    /// The conditions for a small motion to count.
    pub still: Still,
}

/// When a small motion counts.
///
/// With grain of one level, the flow of a still wanders by a few hundredths of a pixel. What is carried along it
/// loses its finest waves and trembles. So a small motion counts only if it explains enough of the change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Still {
    /// A motion counts if it explains more than this fraction of what it leaves unexplained; it counts fully from
    /// twice this fraction. The flow of a still with grain of one level explains at most 0.06, and that of a pan
    /// by 0.05 pixels per frame explains 0.27 in the median.
    pub grain: f32,
    /// From this length on, in pixels, a motion counts fully in any case: further than that, pictures cannot be
    /// treated as linear between pixels. Up to half this length, only what the motion explains decides.
    pub far: f32,
    /// Mean square of the rounding error in the difference of two pictures with integer levels.
    pub rounding: f32,
}

impl Default for Still {
    fn default() -> Self {
        Self { grain: 0.1, far: 0.5, rounding: 2.0 / 12.0 }
    }
}

impl Kind for Explain {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.flow, &mut self.first, &mut self.second].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        2 * 8 * self.first.shape.plane() as u64
    }
}

impl Kind for Settle {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.flow), Operand::read(&mut self.explained), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * 6 * self.y.shape.plane() as u64
    }
}
