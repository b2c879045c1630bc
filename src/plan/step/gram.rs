//! How the channels of a map go together, and how that differs between maps.

use super::{Gradient, Kind, Operand, area, size};
use crate::plan::{Number, View};

/// The Gram matrix of a map's channels: `y[c, d] = sum over cells of x[c] x[d]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gram {
    /// The map, of `C` channels.
    pub x: View,
    /// `C` channels of a row of `C` cells.
    pub y: View,
}

/// How half the sum of the squared distances between a matrix of length 1 and some others changes with the Gram matrix
/// `G` of which it was made by division by its length: with `g = G / |G|`,
/// `y = (sum over all k of (g - g_k) - score g) / max(|G|, 1e-10)`.
///
/// What is taken off is what changes the length alone: the sum's part along `g` is `score`, as
/// `g . (g - g_k) = 1 - g . g_k = |g - g_k|^2 / 2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// All matrices, each of length 1, one behind the other: `C` channels of a row of `C` cells each.
    pub grams: View,
    /// The number of the one.
    pub own: usize,
    /// One cell: the length that it had.
    pub length: View,
    /// One cell: half the sum of its squared distances from all.
    pub score: View,
    /// As large as one of them.
    pub y: View,
}

/// By how much a map's cells change what depends on its Gram matrix as `slope` says: `dx = scale slope x`, a product of
/// matrices. The slope is symmetric; of `f(x x^T)` the gradient is this with a scale of 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GramGradient {
    /// The map.
    pub x: View,
    /// `C` channels of a row of `C` cells, the same when rows and columns are exchanged.
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
