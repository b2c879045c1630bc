//! The ReLU, where it is a step of its own.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::plan::step::Relu;

impl Run for Relu {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.y, |memory, y| relu(memory.get(self.x), y));
    }
}

/// `max(x, 0)`.
fn relu(x: &[f32], y: &mut [f32]) {
    let pieces = y.par_chunks_mut(PIECE).zip(x.par_chunks(PIECE));
    pieces.for_each(|(y, x)| y.iter_mut().zip(x).for_each(|(y, x)| *y = x.max(0.0)));
}
