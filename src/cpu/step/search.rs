//! One step of the inverse search for patches of one picture in another.

use std::array::from_fn;

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::patch::{Lanes, Patch, Plane};
use crate::plan::patches::PATCH;
use crate::plan::step::Search;

/// Cells of a patch.
const CELLS: f32 = (PATCH * PATCH) as f32;

impl Run for Search {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, y, stride, damping } = self;
        at.memory.lend(y, |memory, cells| {
            let plane = |view| Plane { cells: memory.get(view), shape: first.shape };
            let (first, second, x) = (plane(first), plane(second), memory.get(x));
            let (rows, columns) = cells.split_at_mut(y.shape.plane());
            let lines = rows.par_chunks_mut(y.shape.width).zip(columns.par_chunks_mut(y.shape.width));
            lines.enumerate().for_each(|(line, (rows, columns))| {
                for (number, (row, column)) in rows.iter_mut().zip(columns).enumerate() {
                    let patch = line * y.shape.width + number;
                    let place = (line * stride, number * stride);
                    let moved = [x[patch], x[y.shape.plane() + patch]];
                    let there = second.moved(place, moved);
                    let [down, right] = step(first, place, &there, damping);
                    (*row, *column) = (moved[0] - down, moved[1] - right);
                }
            });
        });
    }
}

/// How far off the current displacement is, at which the second picture shows `there`: this much is to be
/// subtracted.
fn step(first: Plane<'_>, (row, column): (usize, usize), there: &Patch, damping: f32) -> [f32; 2] {
    let own: [[f32; PATCH + 2]; PATCH + 2] = first.window(row as isize - 1, column as isize - 1);
    let (mut sums, mut products) = ([Lanes::default(); 3], [Lanes::default(); 5]);
    for (row, there) in there.iter().enumerate() {
        let down = from_fn(|at| 0.5 * (own[row + 2][at + 1] - own[row][at + 1]));
        let right = from_fn(|at| 0.5 * (own[row + 1][at + 2] - own[row + 1][at]));
        let off = from_fn(|at| there[at] - own[row + 1][at + 1]);
        sums.iter_mut().zip([&down, &right, &off]).for_each(|(sum, line)| sum.add(line));
        let pairs = [(&down, &down), (&down, &right), (&right, &right), (&down, &off), (&right, &off)];
        products.iter_mut().zip(pairs).for_each(|(sum, (a, b))| sum.add_products(a, b));
    }
    let [down, right, off] = sums.map(Lanes::total);
    let [rr, rc, cc, ro, co] = products.map(Lanes::total);
    // Products after removing the means.
    let about = |product: f32, a: f32, b: f32| product - a * b / CELLS;
    let (rr, rc, cc) =
        (about(rr, down, down) + damping, about(rc, down, right), about(cc, right, right) + damping);
    let (ro, co) = (about(ro, down, off), about(co, right, off));
    let determinant = rr * cc - rc * rc;
    [(cc * ro - rc * co) / determinant, (rr * co - rc * ro) / determinant]
}
