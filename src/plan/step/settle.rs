//! What stands still, though its grain does not.

use super::{Kind, Operand};
use crate::plan::View;

/// How much of what changed a flow explains, and how much it leaves, if pictures are straight between their cells.
///
/// With `d = first - second` and `g` the gradient of the mean of both by central differences (beyond an edge is the edge's own
/// cell), a cell's flow `w` leaves `(d - w g)^2` and explains `d^2` less that. Both are means over the cells of a
/// [block](crate::plan::blocks).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explain {
    /// How far each cell of the first picture moves: rows, then columns.
    pub flow: View,
    /// The picture whose cells move: one channel.
    pub first: View,
    /// The picture they move to.
    pub second: View,
    /// What is explained, then what is left: a cell for each block.
    pub y: View,
}

/// A flow without what only grain makes of it: `y = w max(clamp(2 |w| / far - 1), clamp(e / (l + rounding) / grain - 1))`,
/// clamped to 0 to 1, where it explains `e` in a block and leaves `l`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settle {
    /// How far each cell moves: rows, then columns.
    pub flow: View,
    /// What it explains, then what it leaves: a cell for each block.
    pub explained: View,
    /// Of the flow's size.
    pub y: View,
    /// What counts.
    pub still: Still,
}

/// When a small motion counts.
///
/// A grain of one level lets the flow of a still wander by some hundredths of a pixel, and what is carried along it loses its
/// finest waves and trembles. So a small motion counts only if it explains enough of what changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Still {
    /// What part of what it leaves unexplained a motion must explain to count at all; it counts wholly from twice as much
    /// on. The flow of a still in a grain of one level explains 0.06 at most, of a pan by 0.05 pixels a frame 0.27 in the
    /// median.
    pub grain: f32,
    /// How far something moves that counts wholly in any case, in pixels: further than that, pictures are not as good as
    /// straight between their pixels. Half as far, what it explains is all that counts.
    pub far: f32,
    /// Mean square of the error of a difference of two pictures in whole levels.
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
