//! The two directions of a Laplacian pyramid.

use super::{Kind, Operand};
use crate::plan::View;

/// Half the size, rounded up: `y_i = sum_t k_t x_(2i + t - p)` in rows and in columns, with
/// `k = (1, 4, 6, 4, 1) / 16`, zeros beyond the map, and `p` 1 for an even size of `x` and 2 for an odd one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrink {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
}

/// The transpose of [`Shrink`], times 4 and times a factor, added to `y`: `y_j = y_j + factor * sum_(2i + t -
/// p = j) 2 k_t x_i`, in rows and in columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expand {
    /// Input of half the size.
    pub x: View,
    /// Changed in place.
    pub y: View,
    /// Factor.
    pub factor: f32,
}

impl Kind for Shrink {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * 25 * self.y.shape.len() as u64
    }
}

impl Kind for Expand {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::change(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * 25 * self.y.shape.len() as u64
    }
}
