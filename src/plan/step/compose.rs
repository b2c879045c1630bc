//! Adds waves to a picture.

use super::{Kind, Operand};
use crate::plan::View;

/// `y[c] = clamp(x[c] + sum_k parts[k] waves[3 k + c])`, where the values of [blocks](crate::plan::blocks) apply
/// at their centres and are interpolated bilinearly between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compose {
    /// The picture: three channels.
    pub x: View,
    /// Maps of three channels each.
    pub waves: View,
    /// The fraction of each map to add: one cell for each block.
    pub parts: View,
    /// Output.
    pub y: View,
    /// Lowest and highest value of each channel.
    pub bounds: [(f32, f32); 3],
}

impl Kind for Compose {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x, &mut self.waves, &mut self.parts].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        2 * (7 * self.parts.shape.channels * self.y.shape.plane()) as u64
    }
}
