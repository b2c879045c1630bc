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
        let vectors = inner / lanes;
        if vectors > 0 {
            for (from, vectors) in [(1, vectors), (1 + inner - lanes, 1)] {
                let cells = from..from + vectors * lanes;
                let to = [&mut rows[cells.clone()], &mut columns[cells]];
                lines.relax_many(simd, omega, moves[(from + first) % 2], from, to);
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
    /// Relaxes whole vectors of cells that have neighbours on both sides, from a cell on. `moves` says which of the cells of
    /// a vector are updated.
    #[inline(always)]
    fn relax_many<S: Simd>(&self, simd: S, omega: f32, moves: S::m32s, from: usize, to: [&mut [f32]; 2]) {
        let [rows, columns] = to.map(|to| S::as_mut_simd_f32s(to).0);
        let count = rows.len();
        // All of one known length, so that no access has to be checked.
        macro_rules! cut {
            ($line:expr, $from:expr) => {
                &S::as_simd_f32s(&$line[$from..$from + count * S::F32_LANES]).0[..count]
            };
        }
        let columns = &mut columns[..count];
        let (up, down) = (cut!(self.up, from), cut!(self.down, from));
        let (left, right) = (cut!(self.across, from - 1), cut!(self.across, from));
        let [rr, rc, cc, row, column] = self.equations;
        let (rr, rc, cc) = (cut!(rr, from), cut!(rc, from), cut!(cc, from));
        let sides = [cut!(row, from), cut!(column, from)];
        let [above, below] =
            [&self.above, &self.below].map(|[rows, columns]| [cut!(rows, from), cut!(columns, from)]);
        let [x, y] = self.here;
        let here = [cut!(x, from), cut!(y, from)];
        let before = [cut!(x, from - 1), cut!(y, from - 1)];
        let after = [cut!(x, from + 1), cut!(y, from + 1)];
        let (alone, omega) = (simd.splat_f32s(ALONE), simd.splat_f32s(omega));
        for at in 0..count {
            let (up, down, left, right) = (up[at], down[at], left[at], right[at]);
            let sum =
                simd.add_f32s(simd.add_f32s(simd.add_f32s(simd.add_f32s(alone, up), down), left), right);
            macro_rules! with_neighbours {
                ($axis:literal) => {{
                    let above = simd.mul_f32s(up, above[$axis][at]);
                    let below = simd.mul_f32s(down, below[$axis][at]);
                    let left = simd.mul_f32s(left, before[$axis][at]);
                    let right = simd.mul_f32s(right, after[$axis][at]);
                    let all = simd.add_f32s(simd.add_f32s(simd.add_f32s(above, below), left), right);
                    simd.add_f32s(sides[$axis][at], all)
                }};
            }
            let (row, column) = (with_neighbours!(0), with_neighbours!(1));
            let (rr, rc, cc) = (simd.add_f32s(rr[at], sum), rc[at], simd.add_f32s(cc[at], sum));
            let determinant = simd.sub_f32s(simd.mul_f32s(rr, cc), simd.mul_f32s(rc, rc));
            let share = simd.div_f32s(omega, determinant);
            macro_rules! relaxed {
                ($axis:literal, $own:ident, $other:ident, $factor:ident) => {{
                    let x = here[$axis][at];
                    let solved = simd.sub_f32s(simd.mul_f32s($factor, $own), simd.mul_f32s(rc, $other));
                    let gone = simd.sub_f32s(simd.mul_f32s(share, solved), simd.mul_f32s(omega, x));
                    simd.select_f32s(moves, simd.add_f32s(x, gone), x)
                }};
            }
            rows[at] = relaxed!(0, row, column, cc);
            columns[at] = relaxed!(1, column, row, rr);
        }
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
