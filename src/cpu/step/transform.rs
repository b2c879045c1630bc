//! A picture translated, rotated and scaled, and the transpose of that.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::{Transform, TransformGradient, place};

impl Run for Transform {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, outside, .. } = self;
        let matrix = self.matrix.map(|number| number.at(at.turn.dials));
        let (from, to, isa) = (x.shape, y.shape, at.isa);
        at.memory.lend(y, |memory, cells| {
            let x = memory.get(x);
            cells.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
                let (channel, row) = (line / to.height, line % to.height);
                let plane = &x[channel * from.plane()..][..from.plane()];
                isa.run(Look { matrix, plane, from, outside: outside[channel], row, cells });
            });
        });
    }
}

impl Run for TransformGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { dy, dx, .. } = self;
        let matrix = self.matrix.map(|number| number.at(at.turn.dials));
        let (from, to, isa) = (dx.shape, dy.shape, at.isa);
        at.memory.lend(dx, |memory, cells| {
            let channels = cells.par_chunks_mut(from.plane()).zip(memory.get(dy).par_chunks(to.plane()));
            // Every cell scatters its gradient, in order: one task per channel.
            channels.for_each(|(dx, dy)| isa.run(HandOn { matrix, dx, from, dy, width: to.width }));
        });
    }
}

/// Cells of a row whose positions are computed together.
const CELLS: usize = 64;

/// Where some cells of a row of the output lie in the input.
struct Places {
    /// Row and column of the cell above and to the left of each; `None` where there are not four cells around.
    corners: [Option<(usize, usize)>; CELLS],
    /// The weights of the four cells: above left, above right, below left, below right.
    weights: [[f32; CELLS]; 4],
}

impl Places {
    /// The positions of cells from a column on. It consists of loops over lanes, to be compiled for the processor
    /// where it is called.
    #[inline(always)]
    fn of(matrix: &[f32; 6], row: usize, first: usize, from: Shape) -> Self {
        let (mut rows, mut columns) = ([0.0; CELLS], [0.0; CELLS]);
        let mut weights = [[0.0; CELLS]; 4];
        for cell in 0..CELLS {
            let [down, across] = place(matrix, row, first + cell);
            (rows[cell], columns[cell]) = (down.floor(), across.floor());
            let (down, across) = (down - rows[cell], across - columns[cell]);
            weights[0][cell] = (1.0 - down) * (1.0 - across);
            weights[1][cell] = (1.0 - down) * across;
            weights[2][cell] = down * (1.0 - across);
            weights[3][cell] = down * across;
        }
        let last = [from.height, from.width].map(|size| size as f32 - 1.0);
        let mut corners = [None; CELLS];
        for ((corner, row), column) in corners.iter_mut().zip(rows).zip(columns) {
            let inside = row >= 0.0 && row < last[0] && column >= 0.0 && column < last[1];
            *corner = inside.then_some((row as usize, column as usize));
        }
        Self { corners, weights }
    }

    /// The weights of the four cells around one position.
    #[inline(always)]
    fn weights(&self, cell: usize) -> [f32; 4] {
        [0, 1, 2, 3].map(|corner| self.weights[corner][cell])
    }
}

/// One row of the transformed picture.
struct Look<'a> {
    matrix: [f32; 6],
    plane: &'a [f32],
    from: Shape,
    outside: f32,
    row: usize,
    cells: &'a mut [f32],
}

impl WithSimd for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { matrix, plane, from, outside, row, cells } = self;
        for (piece, cells) in cells.chunks_mut(CELLS).enumerate() {
            let first = piece * CELLS;
            let places = Places::of(&matrix, row, first, from);
            for (at, cell) in cells.iter_mut().enumerate() {
                let seen = match places.corners[at] {
                    Some((row, column)) => {
                        let above = &plane[row * from.width + column..][..from.width + 2];
                        let [a, b, c, d] = places.weights(at);
                        [a * above[0], b * above[1], c * above[from.width], d * above[from.width + 1]]
                    }
                    None => around(place(&matrix, row, first + at), from)
                        .map(|(at, weight)| weight * at.map_or(outside, |at| plane[at])),
                };
                *cell = seen.iter().sum();
            }
        }
    }
}

/// One channel's gradient.
struct HandOn<'a> {
    matrix: [f32; 6],
    dx: &'a mut [f32],
    from: Shape,
    dy: &'a [f32],
    width: usize,
}

impl WithSimd for HandOn<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { matrix, dx, from, dy, width } = self;
        dx.fill(0.0);
        for (row, line) in dy.chunks_exact(width).enumerate() {
            for (piece, line) in line.chunks(CELLS).enumerate() {
                let first = piece * CELLS;
                let places = Places::of(&matrix, row, first, from);
                for (at, &dy) in line.iter().enumerate() {
                    match places.corners[at] {
                        Some((row, column)) => {
                            let above = &mut dx[row * from.width + column..][..from.width + 2];
                            let [a, b, c, d] = places.weights(at);
                            above[0] += a * dy;
                            above[1] += b * dy;
                            above[from.width] += c * dy;
                            above[from.width + 1] += d * dy;
                        }
                        None => {
                            for (at, weight) in around(place(&matrix, row, first + at), from) {
                                if let Some(at) = at {
                                    dx[at] += weight * dy;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The four cells around a position, if there are four, and their weights.
#[inline(always)]
fn around([row, column]: [f32; 2], shape: Shape) -> [(Option<usize>, f32); 4] {
    let [above, below] = neighbours(row, shape.height);
    let [left, right] = neighbours(column, shape.width);
    [(above, left), (above, right), (below, left), (below, right)].map(|((row, down), (column, across))| {
        let inside = row.zip(column);
        (inside.map(|(row, column)| row * shape.width + column), down * across)
    })
}

#[inline(always)]
fn neighbours(at: f32, size: usize) -> [(Option<usize>, f32); 2] {
    let low = at.floor();
    let part = at - low;
    let inside = |cell: f32| (cell >= 0.0 && cell < size as f32).then_some(cell as usize);
    [(inside(low), 1.0 - part), (inside(low + 1.0), part)]
}
