//! Half a sweep of successive over-relaxation.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::isa::{Isa, vector};
use crate::plan::step::Relax;

/// The smoothness weight that is assumed for a cell without neighbours.
const ALONE: f32 = 1e-6;

impl Run for Relax {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, system, y, .. } = self;
        let isa = at.isa;
        at.memory.lend(y, |memory, cells| self.fill(isa, memory.get(x), memory.get(system), cells));
    }
}

impl Relax {
    fn fill(&self, isa: Isa, x: &[f32], system: &[f32], y: &mut [f32]) {
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
            let first = (row + usize::from(self.odd)) % 2;
            isa.run(Half { lines, omega: self.omega, first, to: [rows, columns] });
        });
    }
}

/// What a line of cells is relaxed with; all slices have the length of the line.
struct Lines<'a> {
    here: [&'a [f32]; 2],
    above: [&'a [f32]; 2],
    below: [&'a [f32]; 2],
    /// Matrix and right-hand side.
    equations: [&'a [f32]; 5],
    /// The smoothness weights between cells and their neighbours to the right, above and below.
    across: &'a [f32],
    up: &'a [f32],
    down: &'a [f32],
}

/// One task: every second cell of a line from `first` on is updated, the others stay. All cells are computed, as
/// that suits vector units best.
struct Half<'a> {
    lines: Lines<'a>,
    omega: f32,
    first: usize,
    to: [&'a mut [f32]; 2],
}

/// Whether a cell is updated, for lines in which the first one is.
const MOVES: [f32; 17] =
    [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];

impl WithSimd for Half<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { lines, omega, first, to: [rows, columns] } = self;
        let width = rows.len();
        let lanes = S::F32_LANES;
        let zero = simd.splat_f32s(0.0);
        let moves = [0, 1].map(|odd| simd.greater_than_f32s(vector::<S>(&MOVES, odd), zero));
        // Between the ends, every cell has neighbours on both sides. The last vector may repeat cells of the one
        // before it: all of them read the old values.
        let inner = width.saturating_sub(2);
        let vectors = if inner < lanes { 0 } else { inner.div_ceil(lanes) };
        for number in 0..vectors {
            let at = (1 + number * lanes).min(1 + inner - lanes);
            let moves = moves[(at + first) % 2];
            let relaxed = lines.relaxed_many(simd, omega, at);
            for ((to, here), relaxed) in [&mut *rows, &mut *columns].into_iter().zip(lines.here).zip(relaxed)
            {
                let to = &mut S::as_mut_simd_f32s(&mut to[at..at + lanes]).0[0];
                *to = simd.select_f32s(moves, relaxed, vector::<S>(here, at));
            }
        }
        let ends = if vectors > 0 { [0..1, width - 1..width] } else { [0..width, 0..0] };
        for at in ends.into_iter().flatten() {
            [rows[at], columns[at]] = if (at + first).is_multiple_of(2) {
                lines.relaxed(omega, at)
            } else {
                lines.here.map(|line| line[at])
            };
        }
    }
}

impl Lines<'_> {
    /// The new values of some cells that have neighbours on both sides.
    #[inline(always)]
    fn relaxed_many<S: Simd>(&self, simd: S, omega: f32, at: usize) -> [S::f32s; 2] {
        let (up, down) = (vector::<S>(self.up, at), vector::<S>(self.down, at));
        let (left, right) = (vector::<S>(self.across, at - 1), vector::<S>(self.across, at));
        let alone = simd.splat_f32s(ALONE);
        let sum = simd.add_f32s(simd.add_f32s(simd.add_f32s(simd.add_f32s(alone, up), down), left), right);
        macro_rules! with_neighbours {
            ($axis:literal, $term:literal) => {{
                let here = self.here[$axis];
                let above = simd.mul_f32s(up, vector::<S>(self.above[$axis], at));
                let below = simd.mul_f32s(down, vector::<S>(self.below[$axis], at));
                let left = simd.mul_f32s(left, vector::<S>(here, at - 1));
                let right = simd.mul_f32s(right, vector::<S>(here, at + 1));
                let all = simd.add_f32s(simd.add_f32s(simd.add_f32s(above, below), left), right);
                simd.add_f32s(vector::<S>(self.equations[$term], at), all)
            }};
        }
        let (row, column) = (with_neighbours!(0, 3), with_neighbours!(1, 4));
        let rr = simd.add_f32s(vector::<S>(self.equations[0], at), sum);
        let rc = vector::<S>(self.equations[1], at);
        let cc = simd.add_f32s(vector::<S>(self.equations[2], at), sum);
        let omega = simd.splat_f32s(omega);
        let determinant = simd.sub_f32s(simd.mul_f32s(rr, cc), simd.mul_f32s(rc, rc));
        let share = simd.div_f32s(omega, determinant);
        macro_rules! gone {
            ($axis:literal, $own:ident, $other:ident, $factor:ident) => {{
                let x = vector::<S>(self.here[$axis], at);
                let solved = simd.sub_f32s(simd.mul_f32s($factor, $own), simd.mul_f32s(rc, $other));
                simd.add_f32s(x, simd.sub_f32s(simd.mul_f32s(share, solved), simd.mul_f32s(omega, x)))
            }};
        }
        [gone!(0, row, column, cc), gone!(1, column, row, rr)]
    }

    /// The same for a cell that may be at an end, beyond which the weight is zero.
    fn relaxed(&self, omega: f32, at: usize) -> [f32; 2] {
        let last = self.up.len() - 1;
        let (left, right) = (at.saturating_sub(1), (at + 1).min(last));
        let sides =
            [if at > 0 { self.across[left] } else { 0.0 }, if at < last { self.across[at] } else { 0.0 }];
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
