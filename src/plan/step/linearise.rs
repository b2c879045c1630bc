//! The equations of variational optical flow, linearised around the current flow.

use super::{Kind, Operand};
use crate::plan::View;

/// The weights of the terms of the flow's energy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowWeights {
    /// Weight of constant brightness.
    pub brightness: f32,
    /// Weight of constant gradients, which a change of light does not affect.
    pub gradient: f32,
    /// Weight of smoothness.
    pub smoothness: f32,
}

/// The linear system for the next flow `w`, cell by cell. Its energy is that of Brox et al., "High Accuracy
/// Optical Flow Estimation Based on a Theory for Warping" (2004), with the constraints normalised as in
/// Zimmer et al., "Optic Flow in Harmony" (2011).
///
/// Let `a` be the mean of both pictures, and `z = second - first`, with the second brought back along the
/// flow `x`. Subscripts denote differences in rows and columns (central, second and mixed differences over
/// the surrounding 3x3 cells), and the penalty is `p(s) = 1 / sqrt(s + 0.001)`. The constraints are
///
/// * brightness: `n = a_r^2 + a_c^2 + 0.01`, weight `brightness * p(z^2 / n) / n` of `(a_r, a_c | z)`;
/// * gradients: `n_r = a_rr^2 + a_rc^2 + 0.01` and `n_c = a_rc^2 + a_cc^2 + 0.01`, weight
///   `gradient * p(z_r^2 / n_r + z_c^2 / n_c)` of `(a_rr, a_rc | z_r) / sqrt(n_r)` and
///   `(a_rc, a_cc | z_c) / sqrt(n_c)`.
///
/// Each `(f, g | h)` of weight `k` adds `k f f`, `k f g`, `k g g` to the matrix `A` in the first three
/// channels of `y`, and `-k f h`, `-k g h` to the right-hand side in the next two. The right-hand side also
/// contains `A x`, so that the unknown is the flow itself, not its change. Where the flow leaves the picture,
/// no constraint counts.
///
/// The last two channels say how similar a cell should be to the one on its right, and to the one below:
/// `smoothness * p(|grad x|^2)`, half way between the two cells. In the direction of the pair, that gradient
/// is their difference; in the other direction it is the mean of both cells' central differences.
///
/// Cells beyond an edge repeat the cells at the edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linearise {
    /// The first picture: one channel.
    pub first: View,
    /// The second, brought back along the flow.
    pub second: View,
    /// The current flow: rows, then columns.
    pub x: View,
    /// Seven channels: the matrix `rr`, `rc`, `cc`, the right-hand side, and the smoothness to the right and
    /// downwards.
    pub y: View,
    /// The weights of the terms.
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
