//! From the displacements of patches to one displacement for each cell.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::isa::Isa;
use crate::cpu::memory::Scratch;
use crate::cpu::patch::{Plane, from_fn};
use crate::plan::patches::{PATCH, covering};
use crate::plan::step::Densify;

impl Run for Densify {
    fn run(&self, at: &mut Workplace<'_>) {
        let (isa, scratch) = (at.isa, at.scratch);
        at.memory.lend(self.y, |memory, cells| {
            let pictures = [self.first, self.second].map(|view| memory.get(view));
            self.fill((isa, scratch), pictures, memory.get(self.x), cells);
        });
    }
}

impl Densify {
    fn fill(&self, (isa, scratch): (Isa, &Scratch), pictures: [&[f32]; 2], x: &[f32], y: &mut [f32]) {
        let (picture, patches) = (self.y.shape, self.x.shape);
        let [first, second] = pictures.map(|cells| Plane { cells, shape: picture });
        let (rows, columns) = y.split_at_mut(picture.plane());
        let lines = rows.par_chunks_mut(picture.width).zip(columns.par_chunks_mut(picture.width));
        lines.enumerate().for_each(|(row, (rows, columns))| {
            let patches = (x, patches.height, patches.width);
            // The last patch may reach beyond the picture.
            let length = (patches.2 - 1) * self.stride + PATCH;
            scratch.with(3 * length, |sums| {
                let (stride, to) = (self.stride, [rows, columns]);
                isa.run(Line { first, second, patches, row, stride, sums, to });
            });
        });
    }
}

/// One task: a line of cells.
struct Line<'a> {
    first: Plane<'a>,
    second: Plane<'a>,
    /// The displacements of the patches, how many lines of them there are, and how many patches in each.
    patches: (&'a [f32], usize, usize),
    row: usize,
    stride: usize,
    /// For each cell: the sum of the weights, and the sums of both displacements times their weight.
    sums: &'a mut [f32],
    to: [&'a mut [f32]; 2],
}

/// Patch by patch, whose lines are as long as vectors: the compiler does without being told how.
impl WithSimd for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { first, second, patches: (x, height, width), row, stride, sums, to } = self;
        sums.fill(0.0);
        let (weights, sums) = sums.split_at_mut(sums.len() / 3);
        let (downs, rights) = sums.split_at_mut(weights.len());
        for line in covering(row, stride, height) {
            for number in 0..width {
                let (patch, column) = (line * width + number, number * stride);
                let moved @ [down, right] = [x[patch], x[height * width + patch]];
                let own: [f32; PATCH] = first.line(row as isize, column as isize);
                let there = second.moved_line((row, column), moved);
                let weight: [f32; PATCH] = from_fn(|at| 1.0 / (there[at] - own[at]).abs().max(1.0));
                let cells = column..column + PATCH;
                let add = |sums: &mut [f32], times: f32| {
                    sums.iter_mut().zip(&weight).for_each(|(sum, weight)| *sum += times * weight);
                };
                add(&mut weights[cells.clone()], 1.0);
                add(&mut downs[cells.clone()], down);
                add(&mut rights[cells], right);
            }
        }
        for (to, sums) in to.into_iter().zip([downs, rights]) {
            to.iter_mut().zip(sums).zip(&*weights).for_each(|((to, sum), weight)| *to = *sum / weight);
        }
    }
}
