//! The two directions of a Laplacian pyramid.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::{Expand, Shrink};

/// Weights of the pyramid's window.
const BINOMIAL: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

impl Run for Shrink {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y } = self;
        at.memory.lend(y, |memory, cells| shrink(memory.get(x), x.shape, cells, y.shape));
    }
}

impl Run for Expand {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, factor } = self;
        at.memory.lend(y, |memory, cells| expand(memory.get(x), x.shape, cells, y.shape, factor));
    }
}

/// Halves the size.
fn shrink(x: &[f32], from: Shape, y: &mut [f32], to: Shape) {
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

/// Doubles the size, multiplies by a factor, and adds.
fn expand(x: &[f32], from: Shape, y: &mut [f32], to: Shape, factor: f32) {
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

/// How far before the map the first window of a pyramid begins.
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
