//! A picture moved, turned and scaled, and the transpose of that.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// `y[c, i, j] = x[c]` at row `m_0 i + m_1 j + m_2` and column `m_3 i + m_4 j + m_5`, between cells by bilinear
/// weights. Every cell that `x` does not have is `outside[c]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// Input, three channels.
    pub x: View,
    /// Output, of any size.
    pub y: View,
    /// `m`, by which rows and columns of the output are places in the input; one that has an inverse.
    pub matrix: [Number; 6],
    /// What is around the input.
    pub outside: [f32; 3],
}

/// The transpose of [`Transform`], what is outside aside: `dx[c, cell] = sum of weight * dy[c, place]` over the
/// places of the output within a cell of this one, the weights being `(1 - |down|) (1 - |across|)`.
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

/// The place in the input of a cell of the output: row and column.
#[inline(always)]
pub fn place(matrix: &[f32; 6], row: usize, column: usize) -> [f32; 2] {
    let (i, j) = (row as f32, column as f32);
    [matrix[0] * i + matrix[1] * j + matrix[2], matrix[3] * i + matrix[4] * j + matrix[5]]
}
