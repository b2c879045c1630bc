//! Softmax and its gradient.

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::plan::step::{Softmax, SoftmaxGradient};

impl Run for Softmax {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.y, |memory, y| softmax(memory.get(self.x), y));
    }
}

impl Run for SoftmaxGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        at.leave(&self.dx, |memory, dx| softmax_gradient(memory.get(self.y), memory.get(self.dy), dx));
    }
}

/// Softmax over all cells.
fn softmax(x: &[f32], y: &mut [f32]) {
    let highest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let power = |x: &f32| f64::from(x - highest).exp();
    let sum: f64 = x.iter().map(power).sum();
    y.iter_mut().zip(x).for_each(|(y, x)| *y = (power(x) / sum) as f32);
}

/// `y (dy - sum of y dy)`.
fn softmax_gradient(y: &[f32], dy: &[f32], dx: Destination<'_>) {
    let sum: f64 = y.iter().zip(dy).map(|(&y, &dy)| f64::from(y) * f64::from(dy)).sum();
    dx.put(y.iter().zip(dy).map(|(y, dy)| y * (dy - sum as f32)));
}
