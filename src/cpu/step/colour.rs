//! Colours out of channels that do not depend on each other.

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
            let slope = |channel: usize, pixel: usize| {
                let shown = (y[channel * plane + pixel] + mean[channel]) / 255.0;
                255.0 * shown * (1.0 - shown) * dy[channel * plane + pixel]
            };
            for (to, cells) in cells.chunks_exact_mut(plane).enumerate() {
                let parts = [2, 1, 0].map(|colour: usize| DECORRELATED[colour][to]);
                cells.par_chunks_mut(PIECE).enumerate().for_each(|(piece, cells)| {
                    for (pixel, cell) in (piece * PIECE..).zip(cells) {
                        *cell = parts[0] * slope(0, pixel)
                            + parts[1] * slope(1, pixel)
                            + parts[2] * slope(2, pixel);
                    }
                });
            }
        });
    }
}
