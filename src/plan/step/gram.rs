//! How the channels of a map correlate, and how that differs between maps.

use super::{Gradient, Kind, Operand, area, size};
use crate::plan::{Number, View};

/// The Gram matrix of a map's channels: `y[c, d] = sum over cells of x[c] x[d]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gram {
    /// The map, of `C` channels.
    pub x: View,
    /// `C` channels, each a row of `C` cells.
    pub y: View,
}

/// The gradient, by a Gram matrix `G`, of half the sum of the squared distances between the normalised matrix
/// `g = G / |G|` and some other matrices `g_k` of length 1: `y = (sum over all k of (g - g_k) - score g) /
/// max(|G|, 1e-10)`.
///
/// The term `score g` removes the part that would only change the length. The part of the sum along `g` is
/// `score`, because `g . (g - g_k) = 1 - g . g_k = |g - g_k|^2 / 2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// All matrices, each of length 1, one after another: `C` channels for each, every channel a row of `C`
    /// cells.
    pub grams: View,
    /// The number of the matrix `g` among them.
    pub own: usize,
    /// One cell: the length of `G`.
    pub length: View,
    /// One cell: half the sum of the squared distances of `g` from all of them.
    pub score: View,
    /// As large as one of the matrices.
    pub y: View,
}

/// From the gradient `slope` by a Gram matrix to the gradient by the map: `dx = scale slope x`, a matrix
/// product. The slope is symmetric. The gradient of `f(x x^T)` is this with a scale of 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GramGradient {
    /// The map.
    pub x: View,
    /// `C` channels, each a row of `C` cells: a symmetric matrix.
    pub slope: View,
    /// Factor.
    pub scale: Number,
    /// Gradient of the map.
    pub dx: Gradient,
}

impl Kind for Gram {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x).free(), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * self.x.shape.len() as u64 * self.x.shape.channels as u64
    }

    fn geometry(&self) -> String {
        size(&self.x)
    }
}

impl Kind for Contrast {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.grams, &mut self.length, &mut self.score].map(Operand::read);
        reads.into_iter().chain([Operand::write(&mut self.y)]).collect()
    }

    fn flops(&self) -> u64 {
        2 * self.grams.shape.len() as u64
    }

    fn geometry(&self) -> String {
        format!("{} of {}", self.grams.shape.channels / self.y.shape.channels, area(&self.y))
    }
}

impl Kind for GramGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let dx = self.dx.operands().map(Operand::alike);
        let reads = [Operand::read(&mut self.x).alike(), Operand::read(&mut self.slope)];
        reads.into_iter().chain(dx).collect()
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.scale]
    }

    fn flops(&self) -> u64 {
        2 * self.x.shape.len() as u64 * self.x.shape.channels as u64
    }
}
