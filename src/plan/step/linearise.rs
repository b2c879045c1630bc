//! The equations of variational flow around the flow of now.

use super::{Kind, Operand};
use crate::plan::View;

/// The weights of a flow's energy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowWeights {
    /// Of constant brightness.
    pub brightness: f32,
    /// Of constant gradients, which a change of light leaves as they are.
    pub gradient: f32,
    /// Of smoothness.
    pub smoothness: f32,
}

/// The linear system of the next flow `w`, cell by cell, of the energy of Brox et al., "High Accuracy Optical
/// Flow Estimation Based on a Theory for Warping" (2004), with the constraints normalised as by Zimmer et
/// al., "Optic Flow in Harmony" (2011).
///
/// With `a` the mean of both pictures, `z = second - first` (the second brought back along the flow `x`),
/// subscripts for differences in rows and columns (central, second and mixed ones of the
/// 3x3 cells around), and the penalty `p(s) = 1 / sqrt(s + 0.001)`, the constraints are
///
/// * brightness: `n = a_r^2 + a_c^2 + 0.01`, weight `brightness * p(z^2 / n) / n` of `(a_r, a_c | z)`;
/// * gradients: `n_r = a_rr^2 + a_rc^2 + 0.01` and `n_c = a_rc^2 + a_cc^2 + 0.01`, weight
///   `gradient * p(z_r^2 / n_r + z_c^2 / n_c)` of `(a_rr, a_rc | z_r) / sqrt(n_r)` and
///   `(a_rc, a_cc | z_c) / sqrt(n_c)`.
///
/// Each `(f, g | h)` of weight `k` adds `k f f`, `k f g`, `k g g` to the matrix `A` of the first three
/// channels of `y`, and `-k f h`, `-k g h` to the right-hand side of the next two, which holds `A x` as well:
/// so the unknown is the flow, not its change. Where the flow leaves the picture no constraint counts.
///
/// The last two channels say how much a cell is to be like the one to its right, and like the one below:
/// `smoothness * p(|grad x|^2)` half way between the two, whose gradient has their difference in one
/// direction, and in the other the mean of both cells' central differences.
///
/// Cells beyond an edge are those at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linearise {
    /// The first picture: one channel.
    pub first: View,
    /// The second, brought back along the flow.
    pub second: View,
    /// The flow of now: rows, then columns.
    pub x: View,
    /// Seven channels: the matrix `rr`, `rc`, `cc`, the right-hand side, the smoothness to the right and
    /// downwards.
    pub y: View,
    /// How much each part counts.
    pub weights: FlowWeights,
}

impl Kind for Linearise {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.first, &mut self.second, &mut self.x].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        2 * 60 * self.y.shape.plane() as u64
    }
}
