//! Colours from decorrelated channels.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::plan::step::{Colour, ColourGradient, DECORRELATED};

impl Run for Colour {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, mean } = self;
        let plane = y.shape.plane();
        at.memory.lend(y, |memory, cells| {
            let x = memory.get(x);
            for (channel, cells) in cells.chunks_exact_mut(plane).enumerate() {
                let (parts, mean) = (DECORRELATED[2 - channel], mean[channel]);
                cells.par_chunks_mut(PIECE).enumerate().for_each(|(piece, cells)| {
                    let [a, b, c] = [0, 1, 2].map(|from| &x[from * plane + piece * PIECE..][..cells.len()]);
                    for (at, cell) in cells.iter_mut().enumerate() {
                        let sum = parts[0] * a[at] + parts[1] * b[at] + parts[2] * c[at];
                        *cell = 255.0 / (1.0 + (-sum).exp()) - mean;
                    }
                });
            }
        });
    }
}

impl Run for ColourGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { y, dy, dx, mean } = self;
        let plane = dx.shape.plane();
        at.memory.lend(dx, |memory, cells| {
            let (y, dy) = (memory.get(y), memory.get(dy));
            let (first, rest) = cells.split_at_mut(plane);
            let (second, third) = rest.split_at_mut(plane);
            let pieces = first.par_chunks_mut(PIECE).zip(second.par_chunks_mut(PIECE));
            pieces.zip(third.par_chunks_mut(PIECE)).enumerate().for_each(|(piece, ((a, b), c))| {
                let count = a.len();
                let [y, dy] = [y, dy]
                    .map(|cells| [0, 1, 2].map(|channel| &cells[channel * plane + piece * PIECE..][..count]));
                for at in 0..count {
                    let slopes = [0, 1, 2].map(|channel: usize| {
                        let shown = (y[channel][at] + mean[channel]) / 255.0;
                        255.0 * shown * (1.0 - shown) * dy[channel][at]
                    });
                    // The colours are stored as blue, green, red; the matrix has them the other way round.
                    let sum = |to: usize| {
                        DECORRELATED[2][to] * slopes[0]
                            + DECORRELATED[1][to] * slopes[1]
                            + DECORRELATED[0][to] * slopes[2]
                    };
                    (a[at], b[at], c[at]) = (sum(0), sum(1), sum(2));
                }
            });
        });
    }
}
