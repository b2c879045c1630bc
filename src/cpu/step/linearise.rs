//! The equations of variational flow, linearised around the current flow.

use std::array::from_fn;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::isa::{Isa, vector};
use crate::cpu::memory::Scratch;
use crate::plan::step::{FlowWeights, Linearise};

/// Keeps penalties finite.
const ROUNDED: f32 = 1e-3;
/// Keeps constraints finite where a picture is flat.
const FLAT: f32 = 0.01;
/// Cells are computed this many at a time: the lanes of the widest vector.
const LANES: usize = 16;
const NUMBERS: [f32; LANES] =
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0];

impl Run for Linearise {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, y, .. } = self;
        let (isa, scratch) = (at.isa, at.scratch);
        at.memory.lend(y, |memory, cells| {
            let pictures = [memory.get(first), memory.get(second)];
            self.fill((isa, scratch), pictures, memory.get(x), cells);
        });
    }
}

impl Linearise {
    fn fill(&self, (isa, scratch): (Isa, &Scratch), pictures: [&[f32]; 2], x: &[f32], y: &mut [f32]) {
        let (height, width) = (self.x.shape.height, self.x.shape.width);
        let padded = padded(width);
        let mut channels = y.chunks_exact_mut(height * width);
        let [rr, rc, cc, side_r, side_c, across, below] =
            from_fn(|_| channels.next().expect("seven channels").par_chunks_mut(width));
        let lines = rr.zip(rc).zip(cc).zip(side_r).zip(side_c).zip(across).zip(below);
        lines.enumerate().for_each(|(row, ((((((rr, rc), cc), side_r), side_c), across), below))| {
            scratch.with(12 * padded + 7 * (padded - 2), |cells| {
                let (around, results) = cells.split_at_mut(12 * padded);
                self.pad(row, pictures, x, around.chunks_exact_mut(padded));
                let size = (height, width);
                isa.run(Equations { weights: self.weights, row, size, around, results: &mut *results });
                let to = [rr, rc, cc, side_r, side_c, across, below];
                for (to, from) in to.into_iter().zip(results.chunks_exact(padded - 2)) {
                    to.copy_from_slice(&from[..width]);
                }
            });
        });
    }

    /// Fills the lines, with their ends repeated: the mean of both pictures in three rows, then the second
    /// picture minus the first, then both components of the flow, each likewise.
    fn pad<'a>(
        &self,
        row: usize,
        [first, second]: [&[f32]; 2],
        x: &[f32],
        mut lines: impl Iterator<Item = &'a mut [f32]>,
    ) {
        let (height, width) = (self.x.shape.height, self.x.shape.width);
        let rows = [row.saturating_sub(1), row, (row + 1).min(height - 1)];
        let (down, right) = x.split_at(height * width);
        let both = |row: usize| {
            let cells = row * width..(row + 1) * width;
            first[cells.clone()].iter().zip(&second[cells])
        };
        let mut next = || lines.next().expect("twelve lines");
        rows.iter().for_each(|&row| fill(next(), both(row).map(|(first, second)| 0.5 * (first + second))));
        rows.iter().for_each(|&row| fill(next(), both(row).map(|(first, second)| second - first)));
        for part in [down, right] {
            rows.iter().for_each(|&row| fill(next(), part[row * width..][..width].iter().copied()));
        }
    }
}

/// Fills a line and repeats its end cells.
fn fill(line: &mut [f32], cells: impl ExactSizeIterator<Item = f32>) {
    let width = cells.len();
    line[1..].iter_mut().zip(cells).for_each(|(to, cell)| *to = cell);
    line[0] = line[1];
    let last = line[width];
    line[width + 1..].fill(last);
}

/// The length of a line with one more cell at each end, rounded up to whole vectors.
fn padded(width: usize) -> usize {
    width.next_multiple_of(LANES) + 2
}

/// One task: the equations of one line.
struct Equations<'a> {
    weights: FlowWeights,
    row: usize,
    /// Rows and columns of the pictures.
    size: (usize, usize),
    /// Three lines each: the mean of both pictures, the second minus the first, and both components of the flow.
    around: &'a [f32],
    /// Seven lines: the matrix, the right-hand side and the smoothness weights.
    results: &'a mut [f32],
}

impl WithSimd for Equations<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { weights, row, size: (height, width), around, results } = self;
        let padded = padded(width);
        let zero = simd.splat_f32s(0.0);
        macro_rules! cells {
            ($map:literal, $at:expr) => {
                cells::<S>(&around[3 * $map * padded..3 * ($map + 1) * padded], padded, $at)
            };
        }
        for at in (0..padded - 2).step_by(S::F32_LANES) {
            let (mean, change) = (cells!(0, at), cells!(1, at));
            let (down, right) = (cells!(2, at), cells!(3, at));
            let here = [down[1][1], right[1][1]];
            let number = simd.add_f32s(vector::<S>(&NUMBERS, 0), simd.splat_f32s(at as f32));
            let place = [simd.add_f32s(simd.splat_f32s(row as f32), here[0]), simd.add_f32s(number, here[1])];
            let brightness = simd.splat_f32s(weights.brightness);
            let gradient = simd.splat_f32s(weights.gradient);
            // Where the flow leads out of the picture, there is nothing to compare with.
            let inside = inside(simd, place[0], height);
            let beside = self::inside(simd, place[1], width);
            let weigh = [
                simd.select_f32s(inside, simd.select_f32s(beside, brightness, zero), zero),
                simd.select_f32s(inside, simd.select_f32s(beside, gradient, zero), zero),
            ];
            let [rr, rc, cc, side_r, side_c] = data(simd, &mean, &change, here, weigh);
            let (down, right) = (roughness(simd, &down), roughness(simd, &right));
            let smoothness = simd.splat_f32s(weights.smoothness);
            let across = simd.mul_f32s(smoothness, penalty(simd, simd.add_f32s(down[0], right[0])));
            let below = simd.mul_f32s(smoothness, penalty(simd, simd.add_f32s(down[1], right[1])));
            let lines = [rr, rc, cc, side_r, side_c, across, below];
            for (line, result) in results.chunks_exact_mut(padded - 2).zip(lines) {
                S::as_mut_simd_f32s(&mut line[at..at + S::F32_LANES]).0[0] = result;
            }
        }
    }
}

/// The 3x3 neighbourhoods of some adjacent cells, from three padded lines.
#[inline(always)]
fn cells<S: Simd>(lines: &[f32], padded: usize, at: usize) -> [[S::f32s; 3]; 3] {
    macro_rules! line {
        ($row:literal) => {
            [
                vector::<S>(lines, $row * padded + at),
                vector::<S>(lines, $row * padded + at + 1),
                vector::<S>(lines, $row * padded + at + 2),
            ]
        };
    }
    [line!(0), line!(1), line!(2)]
}

/// Whether positions lie within so many cells.
#[inline(always)]
fn inside<S: Simd>(simd: S, place: S::f32s, count: usize) -> S::m32s {
    let last = simd.splat_f32s(count as f32 - 1.0);
    let from = simd.greater_than_or_equal_f32s(place, simd.splat_f32s(0.0));
    simd.and_m32s(from, simd.less_than_or_equal_f32s(place, last))
}

#[inline(always)]
fn differences<S: Simd>(simd: S, cells: &[[S::f32s; 3]; 3]) -> [S::f32s; 2] {
    let half = simd.splat_f32s(0.5);
    [
        simd.mul_f32s(half, simd.sub_f32s(cells[2][1], cells[0][1])),
        simd.mul_f32s(half, simd.sub_f32s(cells[1][2], cells[1][0])),
    ]
}

/// The squared gradient halfway to the right, and halfway down.
#[inline(always)]
fn roughness<S: Simd>(simd: S, [above, here, below]: &[[S::f32s; 3]; 3]) -> [S::f32s; 2] {
    let quarter = simd.splat_f32s(0.25);
    let far = simd.sub_f32s(simd.sub_f32s(simd.add_f32s(below[1], below[2]), above[1]), above[2]);
    let across = [simd.sub_f32s(here[2], here[1]), simd.mul_f32s(quarter, far)];
    let far = simd.sub_f32s(simd.sub_f32s(simd.add_f32s(here[2], below[2]), here[0]), below[0]);
    let down = [simd.sub_f32s(below[1], here[1]), simd.mul_f32s(quarter, far)];
    [squares(simd, across), squares(simd, down)]
}

#[inline(always)]
fn squares<S: Simd>(simd: S, [a, b]: [S::f32s; 2]) -> S::f32s {
    simd.add_f32s(simd.mul_f32s(a, a), simd.mul_f32s(b, b))
}

#[inline(always)]
fn penalty<S: Simd>(simd: S, square: S::f32s) -> S::f32s {
    let root = simd.sqrt_f32s(simd.add_f32s(square, simd.splat_f32s(ROUNDED)));
    simd.div_f32s(simd.splat_f32s(1.0), root)
}

/// The matrix and the right-hand side of cells, given the weights of brightness and gradient constancy.
#[inline(always)]
fn data<S: Simd>(
    simd: S,
    mean: &[[S::f32s; 3]; 3],
    change: &[[S::f32s; 3]; 3],
    [down, across]: [S::f32s; 2],
    [brightness, gradient]: [S::f32s; 2],
) -> [S::f32s; 5] {
    let [r, c] = differences(simd, mean);
    let twice = simd.mul_f32s(simd.splat_f32s(2.0), mean[1][1]);
    let rr = simd.add_f32s(simd.sub_f32s(mean[2][1], twice), mean[0][1]);
    let cc = simd.add_f32s(simd.sub_f32s(mean[1][2], twice), mean[1][0]);
    let corners = simd.sub_f32s(simd.sub_f32s(mean[2][2], mean[2][0]), mean[0][2]);
    let rc = simd.mul_f32s(simd.splat_f32s(0.25), simd.add_f32s(corners, mean[0][0]));
    let z = change[1][1];
    let [z_r, z_c] = differences(simd, change);

    let flat = simd.splat_f32s(FLAT);
    let n = simd.add_f32s(squares(simd, [r, c]), flat);
    let n_r = simd.add_f32s(squares(simd, [rr, rc]), flat);
    let n_c = simd.add_f32s(squares(simd, [rc, cc]), flat);
    let off = simd.div_f32s(simd.mul_f32s(z, z), n);
    let brightness = simd.div_f32s(simd.mul_f32s(brightness, penalty(simd, off)), n);
    let off_r = simd.div_f32s(simd.mul_f32s(z_r, z_r), n_r);
    let off_c = simd.div_f32s(simd.mul_f32s(z_c, z_c), n_c);
    let gradient = simd.mul_f32s(gradient, penalty(simd, simd.add_f32s(off_r, off_c)));
    let weights = [brightness, simd.div_f32s(gradient, n_r), simd.div_f32s(gradient, n_c)];

    // Each constraint is a row of three: the coefficients of the row and column displacement, and the constant.
    let product = [[r, rr, rc], [c, rc, cc], [z, z_r, z_c]];
    let matrix = [
        weighed(simd, weights, &product[0], &product[0]),
        weighed(simd, weights, &product[0], &product[1]),
        weighed(simd, weights, &product[1], &product[1]),
    ];
    let right =
        [weighed(simd, weights, &product[0], &product[2]), weighed(simd, weights, &product[1], &product[2])];
    let side = [
        simd.add_f32s(simd.mul_f32s(matrix[0], down), simd.mul_f32s(matrix[1], across)),
        simd.add_f32s(simd.mul_f32s(matrix[1], down), simd.mul_f32s(matrix[2], across)),
    ];
    [matrix[0], matrix[1], matrix[2], simd.sub_f32s(side[0], right[0]), simd.sub_f32s(side[1], right[1])]
}

/// The sum over the constraints of weight times one coefficient times the other.
#[inline(always)]
fn weighed<S: Simd>(simd: S, weights: [S::f32s; 3], one: &[S::f32s; 3], other: &[S::f32s; 3]) -> S::f32s {
    let brightness = simd.mul_f32s(simd.mul_f32s(weights[0], one[0]), other[0]);
    let rows = simd.mul_f32s(simd.mul_f32s(weights[1], one[1]), other[1]);
    let columns = simd.mul_f32s(simd.mul_f32s(weights[2], one[2]), other[2]);
    simd.add_f32s(simd.add_f32s(brightness, rows), columns)
}
