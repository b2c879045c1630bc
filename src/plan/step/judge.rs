//! Where a flow can be relied on.

use super::{Kind, Operand};
use crate::plan::View;

/// The rule of Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos" (2016), before its result is
/// softened.
///
/// With `w` the vector of a cell and `w'` that of `back` at the place it leads to (interpolated bilinearly), the
/// result is 0 where that place does not have four cells around it; -255, which is below zero on purpose, where
/// the flows do not cancel, `|w + w'|^2 >= 0.01 (|w|^2 + |w'|^2) + 0.5`; `border` at motion boundaries,
/// `|grad w|^2 > 0.01 |w|^2 + 0.002` by central differences; and 255 elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judge {
    /// How far each cell moves: rows, then columns.
    pub flow: View,
    /// The same from the second picture to the first.
    pub back: View,
    /// Output: one channel of the same size.
    pub y: View,
    /// The value for motion boundaries, 0 to 255.
    pub border: f32,
}

impl Kind for Judge {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.flow), Operand::read(&mut self.back), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * 20 * self.y.shape.plane() as u64
    }
}
