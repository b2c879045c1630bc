//! Changes of size.

use super::{Kind, Operand};
use crate::plan::View;

/// Bilinear resampling that maps corners to corners: output cell `i` of `m` reads position `i (n-1) / (m-1)`,
/// or 0 if `m` is 1; `y = resampled x (+ base)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resize {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// Added to the result; same shape as `y`.
    pub base: Option<View>,
}

impl Kind for Resize {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x].into_iter().chain(&mut self.base);
        reads.map(Operand::read).chain([Operand::write(&mut self.y)]).collect()
    }
}
