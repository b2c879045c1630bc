//! Three Gaussians at once.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::Smooth;

/// Taps of a Gaussian on either side of its centre.
const REACH: usize = 4;
/// Taps of a Gaussian.
const TAPS: usize = 2 * REACH + 1;

impl Run for Smooth {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, age, sigma } = self;
        let (start, growth) = (sigma.0.at(at.turn.dials), sigma.1.at(at.turn.dials));
        at.memory.lend(y, |memory, cells| {
            smooth(memory.get(x), cells, x.shape, start + growth * memory.get(age)[0]);
        });
    }
}

/// The mean of three Gaussians, half, one and two times as wide as `sigma`; edges are mirrored.
fn smooth(x: &[f32], y: &mut [f32], shape: Shape, sigma: f32) {
    let weights = weights(f64::from(sigma));
    let columns: Vec<usize> = (0..shape.width + 2 * REACH).map(|at| mirrored(at, shape.width)).collect();
    y.par_chunks_mut(shape.width).enumerate().for_each(|(line, y)| {
        let (channel, row) = (line / shape.height, line % shape.height);
        let mut wide = vec![0.0; columns.len()];
        y.fill(0.0);
        for (down, weights) in weights.iter().enumerate() {
            let from = (channel * shape.height + mirrored(row + down, shape.height)) * shape.width;
            wide.iter_mut().zip(&columns).for_each(|(wide, column)| *wide = x[from + column]);
            for (right, weight) in weights.iter().enumerate() {
                y.iter_mut().zip(&wide[right..]).for_each(|(y, x)| *y += weight * x);
            }
        }
    });
}

/// The three windows combined into one.
fn weights(sigma: f64) -> [[f32; TAPS]; TAPS] {
    let gaussians = [0.5, 1.0, 2.0].map(|factor| {
        let bell = |at: usize| (-0.5 * ((at as f64 - REACH as f64) / (factor * sigma)).powi(2)).exp();
        let sum: f64 = (0..TAPS).map(bell).sum();
        std::array::from_fn::<f64, TAPS, _>(|at| bell(at) / sum)
    });
    let weight =
        |row: usize, column: usize| gaussians.iter().map(|bell| bell[row] * bell[column]).sum::<f64>();
    std::array::from_fn(|row| std::array::from_fn(|column| (weight(row, column) / 3.0) as f32))
}

/// Which of `size` cells is seen at place `at` of a row that begins [`REACH`] cells before the first one.
fn mirrored(at: usize, size: usize) -> usize {
    let period = (2 * (size - 1)).max(1) as isize;
    let place = (at as isize - REACH as isize).rem_euclid(period) as usize;
    place.min(period as usize - place).min(size - 1)
}
