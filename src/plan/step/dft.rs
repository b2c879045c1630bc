//! The discrete Fourier transform that turns a spectrum into a picture, and its transpose.
//!
//! Channels of a spectrum of `h` rows and `n` columns are stored as channels of `2h` rows: real parts above
//! imaginary parts. A table of waves of length `N` has two channels of one row: `cos(2 pi k / N)` and `sin(2
//! pi k / N)`.

use super::{Kind, Operand};
use crate::plan::View;

/// Transforms each column of a spectrum: `y[r] = sum over k of e^(+2 pi i k r / h) scale[k] x[k]`, or its
/// transpose, `y[k] = scale[k] sum over r of e^(-2 pi i k r / h) x[r]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DftColumns {
    /// Input.
    pub x: View,
    /// Factors, one channel of `h` rows.
    pub scale: View,
    /// Table of waves of length `h`.
    pub waves: View,
    /// Output of the same size as `x`.
    pub y: View,
    /// Whether to compute the transpose.
    pub back: bool,
}

/// Transforms the rows of a spectrum to real numbers: `y[s] = sum over k < n of m_k Re(e^(2 pi i k s / N)
/// x[k])`, with `m = 1, 2, ..., 2, 1` and `N = 2 (n - 1)`. Only the first columns are kept, as many as `y`
/// has.
///
/// The other half of the spectrum is the mirror image of this one. Columns 0 and `n - 1` are their own mirror
/// images, and only their contribution to the real part counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DftRows {
    /// Input: `n` columns, 2 or more.
    pub x: View,
    /// Table of waves of length `N`.
    pub waves: View,
    /// Output: half as many rows, and at most `N` columns.
    pub y: View,
}

/// The transpose of [`DftRows`]: `dx[k] = m_k sum over s of e^(-2 pi i k s / N) dy[s]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DftRowsGradient {
    /// Gradient of the output.
    pub dy: View,
    /// Table of waves of length `N`.
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

/// How many times a column of the stored half occurs in the whole spectrum.
pub fn multiplicity(column: usize, columns: usize) -> f32 {
    if column == 0 || column + 1 == columns { 1.0 } else { 2.0 }
}
