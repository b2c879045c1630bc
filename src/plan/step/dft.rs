//! The discrete Fourier transform that makes a picture of a spectrum, and its transpose.
//!
//! A spectrum of channels of `h` rows and `n` columns lies as channels of `2h` rows: real parts above imaginary
//! ones. A table of waves of length `N` has two channels of one row: `cos(2 pi k / N)` and `sin(2 pi k / N)`.

use super::{Kind, Operand};
use crate::plan::View;

/// Down each column of a spectrum: `y[r] = sum over k of e^(+2 pi i k r / h) scale[k] x[k]`, or its transpose,
/// `y[k] = scale[k] sum over r of e^(-2 pi i k r / h) x[r]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DftColumns {
    /// Input.
    pub x: View,
    /// Factors, one channel of `h` rows.
    pub scale: View,
    /// Of length `h`.
    pub waves: View,
    /// Output, as large as `x`.
    pub y: View,
    /// Whether it is the transpose.
    pub back: bool,
}

/// Along the rows of a spectrum, to real numbers: `y[s] = sum over k < n of m_k Re(e^(2 pi i k s / N) x[k])`, with
/// `m = 1, 2, ..., 2, 1` and `N = 2 (n - 1)`; only the first columns, as many as `y` has, are kept.
///
/// The other half of the spectrum is the mirror of this one. Of the columns 0 and `n - 1`, which are their own
/// mirrors, only what comes out real counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DftRows {
    /// Input: `n` columns, 2 or more.
    pub x: View,
    /// Of length `N`.
    pub waves: View,
    /// Output: half as many rows, at most `N` columns.
    pub y: View,
}

/// The transpose of [`DftRows`]: `dx[k] = m_k sum over s of e^(-2 pi i k s / N) dy[s]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DftRowsGradient {
    /// Gradient of the output.
    pub dy: View,
    /// Of length `N`.
    pub waves: View,
    /// Gradient of the input.
    pub dx: View,
}

impl Kind for DftColumns {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x, &mut self.scale, &mut self.waves].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        // As a product of matrices: 4 multiply-adds for each pair of cells of a column.
        4 * self.y.shape.len() as u64 * (self.y.shape.height / 2) as u64
    }
}

impl Kind for DftRows {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.x, &mut self.waves].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        4 * self.y.shape.len() as u64 * self.x.shape.width as u64
    }
}

impl Kind for DftRowsGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.dy, &mut self.waves].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.dx)]).collect()
    }

    fn flops(&self) -> u64 {
        4 * self.dy.shape.len() as u64 * self.dx.shape.width as u64
    }
}

/// How often a column of a half spectrum counts in the whole one.
pub fn multiplicity(column: usize, columns: usize) -> f32 {
    if column == 0 || column + 1 == columns { 1.0 } else { 2.0 }
}
