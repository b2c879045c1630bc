//! Suppresses the motion of what stands still and only has moving grain.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::blocks::BLOCK;
use crate::plan::step::{Explain, Settle};

impl Run for Explain {
    fn run(&self, at: &mut Workplace<'_>) {
        let grid = self.y.shape;
        at.memory.lend(self.y, |memory, cells| {
            let pictures = [memory.get(self.first), memory.get(self.second)];
            let flow = memory.get(self.flow);
            let (explained, left) = cells.split_at_mut(grid.plane());
            let lines = explained.par_chunks_mut(grid.width).zip(left.par_chunks_mut(grid.width));
            lines.enumerate().for_each(|(line, (explained, left))| {
                for (block, to) in explained.iter_mut().zip(left).enumerate() {
                    (*to.0, *to.1) = self.means(flow, pictures, line, block).into();
                }
            });
        });
    }
}

impl Explain {
    /// What is explained and what is left in a block.
    fn means(&self, flow: &[f32], pictures: [&[f32]; 2], line: usize, block: usize) -> [f32; 2] {
        let (height, width) = (self.first.shape.height, self.first.shape.width);
        let rows = BLOCK * line..(BLOCK * (line + 1)).min(height);
        let columns = BLOCK * block..(BLOCK * (block + 1)).min(width);
        let mut sums = [0.0; 2];
        for row in rows.clone() {
            for column in columns.clone() {
                let square = self.square(flow, pictures, row, column);
                sums.iter_mut().zip(square).for_each(|(sum, square)| *sum += square);
            }
        }
        sums.map(|sum| sum / (rows.len() * columns.len()) as f32)
    }

    #[inline(always)]
    fn square(&self, flow: &[f32], [first, second]: [&[f32]; 2], row: usize, column: usize) -> [f32; 2] {
        let (height, width) = (self.first.shape.height, self.first.shape.width);
        let at = row * width + column;
        let slope = |after: usize, before: usize| {
            0.25 * (first[after] + second[after] - first[before] - second[before])
        };
        let down = slope((row + 1).min(height - 1) * width + column, row.saturating_sub(1) * width + column);
        let right = slope(row * width + (column + 1).min(width - 1), row * width + column.saturating_sub(1));
        let along = flow[at] * down + flow[height * width + at] * right;
        let changed = first[at] - second[at];
        let left = (changed - along) * (changed - along);
        [changed * changed - left, left]
    }
}

impl Run for Settle {
    fn run(&self, at: &mut Workplace<'_>) {
        let (plane, width, grid) = (self.y.shape.plane(), self.y.shape.width, self.explained.shape);
        at.memory.lend(self.y, |memory, cells| {
            let (down, right) = memory.get(self.flow).split_at(plane);
            let (explained, left) = memory.get(self.explained).split_at(grid.plane());
            let (rows, columns) = cells.split_at_mut(plane);
            let lines = rows.par_chunks_mut(width).zip(columns.par_chunks_mut(width));
            lines.enumerate().for_each(|(row, (rows, columns))| {
                let flow = down[row * width..].iter().zip(&right[row * width..]);
                for ((column, (down, right)), to) in flow.enumerate().zip(rows.iter_mut().zip(columns)) {
                    let block = row / BLOCK * grid.width + column / BLOCK;
                    let part = self.part([*down, *right], explained[block], left[block]);
                    (*to.0, *to.1) = (down * part, right * part);
                }
            });
        });
    }
}

impl Settle {
    /// The fraction of a vector that is kept.
    #[inline(always)]
    fn part(&self, [down, right]: [f32; 2], explained: f32, left: f32) -> f32 {
        let still = self.still;
        let far = 2.0 * (down * down + right * right).sqrt() / still.far - 1.0;
        let shown = explained / (left + still.rounding) / still.grain - 1.0;
        far.max(shown).clamp(0.0, 1.0)
    }
}
