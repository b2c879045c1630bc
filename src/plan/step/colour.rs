//! Displayable colours from decorrelated channels, and the gradient of that.

use super::{Kind, Operand};
use crate::plan::View;

/// Red, green and blue in terms of three channels that are uncorrelated in natural pictures: a square root of
/// the colours' covariance matrix, divided by the norm of its longest column. The numbers are lucid's.
pub const DECORRELATED: [[f32; 3]; 3] = [
    [0.562_828_6, 0.194_825_28, 0.043_294_508],
    [0.584_475_9, 0.0, -0.108_236_27],
    [0.584_475_9, -0.194_825_28, 0.064_941_76],
];

/// `y = 255 / (1 + e^-(N x)) - mean` for each pixel: turns three channels into a picture (BGR minus mean) all
/// of whose colours are displayable. `N` is [`DECORRELATED`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Input, three channels.
    pub x: View,
    /// Output of the same size: blue, green, red.
    pub y: View,
    /// Blue, green, red.
    pub mean: [f32; 3],
}

/// `dx = N^T (255 s (1 - s) dy)`, with `s = (y + mean) / 255`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourGradient {
    /// The picture, as computed by the forward step.
    pub y: View,
    /// Gradient of the picture.
    pub dy: View,
    /// Gradient of the three channels.
    pub dx: View,
    /// Blue, green, red.
    pub mean: [f32; 3],
}

impl Kind for Colour {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        10 * self.y.shape.len() as u64
    }
}

impl Kind for ColourGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.y, &mut self.dy].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.dx)]).collect()
    }

    fn flops(&self) -> u64 {
        12 * self.dx.shape.len() as u64
    }
}
