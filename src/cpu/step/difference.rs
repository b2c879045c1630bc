//! The difference of two maps.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::plan::step::Difference;

impl Run for Difference {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.y, |memory, y| difference(memory.get(self.a), memory.get(self.b), y));
    }
}

/// `a - b`.
fn difference(a: &[f32], b: &[f32], y: &mut [f32]) {
    let pieces = y.par_chunks_mut(PIECE).zip(a.par_chunks(PIECE)).zip(b.par_chunks(PIECE));
    pieces.for_each(|((y, a), b)| y.iter_mut().zip(a.iter().zip(b)).for_each(|(y, (a, b))| *y = a - b));
}
