//! The loop around the network: objectives, shifts, steps uphill and changes of size.

use rayon::prelude::*;

use super::gradient::Destination;
use crate::machine::Jitter;
use crate::net::Shape;
use crate::plan::{Functional, Region};

/// Cells of a partial sum. Fixed, so that a sum does not depend on the number of threads.
pub(super) const PIECE: usize = 1 << 13;

/// `max(x, 0)`.
pub(super) fn relu(x: &[f32], y: &mut [f32]) {
    let pieces = y.par_chunks_mut(PIECE).zip(x.par_chunks(PIECE));
    pieces.for_each(|(y, x)| y.iter_mut().zip(x).for_each(|(y, x)| *y = x.max(0.0)));
}

/// `a - b`.
pub(super) fn difference(a: &[f32], b: &[f32], y: &mut [f32]) {
    let pieces = y.par_chunks_mut(PIECE).zip(a.par_chunks(PIECE)).zip(b.par_chunks(PIECE));
    pieces.for_each(|((y, a), b)| y.iter_mut().zip(a.iter().zip(b)).for_each(|(y, (a, b))| *y = a - b));
}

/// Softmax over all cells.
pub(super) fn softmax(x: &[f32], y: &mut [f32]) {
    let highest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let power = |x: &f32| f64::from(x - highest).exp();
    let sum: f64 = x.iter().map(power).sum();
    y.iter_mut().zip(x).for_each(|(y, x)| *y = (power(x) / sum) as f32);
}

/// `y (dy - sum of y dy)`.
pub(super) fn softmax_gradient(y: &[f32], dy: &[f32], dx: Destination<'_>) {
    let sum: f64 = y.iter().zip(dy).map(|(&y, &dy)| f64::from(y) * f64::from(dy)).sum();
    dx.put(y.iter().zip(dy).map(|(y, dy)| y * (dy - sum as f32)));
}

/// The gradient of a functional. Only that of a square needs to know the map.
pub(super) fn seed<'a>(
    functional: Functional,
    x: impl FnOnce() -> &'a [f32],
    dx: Destination<'_>,
    shape: Shape,
) {
    let channels = dx.pieces(shape.plane());
    match functional {
        Functional::HalfSquares { scale } => {
            channels
                .zip(x().par_chunks(shape.plane()))
                .for_each(|(dx, x)| dx.put(x.iter().map(|x| scale * x)));
        }
        Functional::RegionSum { region, scale } => channels.enumerate().for_each(|(channel, dx)| {
            let cells = (0..shape.height).flat_map(|row| (0..shape.width).map(move |column| (row, column)));
            let inside = cells.map(|(row, column)| region.contains(channel, row, column));
            dx.put(inside.map(|inside| if inside { scale } else { 0.0 }));
        }),
        Functional::Magnitude { .. } | Functional::Root { .. } => unreachable!("it is never climbed"),
    }
}

/// `gate x`, channel by channel.
pub(super) fn gate(x: &[f32], gate: &[f32], y: Destination<'_>) {
    let channels = y.pieces(gate.len()).zip(x.par_chunks(gate.len()));
    channels.for_each(|(y, x)| y.put(x.iter().zip(gate).map(|(x, gate)| gate * x)));
}

/// The value of a functional.
pub(super) fn measure(functional: Functional, x: &[f32], shape: Shape) -> f64 {
    match functional {
        Functional::HalfSquares { scale } => f64::from(scale) / 2.0 * sum(x, |x| x * x),
        Functional::Magnitude { scale } => f64::from(scale) * sum(x, f64::abs),
        Functional::Root { scale } => (f64::from(scale) * sum(x, |x| x * x)).sqrt(),
        Functional::RegionSum { region, scale } => {
            let Region { channel, rows, columns } = region;
            let plane = &x[channel * shape.plane()..][..shape.plane()];
            let lines = (rows.0..rows.1).map(|row| &plane[row * shape.width..][columns.0..columns.1]);
            f64::from(scale) * lines.map(|line| sum(line, |x| x)).sum::<f64>()
        }
    }
}

fn sum(cells: &[f32], term: impl Fn(f64) -> f64 + Sync) -> f64 {
    let pieces = cells.par_chunks(PIECE).map(|piece| piece.iter().map(|&x| term(f64::from(x))).sum());
    pieces.collect::<Vec<f64>>().iter().sum()
}

/// Circular shift by the jitter.
pub(super) fn roll(jitter: Jitter, x: &[f32], y: &mut [f32], shape: Shape) {
    let (down, right) = shift(jitter, shape);
    y.par_chunks_mut(shape.width).enumerate().for_each(|(line, to)| {
        let (channel, row) = (line / shape.height, line % shape.height);
        let from = (row + shape.height - down) % shape.height;
        let from = &x[(channel * shape.height + from) * shape.width..][..shape.width];
        let (kept, wrapped) = from.split_at(shape.width - right);
        to[right..].copy_from_slice(kept);
        to[..right].copy_from_slice(wrapped);
    });
}

/// `x = clamp(x + mask * step / magnitude * dx)`, with `dx` shifted back by the jitter.
pub(super) fn ascend(
    jitter: Jitter,
    x: &mut [f32],
    dx: &[f32],
    rate: f32,
    mask: Option<&[f32]>,
    bounds: [(f32, f32); 3],
    shape: Shape,
) {
    let (down, right) = shift(jitter, shape);
    x.par_chunks_mut(shape.width).enumerate().for_each(|(line, cells)| {
        let (channel, row) = (line / shape.height, line % shape.height);
        let from = (row + down) % shape.height;
        let dx = &dx[(channel * shape.height + from) * shape.width..][..shape.width];
        let (low, high) = bounds[channel];
        let rolled = dx[right..].iter().chain(&dx[..right]);
        let climbing = cells.iter_mut().zip(rolled);
        match mask.map(|mask| &mask[row * shape.width..]) {
            None => climbing.for_each(|(x, dx)| *x = (*x + rate * dx).clamp(low, high)),
            Some(mask) => {
                climbing.zip(mask).for_each(|((x, dx), mask)| *x = (*x + rate * mask * dx).clamp(low, high));
            }
        }
    });
}

/// The jitter as a shift that is neither negative nor longer than the map.
pub(super) fn shift(jitter: Jitter, shape: Shape) -> (usize, usize) {
    let within = |by: i32, size: usize| (i64::from(by)).rem_euclid(size as i64) as usize;
    (within(jitter.down, shape.height), within(jitter.right, shape.width))
}

/// Bilinear resampling of `x` (of shape `from`), corners on corners, plus `base` if there is one.
pub(super) fn resize(x: &[f32], from: Shape, y: &mut [f32], to: Shape, base: Option<&[f32]>) {
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
    /// How far towards the higher one.
    part: f32,
}

impl Between {
    /// Where output cell `at` of `to` falls among `from` cells; whole numbers, so exactly.
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

    #[test]
    fn ascent_undoes_the_roll() {
        let shape = Shape::new(3, 2, 5);
        let x: Vec<f32> = (0..30).map(|cell| cell as f32).collect();
        let jitter = Jitter { down: -3, right: 12 };
        let mut rolled = vec![0.0; 30];
        roll(jitter, &x, &mut rolled, shape);
        assert_eq!(rolled[5 + 2], x[0]);
        let mut back = vec![0.0; 30];
        ascend(jitter, &mut back, &rolled, 1.0, None, [(0.0, 100.0); 3], shape);
        assert_eq!(back, x);
    }
}
