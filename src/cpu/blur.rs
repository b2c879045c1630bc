//! Windows that smooth: three Gaussians at once, and the two directions of a Laplacian pyramid.

use rayon::prelude::*;

use crate::net::Shape;

/// Taps of a Gaussian on either side of its centre.
const REACH: usize = 4;
/// Taps of a Gaussian.
const TAPS: usize = 2 * REACH + 1;
/// Weights of the pyramid's window.
const BINOMIAL: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// The mean of three Gaussians, half, one and two times as wide as `sigma`; mirrored at the edges.
pub(super) fn smooth(x: &[f32], y: &mut [f32], shape: Shape, sigma: f32) {
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

/// The three windows as one.
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

/// Which cell of `size` is seen at place `at` of a row that begins [`REACH`] cells before it.
fn mirrored(at: usize, size: usize) -> usize {
    let period = (2 * (size - 1)).max(1) as isize;
    let place = (at as isize - REACH as isize).rem_euclid(period) as usize;
    place.min(period as usize - place).min(size - 1)
}

/// Half the size.
pub(super) fn shrink(x: &[f32], from: Shape, y: &mut [f32], to: Shape) {
    let (up, left) = (before(from.height), before(from.width));
    y.par_chunks_mut(to.width).enumerate().for_each(|(line, y)| {
        let plane = &x[line / to.height * from.plane()..][..from.plane()];
        let row = line % to.height;
        for (column, y) in y.iter_mut().enumerate() {
            *y = 0.0;
            for (down, weight) in BINOMIAL.iter().enumerate() {
                let Some(row) = inside(2 * row + down, up, from.height) else { continue };
                for (right, other) in BINOMIAL.iter().enumerate() {
                    let Some(column) = inside(2 * column + right, left, from.width) else { continue };
                    *y += weight * other * plane[row * from.width + column];
                }
            }
        }
    });
}

/// Twice the size, times a factor, added.
pub(super) fn expand(x: &[f32], from: Shape, y: &mut [f32], to: Shape, factor: f32) {
    let (up, left) = (before(to.height), before(to.width));
    y.par_chunks_mut(to.width).enumerate().for_each(|(line, y)| {
        let plane = &x[line / to.height * from.plane()..][..from.plane()];
        let row = line % to.height;
        for (column, y) in y.iter_mut().enumerate() {
            let mut sum = 0.0;
            for (down, weight) in BINOMIAL.iter().enumerate() {
                let Some(row) = half(row + up, down, from.height) else { continue };
                for (right, other) in BINOMIAL.iter().enumerate() {
                    let Some(column) = half(column + left, right, from.width) else { continue };
                    sum += 4.0 * weight * other * plane[row * from.width + column];
                }
            }
            *y += factor * sum;
        }
    });
}

/// How far the first window of a pyramid begins before the map.
fn before(size: usize) -> usize {
    1 + size % 2
}

fn inside(at: usize, before: usize, size: usize) -> Option<usize> {
    at.checked_sub(before).filter(|&at| at < size)
}

/// The window whose tap `tap` lies at place `at`, if there is one.
fn half(at: usize, tap: usize, size: usize) -> Option<usize> {
    let twice = at.checked_sub(tap).filter(|twice| twice % 2 == 0)?;
    Some(twice / 2).filter(|&at| at < size)
}
