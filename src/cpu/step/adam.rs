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

/// Makes a gradient Adam's direction. The running means belong to cells of the picture, not of the roll.
fn adam(jitter: Jitter, dx: &mut [f32], first: &mut [f32], second: &mut [f32], mass: &[f32], shape: Shape) {
    let (height, width) = (shape.height, shape.width);
    let (down, right) = shift(jitter, shape);
    let moments = first.par_chunks_mut(width).zip(second.par_chunks_mut(width));
    moments.enumerate().for_each(|(line, (first, second))| {
        let (channel, row) = (line / height, line % height);
        let dx = &dx[(channel * height + (row + down) % height) * width..][..width];
        let rolled = dx[right..].iter().chain(&dx[..right]);
        for ((first, second), dx) in first.iter_mut().zip(second).zip(rolled) {
            *first = 0.9 * *first + 0.1 * dx;
            *second = 0.999 * *second + 0.001 * dx * dx;
        }
    });
    let (first, second) = (&*first, &*second);
    dx.par_chunks_mut(width).enumerate().for_each(|(line, dx)| {
        let (channel, row) = (line / height, line % height);
        let from = (channel * height + (row + height - down) % height) * width;
        let [first, second] = [first, second].map(|cells| {
            let (left, right) = cells[from..from + width].split_at(width - right);
            right.iter().chain(left)
        });
        for ((dx, first), second) in dx.iter_mut().zip(first).zip(second) {
            *dx = first / mass[0] / ((second / mass[1]).sqrt() + 1e-8);
        }
    });
}
