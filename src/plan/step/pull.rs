//! Back towards a source.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// Pulls a picture back towards a source, in brightness and colour separately: with `e = x - source` and its
/// luma `e' = 0.114 e_0 + 0.587 e_1 + 0.299 e_2` (BT.601, BGR), `x = source + (1 - chroma)(e - e') + (1 -
/// luma) e'`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pull {
    /// The picture, changed in place.
    pub x: View,
    /// What it is pulled towards; same shape.
    pub source: View,
    /// What fraction of the way in brightness, 0 to 1.
    pub luma: Number,
    /// What fraction of the way in colour, 0 to 1.
    pub chroma: Number,
}

impl Kind for Pull {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::change(&mut self.x), Operand::read(&mut self.source)]
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.luma, &mut self.chroma]
    }
}
