//! Adam's direction.

use rayon::prelude::*;

use super::roll::shift;
use super::{Run, Workplace};
use crate::machine::Jitter;
use crate::net::Shape;
use crate::plan::step::Adam;

impl Run for Adam {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { dx, first, second, mass } = self;
        let jitter = at.turn.jitter;
        at.memory.lend(first, |memory, first| {
            memory.lend(second, |memory, second| {
                memory.lend(dx, |memory, cells| {
                    adam(jitter, cells, first, second, memory.get(mass), dx.shape);
                });
            });
        });
    }
}

/// Turns a gradient into Adam's direction. The running means belong to cells of the picture before the jitter's
/// shift.
fn adam(jitter: Jitter, dx: &mut [f32], first: &mut [f32], second: &mut [f32], mass: &[f32], shape: Shape) {
    let (height, width) = (shape.height, shape.width);
    let (down, right) = shift(jitter, shape);
    let moments = first.par_chunks_mut(width).zip(second.par_chunks_mut(width));
    moments.enumerate().for_each(|(line, (first, second))| {
        let (channel, row) = (line / height, line % height);
        let dx = &dx[(channel * height + (row + down) % height) * width..][..width];
        let (first, second) = (first.split_at_mut(width - right), second.split_at_mut(width - right));
        remember(first.0, second.0, &dx[right..]);
        remember(first.1, second.1, &dx[..right]);
    });
    let (first, second) = (&*first, &*second);
    dx.par_chunks_mut(width).enumerate().for_each(|(line, dx)| {
        let (channel, row) = (line / height, line % height);
        let from = (channel * height + (row + height - down) % height) * width;
        let [first, second] = [first, second].map(|cells| cells[from..from + width].split_at(width - right));
        let (start, end) = dx.split_at_mut(right);
        direct(start, first.1, second.1, mass);
        direct(end, first.0, second.0, mass);
    });
}

/// Contiguous cells are processed many at a time.
fn remember(first: &mut [f32], second: &mut [f32], dx: &[f32]) {
    for ((first, second), dx) in first.iter_mut().zip(second).zip(dx) {
        *first = 0.9 * *first + 0.1 * dx;
        *second = 0.999 * *second + 0.001 * dx * dx;
    }
}

fn direct(dx: &mut [f32], first: &[f32], second: &[f32], mass: &[f32]) {
    let (first_mass, second_mass) = (mass[0], mass[1]);
    for ((dx, first), second) in dx.iter_mut().zip(first).zip(second) {
        *dx = first / first_mass / ((second / second_mass).sqrt() + 1e-8);
    }
}
