//! Means of channels, one task per channel.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::plan::step::{Average, AverageGradient};

impl Run for Average {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.y, |memory, y| average(memory.get(self.x), self.x.shape.plane(), y));
    }
}

impl Run for AverageGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        at.leave(&self.dx, |memory, dx| {
            average_gradient(memory.get(self.dy), dx, self.dx.view.shape.plane())
        });
    }
}

/// Mean of each channel.
fn average(x: &[f32], plane: usize, y: &mut [f32]) {
    y.par_iter_mut().zip(x.par_chunks(plane)).for_each(|(y, x)| {
        let sum: f64 = x.iter().map(|&x| f64::from(x)).sum();
        *y = (sum / plane as f64) as f32;
    });
}

/// Spreads each channel's gradient evenly over its cells.
fn average_gradient(dy: &[f32], dx: Destination<'_>, plane: usize) {
    dx.pieces(plane).zip(dy).for_each(|(dx, &dy)| dx.put(std::iter::repeat(dy / plane as f32)));
}
