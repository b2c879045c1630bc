//! Cells that are scaled and offset, or set to a value.

use super::{Kind, Operand};
use crate::plan::View;

/// `x = scale * x + offset`. With a scale of 0, `x` becomes `offset`, whatever it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// The cells, changed in place.
    pub x: View,
    /// Factor.
    pub scale: f32,
    /// Added after scaling.
    pub offset: f32,
}

impl Kind for Affine {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let cells = if self.scale == 0.0 { Operand::write } else { Operand::change };
        vec![cells(&mut self.x)]
    }
}
