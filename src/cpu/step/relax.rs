//! Half a sweep of successive over-relaxation.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::step::Relax;

/// What the smoothness of a cell without neighbours is taken for.
const ALONE: f32 = 1e-6;

impl Run for Relax {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, system, y, .. } = self;
        at.memory.lend(y, |memory, cells| self.fill(memory.get(x), memory.get(system), cells));
    }
}

impl Relax {
    fn fill(&self, x: &[f32], system: &[f32], y: &mut [f32]) {
        let (height, width) = (self.x.shape.height, self.x.shape.width);
        let plane = height * width;
        let nothing = vec![0.0; width];
        let (rows, columns) = y.split_at_mut(plane);
        let lines = rows.par_chunks_mut(width).zip(columns.par_chunks_mut(width));
        lines.enumerate().for_each(|(row, (rows, columns))| {
            let line = |cells, channel: usize, row: usize| -> &[f32] {
                let cells: &[f32] = cells;
                &cells[channel * plane + row * width..][..width]
            };
            let (above, below) = (row.saturating_sub(1), (row + 1).min(height - 1));
            let flow = |row| [line(x, 0, row), line(x, 1, row)];
            let lines = Lines {
                here: flow(row),
                above: flow(above),
                below: flow(below),
                equations: [0, 1, 2, 3, 4].map(|channel| line(system, channel, row)),
                across: line(system, 5, row),
                up: if row > 0 { line(system, 6, above) } else { &nothing },
                down: if row + 1 < height { line(system, 6, row) } else { &nothing },
            };
            lines.relax(self.omega, (row + usize::from(self.odd)) % 2, [rows, columns]);
        });
    }
}

/// What a line of cells is relaxed with: as long as it, all of them.
struct Lines<'a> {
    here: [&'a [f32]; 2],
    above: [&'a [f32]; 2],
    below: [&'a [f32]; 2],
    /// Matrix and right-hand side.
    equations: [&'a [f32]; 5],
    /// How much cells are to be like those to the right, above and below.
    across: &'a [f32],
    up: &'a [f32],
    down: &'a [f32],
}

impl Lines<'_> {
    /// Every second cell from `first` on goes on, the others stay. All are computed: that is what vector
    /// units do best.
    fn relax(&self, omega: f32, first: usize, to: [&mut [f32]; 2]) {
        let [rows, columns] = to;
        let width = rows.len();
        let last = width - 1;
        let mut put = |at: usize, [row, column]: [f32; 2]| {
            let moves = (at + first).is_multiple_of(2);
            rows[at] = if moves { row } else { self.here[0][at] };
            columns[at] = if moves { column } else { self.here[1][at] };
        };
        put(0, self.relaxed(omega, 0, [0, last.min(1)], [0.0, if last > 0 { self.across[0] } else { 0.0 }]));
        for at in 1..last {
            let sides = [self.across[at - 1], self.across[at]];
            put(at, self.relaxed(omega, at, [at - 1, at + 1], sides));
        }
        if last > 0 {
            put(last, self.relaxed(omega, last, [last - 1, last], [self.across[last - 1], 0.0]));
        }
    }

    /// What a cell goes to, between its neighbours at both sides, which have these weights.
    #[inline(always)]
    fn relaxed(&self, omega: f32, at: usize, [left, right]: [usize; 2], sides: [f32; 2]) -> [f32; 2] {
        let (up, down) = (self.up[at], self.down[at]);
        let sum = ALONE + up + down + sides[0] + sides[1];
        let neighbours = |axis: usize| {
            let here = self.here[axis];
            up * self.above[axis][at]
                + down * self.below[axis][at]
                + sides[0] * here[left]
                + sides[1] * here[right]
        };
        let [rr, rc, cc, row, column] = self.equations.map(|line| line[at]);
        let (row, column) = (row + neighbours(0), column + neighbours(1));
        let (rr, cc) = (rr + sum, cc + sum);
        let share = omega / (rr * cc - rc * rc);
        let [x, y] = self.here.map(|line| line[at]);
        [
            x + (share * (cc * row - rc * column) - omega * x),
            y + (share * (rr * column - rc * row) - omega * y),
        ]
    }
}
