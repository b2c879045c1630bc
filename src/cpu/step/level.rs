//! Changes the mean and standard deviation of a map.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::plan::step::Level;

impl Run for Level {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.x, |memory, x| level(x, memory.get(self.levels)));
    }
}

/// Maps the measured mean and deviation to the wanted ones: `levels` holds all four.
fn level(x: &mut [f32], levels: &[f32]) {
    let &[mean, deviation, to_mean, to_deviation] = levels else { unreachable!("levels are four cells") };
    let rate = to_deviation / deviation.max(1e-10);
    x.par_chunks_mut(PIECE).for_each(|x| x.iter_mut().for_each(|x| *x = (*x - mean) * rate + to_mean));
}
