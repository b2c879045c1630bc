//! Good displacements spread from patch to patch.

use std::array::from_fn;

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::patch::{Lanes, Patch, Plane};
use crate::plan::patches::PATCH;
use crate::plan::step::Propagate;

impl Run for Propagate {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, start, y, stride, reach } = self;
        at.memory.lend(y, |memory, cells| {
            let plane = |view| Plane { cells: memory.get(view), shape: first.shape };
            let (first, second) = (plane(first), plane(second));
            let (count, width, height) = (y.shape.plane(), y.shape.width, y.shape.height);
            let movement = |field: &[f32], patch: usize| [field[patch], field[count + patch]];
            let (x, start) = (memory.get(x), memory.get(start));
            let (rows, columns) = cells.split_at_mut(count);
            let lines = rows.par_chunks_mut(width).zip(columns.par_chunks_mut(width));
            lines.enumerate().for_each(|(line, (rows, columns))| {
                let (above, below) = (line.saturating_sub(reach), (line + reach).min(height - 1));
                for (number, (row, column)) in rows.iter_mut().zip(columns).enumerate() {
                    let (left, right) = (number.saturating_sub(reach), (number + reach).min(width - 1));
                    let at = |line: usize, number: usize| movement(x, line * width + number);
                    let candidates = [
                        at(line, number),
                        movement(start, line * width + number),
                        at(above, number),
                        at(below, number),
                        at(line, left),
                        at(line, right),
                    ];
                    let place = (line * stride, number * stride);
                    [*row, *column] = best(first, second, place, &candidates);
                }
            });
        });
    }
}

/// The candidate displacement with which a patch fits best; the first one if several are equal.
fn best(first: Plane<'_>, second: Plane<'_>, place: (usize, usize), candidates: &[[f32; 2]]) -> [f32; 2] {
    let own: Patch = first.window(place.0 as isize, place.1 as isize);
    let mut best = (f32::INFINITY, candidates[0]);
    for (number, &candidate) in candidates.iter().enumerate() {
        // Neighbours often have the same displacement, and an equal candidate would not replace an earlier one
        // anyway.
        if candidates[..number].contains(&candidate) {
            continue;
        }
        let misfit = misfit(&own, &second.moved(place, candidate));
        if misfit < best.0 {
            best = (misfit, candidate);
        }
    }
    best.1
}

/// The sum of squared differences after subtracting the difference of the means.
fn misfit(own: &Patch, there: &Patch) -> f32 {
    let (mut sum, mut squares) = (Lanes::default(), Lanes::default());
    for (own, there) in own.iter().zip(there) {
        let off = from_fn(|at| there[at] - own[at]);
        sum.add(&off);
        squares.add_products(&off, &off);
    }
    let sum = sum.total();
    squares.total() - sum * sum / (PATCH * PATCH) as f32
}
