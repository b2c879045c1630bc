//! Similarity to a guide.

use super::{Gradient, Kind, Operand, size};
use crate::plan::{Number, View};

/// For each cell of `x`, the column of the guide with the largest dot product: the first maximum of each row
/// of `A = x^T guide`, a product over the channels. NaN counts as larger than any number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The map.
    pub x: View,
    /// The same number of channels, and any number of columns.
    pub guide: View,
    /// The number of the chosen column for each cell; one channel.
    pub choice: View,
    /// The dot product with that column; one channel.
    pub score: View,
}

/// The gradient of the sum of the scores, times `scale`: `dx[:, i] = scale guide[:, choice[i]]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatchGradient {
    /// The columns of the forward step.
    pub guide: View,
    /// What the forward step recorded.
    pub choice: View,
    /// Factor.
    pub scale: Number,
    /// Gradient of the map.
    pub dx: Gradient,
}

impl Kind for Match {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![
            Operand::read(&mut self.x).alike(),
            Operand::read(&mut self.guide).alike(),
            Operand::write(&mut self.choice),
            Operand::write(&mut self.score),
        ]
    }

    fn flops(&self) -> u64 {
        2 * self.x.shape.len() as u64 * self.guide.shape.plane() as u64
    }

    fn geometry(&self) -> String {
        let columns = format!(" to {} columns at ", self.guide.shape.plane());
        size(&self.x).replace(" at ", &columns)
    }
}

impl Kind for MatchGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [Operand::read(&mut self.guide).alike(), Operand::read(&mut self.choice)];
        reads.into_iter().chain(self.dx.operands().map(Operand::alike)).collect()
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.scale]
    }
}
