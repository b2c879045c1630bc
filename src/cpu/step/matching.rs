//! The column of a guide that each cell of a map is most similar to, and the gradient towards it.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gemm::{Left, Plain, Right, pack, packed, product};
use crate::cpu::gradient::Destination;
use crate::cpu::isa::Isa;
use crate::cpu::memory::Scratch;
use crate::cpu::panel::Panel;
use crate::plan::step::{Match, MatchGradient};

/// Cells of a task.
const CELLS: usize = 32;
/// Columns of the guide at a time: their scores for the cells of a task fit the L1 cache.
const COLUMNS: usize = 512;

impl Run for Match {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, guide, choice, score } = self;
        let tools = (at.isa, at.scratch);
        at.memory.lend(choice, |memory, choice| {
            memory.lend(score, |memory, score| {
                best((memory.get(x), memory.get(guide)), x.shape.channels, choice, score, tools);
            });
        });
    }
}

impl Run for MatchGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { guide, choice, scale, dx } = self;
        let scale = scale.at(at.turn.dials);
        at.leave(&dx, |memory, dx| gradient(memory.get(guide), memory.get(choice), scale, dx));
    }
}

/// For each cell of `x`, the first of the columns of `guide` with the largest dot product, and that product.
fn best(
    (x, guide): (&[f32], &[f32]),
    channels: usize,
    choice: &mut [f32],
    score: &mut [f32],
    (isa, scratch): (Isa, &Scratch),
) {
    let (cells, columns) = (choice.len(), guide.len() / channels);
    let tasks = choice.par_chunks_mut(CELLS).zip(score.par_chunks_mut(CELLS)).enumerate();
    tasks.for_each(|(task, (choice, score))| {
        let count = choice.len();
        let left = Left::new(count, channels, |cell, channel| x[channel * cells + task * CELLS + cell]);
        for first in (0..columns).step_by(COLUMNS) {
            let width = COLUMNS.min(columns - first);
            scratch.with(packed(channels, width), |right| {
                let rows = guide.chunks_exact(columns).enumerate();
                rows.for_each(|(channel, row)| pack(&row[first..first + width], channel, channels, right));
                let right = Right { cells: right, depth: channels, start: 0 };
                scratch.with(count * width, |products| {
                    product(isa, (&left, 0), right, &mut Panel::new(products, width), &Plain);
                    let found = choice.iter_mut().zip(&mut *score).zip(products.chunks_exact(width));
                    found.for_each(|((choice, score), products)| keep_best(choice, score, products, first));
                });
            });
        }
    });
}

/// Continues with the columns from `first` on; the search starts at column 0.
fn keep_best(choice: &mut f32, score: &mut f32, products: &[f32], first: usize) {
    for (column, &product) in products.iter().enumerate() {
        // NaN counts as larger than any number, so that it shows.
        if first + column == 0 || product > *score || (product.is_nan() && !score.is_nan()) {
            (*choice, *score) = ((first + column) as f32, product);
        }
    }
}

/// Each cell gets the channels of the column it chose, scaled.
fn gradient(guide: &[f32], choice: &[f32], scale: f32, dx: Destination<'_>) {
    let columns = guide.len() / (dx.cells.len() / choice.len());
    dx.pieces(choice.len()).zip(guide.par_chunks(columns)).for_each(|(dx, guide)| {
        dx.put(choice.iter().map(|&column| scale * guide[column as usize]));
    });
}
