//! The equations of variational flow around the flow of now.

use std::array::from_fn;

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::memory::Scratch;
use crate::plan::step::{FlowWeights, Linearise};

/// Keeps penalties finite.
const ROUNDED: f32 = 1e-3;
/// Keeps constraints finite where a picture is flat.
const FLAT: f32 = 0.01;

impl Run for Linearise {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { first, second, x, y, .. } = self;
        let scratch = at.scratch;
        at.memory.lend(y, |memory, cells| {
            self.fill([memory.get(first), memory.get(second)], memory.get(x), cells, scratch);
        });
    }
}

/// What is known of a cell.
struct Around {
    /// The mean of both pictures, in the 3x3 cells around.
    mean: [[f32; 3]; 3],
    /// The second less the first, likewise.
    change: [[f32; 3]; 3],
    /// The flow, here and likewise.
    here: [f32; 2],
    flow: [[[f32; 3]; 3]; 2],
    /// 1 where it leads into the picture, else 0.
    inside: f32,
}

impl Linearise {
    fn fill(&self, pictures: [&[f32]; 2], x: &[f32], y: &mut [f32], scratch: &Scratch) {
        let (height, width) = (self.x.shape.height, self.x.shape.width);
        let last = (height as f32 - 1.0, width as f32 - 1.0);
        let (x_rows, x_columns) = x.split_at(height * width);
        let mut channels = y.chunks_exact_mut(height * width);
        let [rr, rc, cc, side_r, side_c, across, below] =
            from_fn(|_| channels.next().expect("seven channels").par_chunks_mut(width));
        let lines = rr.zip(rc).zip(cc).zip(side_r).zip(side_c).zip(across).zip(below);
        lines.enumerate().for_each(|(row, ((((((rr, rc), cc), side_r), side_c), across), below))| {
            let rows = [row.saturating_sub(1), row, (row + 1).min(height - 1)];
            scratch.with(4 * 3 * (width + 2), |cells| {
                let mut lines = cells.chunks_exact_mut(width + 2);
                let mut padded = |fill: &dyn Fn(usize) -> f32| -> &[f32] {
                    let line = lines.next().expect("a line for each");
                    pad(line, fill);
                    line
                };
                let at = |row: usize, column: usize| row * width + column;
                let [first, second] = pictures;
                let mean = rows.map(|row| padded(&|c| 0.5 * (first[at(row, c)] + second[at(row, c)])));
                let change = rows.map(|row| padded(&|c| second[at(row, c)] - first[at(row, c)]));
                let down = rows.map(|row| padded(&|c| x_rows[at(row, c)]));
                let right = rows.map(|row| padded(&|c| x_columns[at(row, c)]));
                for column in 0..width {
                    let here = [down[1][column + 1], right[1][column + 1]];
                    let place = (row as f32 + here[0], column as f32 + here[1]);
                    let inside = place.0 >= 0.0 && place.1 >= 0.0 && place.0 <= last.0 && place.1 <= last.1;
                    let around = |lines: &[&[f32]; 3]| lines.map(|line| from_fn(|at| line[column + at]));
                    let equations = equations(
                        &Around {
                            mean: around(&mean),
                            change: around(&change),
                            here,
                            flow: [around(&down), around(&right)],
                            inside: if inside { 1.0 } else { 0.0 },
                        },
                        self.weights,
                    );
                    [
                        rr[column],
                        rc[column],
                        cc[column],
                        side_r[column],
                        side_c[column],
                        across[column],
                        below[column],
                    ] = equations;
                }
            });
        });
    }
}

/// A line with its ends repeated.
fn pad(line: &mut [f32], fill: &dyn Fn(usize) -> f32) {
    let width = line.len() - 2;
    (0..width).for_each(|at| line[at + 1] = fill(at));
    (line[0], line[width + 1]) = (line[1], line[width]);
}

fn differences(cells: [[f32; 3]; 3]) -> [f32; 2] {
    [0.5 * (cells[2][1] - cells[0][1]), 0.5 * (cells[1][2] - cells[1][0])]
}

/// The squared gradient half way to the right, and half way down.
fn roughness(cells: [[f32; 3]; 3]) -> [f32; 2] {
    let [above, here, below] = cells;
    let across = [here[2] - here[1], 0.25 * (below[1] + below[2] - above[1] - above[2])];
    let down = [below[1] - here[1], 0.25 * (here[2] + below[2] - here[0] - below[0])];
    [across, down].map(|[a, b]| a * a + b * b)
}

fn penalty(square: f32) -> f32 {
    1.0 / (square + ROUNDED).sqrt()
}

/// The matrix, the right-hand side and the smoothness' weights of a cell.
#[inline(always)]
fn equations(at: &Around, weights: FlowWeights) -> [f32; 7] {
    let mean = &at.mean;
    let [r, c] = differences(*mean);
    let rr = mean[2][1] - 2.0 * mean[1][1] + mean[0][1];
    let cc = mean[1][2] - 2.0 * mean[1][1] + mean[1][0];
    let rc = 0.25 * (mean[2][2] - mean[2][0] - mean[0][2] + mean[0][0]);
    let z = at.change[1][1];
    let [z_r, z_c] = differences(at.change);

    let n = r * r + c * c + FLAT;
    let (n_r, n_c) = (rr * rr + rc * rc + FLAT, rc * rc + cc * cc + FLAT);
    let brightness = at.inside * weights.brightness * penalty(z * z / n) / n;
    let gradient = at.inside * weights.gradient * penalty(z_r * z_r / n_r + z_c * z_c / n_c);
    let (k_r, k_c) = (gradient / n_r, gradient / n_c);

    let matrix = [
        brightness * r * r + k_r * rr * rr + k_c * rc * rc,
        brightness * r * c + k_r * rr * rc + k_c * rc * cc,
        brightness * c * c + k_r * rc * rc + k_c * cc * cc,
    ];
    let right = [
        brightness * r * z + k_r * rr * z_r + k_c * rc * z_c,
        brightness * c * z + k_r * rc * z_r + k_c * cc * z_c,
    ];
    let [down, across] = at.here;
    let [rows, columns] = at.flow.map(roughness);
    [
        matrix[0],
        matrix[1],
        matrix[2],
        matrix[0] * down + matrix[1] * across - right[0],
        matrix[1] * down + matrix[2] * across - right[1],
        weights.smoothness * penalty(rows[0] + columns[0]),
        weights.smoothness * penalty(rows[1] + columns[1]),
    ]
}
