//! Half a sweep of successive over-relaxation.

use super::{Kind, Operand};
use crate::plan::View;

/// Half a sweep of red-black over-relaxation of a flow: each cell whose row and column add up to an even
/// number (or an odd one) goes towards, and `omega` times as far as, the flow that solves its own two
/// equations `(A + s I) w = b + sum of s_n w_n`. `A`, `b` and the weights `s_n` of the up to four neighbours
/// are those of [`Linearise`](struct@super::Linearise), and `s` is the sum of these and 1e-6. Its neighbours
/// are of the other colour, so that none of them moves meanwhile; the cells of that colour are copied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relax {
    /// The flow: rows, then columns.
    pub x: View,
    /// The equations, seven channels.
    pub system: View,
    /// The flow afterwards.
    pub y: View,
    /// Whether the odd cells move.
    pub odd: bool,
    /// 1 solves each cell's equations, up to 2 goes beyond.
    pub omega: f32,
}

impl Kind for Relax {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x, &mut self.system].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        // Half of the cells: eight products with neighbours, and the solution of two equations.
        20 * self.y.shape.plane() as u64
    }
}
