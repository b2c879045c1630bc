//! One step of the inverse search for patches of one picture in another.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::isa::each;
use crate::cpu::patch::{CELLS, Patch, Plane, WITH_LINES_AROUND, covariance};
use crate::plan::patches::PATCH;
use crate::plan::step::Search;

impl Run for Search {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, y, stride, damping } = self;
        let isa = at.isa;
        at.memory.lend(y, |memory, cells| {
            let plane = |view| Plane { cells: memory.get(view), shape: first.shape };
            let (first, second, x) = (plane(first), plane(second), memory.get(x));
            let (rows, columns) = cells.split_at_mut(y.shape.plane());
            let lines = rows.par_chunks_mut(y.shape.width).zip(columns.par_chunks_mut(y.shape.width));
            lines.enumerate().for_each(|(line, (rows, columns))| {
                let x = [0, y.shape.plane()].map(|first| &x[first + line * y.shape.width..]);
                isa.run(Line { first, second, x, line, stride, damping, to: [rows, columns] });
            });
        });
    }
}

/// One task: a line of patches.
struct Line<'a> {
    first: Plane<'a>,
    second: Plane<'a>,
    x: [&'a [f32]; 2],
    line: usize,
    stride: usize,
    damping: f32,
    to: [&'a mut [f32]; 2],
}

impl WithSimd for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { first, second, x, line, stride, damping, to: [rows, columns] } = self;
        for (number, (row, column)) in rows.iter_mut().zip(columns).enumerate() {
            let (place, moved) = ((line * stride, number * stride), [x[0][number], x[1][number]]);
            let there = second.moved(simd, place, moved);
            let [down, right] = step(simd, first, place, there, damping);
            (*row, *column) = (moved[0] - down, moved[1] - right);
        }
    }
}

/// How far off the current displacement is, at which the second picture shows `there`: this much is to be
/// subtracted.
#[inline(always)]
fn step<S: Simd>(
    simd: S,
    first: Plane<'_>,
    (row, column): (usize, usize),
    there: Patch,
    damping: f32,
) -> [f32; 2] {
    let (row, column, half) = (row as isize, column as isize, simd.splat_f32s(0.5));
    let own: [f32; WITH_LINES_AROUND] = first.lines(row - 1, column);
    let [mut down, mut right, mut off]: [Patch; 3] = [[0.0; CELLS], first.lines(row, column + 1), there];
    down.copy_from_slice(&own[2 * PATCH..]);
    let (cells, above) = (&mut down[..], &own[..CELLS]);
    each!(simd, cells, |below, above = above| simd.mul_f32s(half, simd.sub_f32s(below, above)));
    let before: Patch = first.lines(row, column - 1);
    let (cells, left) = (&mut right[..], &before[..]);
    each!(simd, cells, |right, left = left| simd.mul_f32s(half, simd.sub_f32s(right, left)));
    let (cells, own) = (&mut off[..], &own[PATCH..PATCH + CELLS]);
    each!(simd, cells, |there, own = own| simd.sub_f32s(there, own));
    let (rr, rc) = (covariance(simd, &down, &down) + damping, covariance(simd, &down, &right));
    let cc = covariance(simd, &right, &right) + damping;
    let (ro, co) = (covariance(simd, &down, &off), covariance(simd, &right, &off));
    let determinant = rr * cc - rc * rc;
    [(cc * ro - rc * co) / determinant, (rr * co - rc * ro) / determinant]
}
