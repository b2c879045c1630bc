//! Half a sweep of successive over-relaxation.

use super::{Kind, Operand};
use crate::plan::View;

/// Half a sweep of red-black over-relaxation of a flow. Each cell whose row and column add up to an even
/// number (or an odd one) moves `omega` times the way to the flow that solves its own two equations, `(A + s
/// I) w = b + sum of s_n w_n`. `A`, `b` and the weights `s_n` of its up to four neighbours come from
/// [`Linearise`](struct@super::Linearise), and `s` is the sum of these weights and 1e-6. The neighbours have
/// the other colour, so none of them moves in the same half sweep; cells of that colour are copied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relax {
    /// The flow: rows, then columns.
    pub x: View,
    /// The equations, seven channels.
    pub system: View,
    /// The flow afterwards.
    pub y: View,
    /// Whether it is the odd cells that move.
    pub odd: bool,
    /// With 1, each cell's equations are solved; larger values, up to 2, overshoot.
    pub omega: f32,
}

impl Kind for Relax {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x, &mut self.system].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        // For half of the cells: eight products with neighbours, and the solution of two equations.
        20 * self.y.shape.plane() as u64
    }
}
