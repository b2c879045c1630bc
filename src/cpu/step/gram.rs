//! How the channels of a map correlate (Gram matrices), and how that differs between maps.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::cpu::gemm::{Left, Plain, Right, pack, packed, product};
use crate::cpu::panel::Panel;
use crate::plan::step::{Contrast, Gram, GramGradient};

/// Channels of a task.
const CHANNELS: usize = 32;
/// The lower bound of lengths.
const LEAST: f32 = 1e-10;

impl Run for Gram {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y } = self;
        let (channels, plane, isa) = (x.shape.channels, x.shape.plane(), at.isa);
        let scratch = at.scratch;
        at.memory.lend(y, |memory, y| {
            let x = memory.get(x);
            scratch.with(packed(plane, channels), |right| {
                scratch.with(channels, |row| {
                    for cell in 0..plane {
                        row.iter_mut()
                            .zip(x[cell..].iter().step_by(plane))
                            .for_each(|(to, &from)| *to = from);
                        pack(row, cell, plane, right);
                    }
                });
                let right = Right { cells: right, depth: plane, start: 0 };
                y.par_chunks_mut(CHANNELS * channels).enumerate().for_each(|(task, y)| {
                    let own = &x[task * CHANNELS * plane..];
                    let left = Left::new(y.len() / channels, plane, |row, cell| own[row * plane + cell]);
                    product(isa, (&left, 0), right, &mut Panel::new(y, channels), &Plain);
                });
            });
        });
    }
}

impl Run for Contrast {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { grams, own, length, score, y } = self;
        let (cells, count) = (y.shape.len(), grams.shape.len() / y.shape.len());
        at.memory.lend(y, |memory, y| {
            let grams = memory.get(grams);
            let (length, score) = (memory.get(length)[0].max(LEAST), memory.get(score)[0]);
            y.par_chunks_mut(PIECE).enumerate().for_each(|(piece, y)| {
                let part = |number: usize| &grams[number * cells + piece * PIECE..][..y.len()];
                let own = part(own);
                let sum = |at: usize| (0..count).map(|number| own[at] - part(number)[at]).sum::<f32>();
                let slopes: Vec<f32> = (0..y.len()).map(|at| (sum(at) - score * own[at]) / length).collect();
                y.copy_from_slice(&slopes);
            });
        });
    }
}

impl Run for GramGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, slope, scale, dx } = self;
        let (channels, plane, isa) = (x.shape.channels, x.shape.plane(), at.isa);
        let (scale, scratch) = (scale.at(at.turn.dials), at.scratch);
        at.leave(&dx, |memory, dx| {
            let (x, slope) = (memory.get(x), memory.get(slope));
            scratch.with(packed(channels, plane), |right| {
                let rows = x.chunks_exact(plane).enumerate();
                rows.for_each(|(channel, row)| pack(row, channel, channels, right));
                let right = Right { cells: right, depth: channels, start: 0 };
                dx.pieces(CHANNELS * plane).enumerate().for_each(|(task, dx)| {
                    let own = &slope[task * CHANNELS * channels..];
                    let row = |row: usize, channel: usize| scale * own[row * channels + channel];
                    let left = Left::new(dx.cells.len() / plane, channels, row);
                    scratch.with(dx.cells.len(), |sums| {
                        product(isa, (&left, 0), right, &mut Panel::new(sums, plane), &Plain);
                        dx.put(sums.iter().copied());
                    });
                });
            });
        });
    }
}
