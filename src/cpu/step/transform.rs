//! A picture moved, turned and scaled, and the transpose of that.

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
            // Every cell hands its gradient on, in order: a channel is one task.
            channels.for_each(|(dx, dy)| isa.run(HandOn { matrix, dx, from, dy, width: to.width }));
        });
    }
}

/// A row of what is seen. The loops do not fill vectors; compiled for the processor, they round down in one instruction.
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
        for (column, cell) in self.cells.iter_mut().enumerate() {
            let shares = around(place(&self.matrix, self.row, column), self.from);
            let seen = shares.map(|(at, weight)| weight * at.map_or(self.outside, |at| self.plane[at]));
            *cell = seen.iter().sum();
        }
    }
}

/// A channel's gradient.
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
        self.dx.fill(0.0);
        for (row, line) in self.dy.chunks_exact(self.width).enumerate() {
            for (column, &dy) in line.iter().enumerate() {
                for (at, weight) in around(place(&self.matrix, row, column), self.from) {
                    if let Some(at) = at {
                        self.dx[at] += weight * dy;
                    }
                }
            }
        }
    }
}

/// The four cells around a place, where there are any, and their weights.
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
