//! How far cells point in a direction.

use super::{Gradient, Kind, Operand, size};
use crate::plan::{Number, View};

/// For each cell `x` of a map, `d max(c, 0.1)^power`. Here `d = x . v` for the direction `v`, and `c = d /
/// ((e + |x|) (e + |v|))` with `e = 1e-4` is the cosine between the two. This is lucid's objective
/// `direction`, before its mean.
///
/// The gradient is `slopes[0] v + slopes[1] x`, with `(power + 1) c^power` and `-power d c^power / ((e + |x|)
/// |x|)` where `c` is above 0.1, and otherwise `0.1^power` and 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Align {
    /// The map.
    pub x: View,
    /// A single cell with as many channels as the map.
    pub direction: View,
    /// The exponent.
    pub power: u32,
    /// The value of each cell; one channel.
    pub score: View,
    /// The two factors of the gradient; two channels.
    pub slopes: View,
}

/// The gradient of the sum of the scores, times `scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlignGradient {
    /// The map.
    pub x: View,
    /// The same direction.
    pub direction: View,
    /// What the forward step recorded.
    pub slopes: View,
    /// Factor.
    pub scale: Number,
    /// Gradient of the map.
    pub dx: Gradient,
}

impl Kind for Align {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![
            Operand::read(&mut self.x).alike(),
            Operand::read(&mut self.direction).alike(),
            Operand::write(&mut self.score),
            Operand::write(&mut self.slopes),
        ]
    }

    fn flops(&self) -> u64 {
        4 * self.x.shape.len() as u64 // two sums of products
    }

    fn geometry(&self) -> String {
        size(&self.x)
    }
}

impl Kind for AlignGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [Operand::read(&mut self.x).alike(), Operand::read(&mut self.direction).alike()];
        let dx = self.dx.operands().map(Operand::alike);
        reads.into_iter().chain([Operand::read(&mut self.slopes)]).chain(dx).collect()
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.scale]
    }

    fn flops(&self) -> u64 {
        4 * self.x.shape.len() as u64
    }
}
