//! Total variation.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// Subtracts the gradient of a total variation: `dx = dx - weight / 255^(exponent - 1) * d/dx sum n^(exponent
/// / 2)` with `n = (x - right)^2 + (x - below)^2 + 1e-6`. Rows and columns wrap around: to the right of the
/// last column is the first, and likewise for rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// The map.
    pub x: View,
    /// A gradient of the same shape, changed in place.
    pub dx: View,
    /// Factor.
    pub weight: Number,
    /// 2 for squares; less preserves edges.
    pub exponent: Number,
}

impl Kind for Variation {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::change(&mut self.dx)]
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.weight, &mut self.exponent]
    }
}
