//! Where a flow can be relied on.

use super::{Kind, Operand};
use crate::plan::View;

/// The rule of Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos" (2016), before it is softened.
///
/// With `w` the vector of a cell and `w'` that of `back` where it leads to, between cells by bilinear weights: 0 where it
/// leads to no place with four cells around it; less than nothing, -255, where there is no way back,
/// `|w + w'|^2 >= 0.01 (|w|^2 + |w'|^2) + 0.5`; `border` where what moves has one, `|grad w|^2 > 0.01 |w|^2 + 0.002` by
/// central differences; and 255 elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judge {
    /// How far each cell moves: rows, then columns.
    pub flow: View,
    /// The same from the second picture to the first.
    pub back: View,
    /// One channel of that size.
    pub y: View,
    /// What the borders of what moves count, 0 to 255.
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
