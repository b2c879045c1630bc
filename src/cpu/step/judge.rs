//! Where a flow can be relied on.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::patch::Plane;
use crate::plan::step::Judge;

impl Run for Judge {
    fn run(&self, at: &mut Workplace<'_>) {
        let width = self.y.shape.width;
        at.memory.lend(self.y, |memory, cells| {
            let (flow, back) = (self.planes(memory.get(self.flow)), self.planes(memory.get(self.back)));
            cells.par_chunks_mut(width).enumerate().for_each(|(row, cells)| {
                for (column, cell) in cells.iter_mut().enumerate() {
                    *cell = self.judge(flow, back, row, column);
                }
            });
        });
    }
}

impl Judge {
    fn planes<'a>(&self, flow: &'a [f32]) -> [Plane<'a>; 2] {
        let shape = self.y.shape;
        let (rows, columns) = flow.split_at(shape.plane());
        [rows, columns].map(|cells| Plane { cells, shape })
    }

    #[inline(always)]
    fn judge(&self, flow: [Plane<'_>; 2], back: [Plane<'_>; 2], row: usize, column: usize) -> f32 {
        let (height, width) = (self.y.shape.height, self.y.shape.width);
        let vector = |row: usize, column: usize| flow.map(|part| part.cells[row * width + column]);
        let there = vector(row, column);
        let to = [row as f32 + there[0], column as f32 + there[1]];
        let inside =
            to[0] >= 0.0 && to[1] >= 0.0 && to[0] < (height - 1) as f32 && to[1] < (width - 1) as f32;
        if !inside {
            return 0.0;
        }
        let again = back.map(|part| part.between(to[0], to[1]));
        let left = squares([there[0] + again[0], there[1] + again[1]]);
        if left >= 0.01 * (squares(there) + squares(again)) + 0.5 {
            return -255.0;
        }
        let slope = |a: [f32; 2], b: [f32; 2]| squares([0.5 * (b[0] - a[0]), 0.5 * (b[1] - a[1])]);
        let (above, below) = (row.saturating_sub(1), (row + 1).min(height - 1));
        let (before, behind) = (column.saturating_sub(1), (column + 1).min(width - 1));
        let steep = slope(vector(above, column), vector(below, column))
            + slope(vector(row, before), vector(row, behind));
        if steep > 0.01 * squares(there) + 0.002 { self.border } else { 255.0 }
    }
}

fn squares([a, b]: [f32; 2]) -> f32 {
    a * a + b * b
}
