//! Resampling on a lattice that a flow may move.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::step::{Sample, Warp};

impl Run for Sample {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.y, |memory, cells| {
            self.fill(memory.get(self.x), self.flow.map(|flow| memory.get(flow)), cells);
        });
    }
}

impl Sample {
    fn fill(&self, x: &[f32], flow: Option<&[f32]>, y: &mut [f32]) {
        let (from, to) = (self.x.shape, self.y.shape);
        let place = |cell: usize| self.first + self.pitch * cell as f32;
        y.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
            let plane = &x[line / to.height * from.plane()..][..from.plane()];
            let row = line % to.height;
            let flow = flow.map(|flow| flow.split_at(to.plane()));
            for (column, cell) in cells.iter_mut().enumerate() {
                let at = row * to.width + column;
                let (down, right) = flow.map_or((0.0, 0.0), |(down, right)| (down[at], right[at]));
                let corners = Warp::corners(place(row) + down, place(column) + right, from);
                *cell = self.factor * corners.iter().map(|&(at, weight)| weight * plane[at]).sum::<f32>();
            }
        });
    }
}
