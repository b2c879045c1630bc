//! Good displacements spread from patch to patch.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::isa::each;
use crate::cpu::patch::{Patch, Plane, covariance};
use crate::plan::step::Propagate;

impl Run for Propagate {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, start, y, stride, reach } = self;
        let isa = at.isa;
        at.memory.lend(y, |memory, cells| {
            let plane = |view| Plane { cells: memory.get(view), shape: first.shape };
            let (first, second) = (plane(first), plane(second));
            let fields = [memory.get(x), memory.get(start)];
            let (rows, columns) = cells.split_at_mut(y.shape.plane());
            let lines = rows.par_chunks_mut(y.shape.width).zip(columns.par_chunks_mut(y.shape.width));
            lines.enumerate().for_each(|(line, (rows, columns))| {
                let size = (y.shape.height, y.shape.width);
                isa.run(Line { first, second, fields, size, line, stride, reach, to: [rows, columns] });
            });
        });
    }
}

/// One task: a line of patches.
struct Line<'a> {
    first: Plane<'a>,
    second: Plane<'a>,
    /// The displacements of all patches, and those that their search began with.
    fields: [&'a [f32]; 2],
    /// How many lines of patches there are, and how many patches in each.
    size: (usize, usize),
    line: usize,
    stride: usize,
    reach: usize,
    to: [&'a mut [f32]; 2],
}

impl WithSimd for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { first, second, fields: [x, start], size: (height, width), line, stride, reach, to } = self;
        let [rows, columns] = to;
        let movement = |field: &[f32], line: usize, number: usize| {
            [0, height * width].map(|first| field[first + line * width + number])
        };
        let (above, below) = (line.saturating_sub(reach), (line + reach).min(height - 1));
        for (number, (row, column)) in rows.iter_mut().zip(columns).enumerate() {
            let (left, right) = (number.saturating_sub(reach), (number + reach).min(width - 1));
            let candidates = [
                movement(x, line, number),
                movement(start, line, number),
                movement(x, above, number),
                movement(x, below, number),
                movement(x, line, left),
                movement(x, line, right),
            ];
            [*row, *column] = best(simd, [first, second], (line * stride, number * stride), &candidates);
        }
    }
}

/// The candidate displacement with which a patch fits best; the first one if several are equal.
#[inline(always)]
fn best<S: Simd>(
    simd: S,
    [first, second]: [Plane<'_>; 2],
    place: (usize, usize),
    candidates: &[[f32; 2]],
) -> [f32; 2] {
    let own: Patch = first.lines(place.0 as isize, place.1 as isize);
    let mut best = (f32::INFINITY, candidates[0]);
    for (number, &candidate) in candidates.iter().enumerate() {
        // Neighbours often have the same displacement, and an equal candidate would not replace an earlier one
        // anyway.
        if candidates[..number].contains(&candidate) {
            continue;
        }
        let misfit = misfit(simd, &own, second.moved(simd, place, candidate));
        if misfit < best.0 {
            best = (misfit, candidate);
        }
    }
    best.1
}

/// The sum of squared differences after subtracting the difference of the means.
#[inline(always)]
fn misfit<S: Simd>(simd: S, own: &Patch, mut there: Patch) -> f32 {
    let (off, own) = (&mut there[..], &own[..]);
    each!(simd, off, |there, own = own| simd.sub_f32s(there, own));
    covariance(simd, &there, &there)
}
