//! Cells that are scaled and offset, or set.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::plan::step::Affine;

impl Run for Affine {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.x, |_, x| affine(x, self.scale, self.offset));
    }
}

/// `scale * x + offset`; with a scale of 0, `offset` whatever the cell held before.
fn affine(x: &mut [f32], scale: f32, offset: f32) {
    if scale == 0.0 {
        x.fill(offset);
    } else {
        x.par_chunks_mut(PIECE).for_each(|x| x.iter_mut().for_each(|x| *x = scale * *x + offset));
    }
}
