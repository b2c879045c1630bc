//! From the displacements of patches to one displacement for each cell.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::patch::Plane;
use crate::plan::patches::covering;
use crate::plan::step::Densify;

impl Run for Densify {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, y, .. } = self;
        at.memory.lend(y, |memory, cells| {
            self.fill(memory.get(first), memory.get(second), memory.get(x), cells);
        });
    }
}

impl Densify {
    fn fill(&self, first: &[f32], second: &[f32], x: &[f32], y: &mut [f32]) {
        let (picture, patches) = (self.y.shape, self.x.shape);
        let second = Plane { cells: second, shape: picture };
        let (x_rows, x_columns) = x.split_at(patches.plane());
        let (rows, columns) = y.split_at_mut(picture.plane());
        let lines = rows.par_chunks_mut(picture.width).zip(columns.par_chunks_mut(picture.width));
        lines.enumerate().for_each(|(row, (rows, columns))| {
            let lines = covering(row, self.stride, patches.height);
            for (column, (down, right)) in rows.iter_mut().zip(columns).enumerate() {
                let level = first[row * picture.width + column];
                let mut sums = [0.0; 3];
                for line in lines.clone() {
                    for number in covering(column, self.stride, patches.width) {
                        let patch = line * patches.width + number;
                        let (down, right) = (x_rows[patch], x_columns[patch]);
                        let there = second.between(row as f32 + down, column as f32 + right);
                        let weight = 1.0 / (there - level).abs().max(1.0);
                        let terms = [weight, weight * down, weight * right];
                        sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                    }
                }
                (*down, *right) = (sums[1] / sums[0], sums[2] / sums[0]);
            }
        });
    }
}
