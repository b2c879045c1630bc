//! A picture moved, turned and scaled, and the transpose of that.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::{Transform, TransformGradient, place};

impl Run for Transform {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, outside, .. } = self;
        let matrix = self.matrix.map(|number| number.at(at.turn.dials));
        let (from, to) = (x.shape, y.shape);
        at.memory.lend(y, |memory, cells| {
            let x = memory.get(x);
            cells.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
                let (channel, row) = (line / to.height, line % to.height);
                let plane = &x[channel * from.plane()..][..from.plane()];
                for (column, cell) in cells.iter_mut().enumerate() {
                    let shares = around(place(&matrix, row, column), from);
                    let seen =
                        shares.map(|(at, weight)| weight * at.map_or(outside[channel], |at| plane[at]));
                    *cell = seen.iter().sum();
                }
            });
        });
    }
}

impl Run for TransformGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { dy, dx, .. } = self;
        let matrix = self.matrix.map(|number| number.at(at.turn.dials));
        let (from, to) = (dx.shape, dy.shape);
        at.memory.lend(dx, |memory, cells| {
            let channels = cells.par_chunks_mut(from.plane()).zip(memory.get(dy).par_chunks(to.plane()));
            // Every cell hands its gradient on, in order: a channel is one task.
            channels.for_each(|(dx, dy)| {
                dx.fill(0.0);
                for (row, line) in dy.chunks_exact(to.width).enumerate() {
                    for (column, &dy) in line.iter().enumerate() {
                        for (at, weight) in around(place(&matrix, row, column), from) {
                            if let Some(at) = at {
                                dx[at] += weight * dy;
                            }
                        }
                    }
                }
            });
        });
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
