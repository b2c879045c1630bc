//! Resizing.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::Resize;

impl Run for Resize {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, base } = self;
        at.memory.lend(y, |memory, cells| {
            let base = base.map(|base| memory.get(base));
            resize(memory.get(x), x.shape, cells, y.shape, base);
        });
    }
}

/// Bilinear resampling of `x` (of shape `from`) with aligned corners, plus `base` if there is one.
fn resize(x: &[f32], from: Shape, y: &mut [f32], to: Shape, base: Option<&[f32]>) {
    let columns: Vec<Between> = (0..to.width).map(|at| Between::new(at, from.width, to.width)).collect();
    y.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
        let (channel, row) = (line / to.height, line % to.height);
        let between = Between::new(row, from.height, to.height);
        let source = |row: usize| &x[(channel * from.height + row) * from.width..][..from.width];
        let (above, below) = (source(between.low), source(between.high));
        for (cell, column) in cells.iter_mut().zip(&columns) {
            let across = |line: &[f32]| mix(line[column.low], line[column.high], column.part);
            *cell = mix(across(above), across(below), between.part);
        }
        if let Some(base) = base {
            let base = &base[line * to.width..][..to.width];
            cells.iter_mut().zip(base).for_each(|(cell, base)| *cell += base);
        }
    });
}

/// A position between two cells.
struct Between {
    low: usize,
    high: usize,
    /// The fraction of the way to the higher cell.
    part: f32,
}

impl Between {
    /// Where output cell `at` of `to` falls among `from` cells. It is computed with integers, and so exact.
    fn new(at: usize, from: usize, to: usize) -> Self {
        if to == 1 {
            return Self { low: 0, high: 0, part: 0.0 };
        }
        let (position, unit) = (at * (from - 1), to - 1);
        let low = position / unit;
        Self { low, high: (low + 1).min(from - 1), part: (position % unit) as f32 / unit as f32 }
    }
}

fn mix(a: f32, b: f32, part: f32) -> f32 {
    a + (b - a) * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resizing_keeps_corners_and_goes_straight_between_them() {
        let from = Shape::new(1, 1, 3);
        let mut y = [0.0; 5];
        resize(&[0.0, 2.0, 8.0], from, &mut y, Shape::new(1, 1, 5), None);
        assert_eq!(y, [0.0, 1.0, 2.0, 5.0, 8.0]);
        let mut one = [0.0];
        resize(&[3.0, 2.0, 8.0], from, &mut one, Shape::new(1, 1, 1), Some(&[1.0]));
        assert_eq!(one, [4.0]);
    }
}
