//! A picture moved, rotated and scaled, and the transpose of that.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// `y[c, i, j] = x[c]` at row `m_0 i + m_1 j + m_2` and column `m_3 i + m_4 j + m_5`, interpolated bilinearly
/// between cells. Every cell outside of `x` has the value `outside[c]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// Input, three channels.
    pub x: View,
    /// Output, of any size.
    pub y: View,
    /// `m`, which maps rows and columns of the output to positions in the input. It must be invertible.
    pub matrix: [Number; 6],
    /// The value around the input, for each channel.
    pub outside: [f32; 3],
}

/// The transpose of the linear part of [`Transform`], which leaves out what is outside: `dx[c, cell] = sum of
/// weight * dy[c, place]`. The sum is over the output cells whose positions are less than a cell away, with
/// weights `(1 - |down|) (1 - |across|)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransformGradient {
    /// Gradient of the output.
    pub dy: View,
    /// Gradient of the input.
    pub dx: View,
    /// The same matrix.
    pub matrix: [Number; 6],
}

impl Kind for Transform {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::write(&mut self.y)]
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        self.matrix.iter_mut().collect()
    }

    fn flops(&self) -> u64 {
        2 * 4 * self.y.shape.len() as u64
    }
}

impl Kind for TransformGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.dy), Operand::write(&mut self.dx)]
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        self.matrix.iter_mut().collect()
    }

    fn flops(&self) -> u64 {
        2 * 4 * self.dy.shape.len() as u64
    }
}

/// The position in the input of a cell of the output: row and column.
#[inline(always)]
pub fn place(matrix: &[f32; 6], row: usize, column: usize) -> [f32; 2] {
    let (i, j) = (row as f32, column as f32);
    [matrix[0] * i + matrix[1] * j + matrix[2], matrix[3] * i + matrix[4] * j + matrix[5]]
}
