//! Convolutions with 3x3 windows in 16 multiplications for four cells instead of 36: F(2x2, 3x3) of Lavin and
//! Gray, "Fast Algorithms for Convolutional Neural Networks" (2015).
//!
//! Four cells of a map, in two rows of two, depend on a patch of 4x4 cells. Patch `d` and filter `g` are
//! transformed: `V = B' d B` and `U = G g G'`. The elementwise products of `U` and `V` are summed over the
//! channels, which is a GEMM for each of the 16 elements. With these sums `M`, the four cells are `A' M A`.
//!
//! The exact bits of a cell depend on its position among its four, that is, on whether its row and column are
//! even, and on nothing else.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::convolution::{Band, Job, row_parts, strips};
use super::filter::TAPS;
use super::gemm::{COLUMNS, GROUP, ROWS, Right, Tile, multiply, packed};
use super::panel::Panel;
use super::phases::{Phases, Piece, ROOM, Run, look, runs};
use crate::extent::Extent;
use crate::net::PlacedWindow;

/// Approximate maximum number of patches of a strip. Transformed, they stay in the cache while all rows are
/// multiplied by them.
const MOST: usize = 8 * COLUMNS;

/// Channels of a task of the transform.
const CHANNELS: usize = 8;

/// The sums of a group of panels, by tap.
type Products = [[Tile; GROUP]; TAPS];

impl Job<'_> {
    /// Works on some rows of patches at a time.
    pub(super) fn winograd(&self, bands: Vec<Band<'_>>) {
        let Extent { height, width } = self.gemm.grid;
        let patches = Extent::new(height.div_ceil(2), width.div_ceil(2));
        let lines = lines(patches);
        let window = PlacedWindow { kernel: 4, stride: 2, pad: self.gemm.window.pad };
        let phases = Phases::new(window, self.gemm.sources[0].shape.extent(), patches);
        let planes = self.planes();
        strips(bands, 2 * lines * width).into_par_iter().enumerate().for_each(|(number, strip)| {
            let first = number * lines;
            let patches = Patches { lines: first..(first + lines).min(patches.height), width: patches.width };
            let depth = self.filter.left.depth();
            self.scratch.with(packed(depth, patches.count()), |cells| {
                self.transform(&planes, &patches, &phases.of_lines(patches.lines.clone()), cells);
                self.multiply_patches(strip, &patches, Right { cells, depth, start: 0 });
            });
        });
    }

    /// `V` of a strip of patches as `[block][tap][channel][patch]`, with some channels per task.
    fn transform(&self, planes: &[&[f32]], patches: &Patches, phases: &Phases, to: &mut [f32]) {
        let blocks = 0..patches.count().div_ceil(COLUMNS);
        let blocks: Vec<_> = blocks.map(|block| phases.pieces(&patches.block(block))).collect();
        let panels = Panel::new(to, planes.len() * COLUMNS).split(usize::MAX, CHANNELS * COLUMNS);
        panels.into_par_iter().for_each(|to| {
            self.scratch.with(phases.map_cells(), |map| {
                self.isa.run(Transform { planes, phases, blocks: &blocks, map, to });
            });
        });
    }

    /// Computes the sums of all rows for a strip of patches, and finishes them.
    fn multiply_patches(&self, strip: Vec<Band<'_>>, patches: &Patches, right: Right<'_>) {
        let tasks = strip.into_par_iter().flat_map(|Band { panel, first }| {
            let parts = row_parts(panel.rows().len(), patches.count());
            panel.split_rows(parts, ROWS).into_par_iter().map(move |panel| (panel, first))
        });
        tasks.for_each(|(panel, first)| {
            self.isa.run(Sums { job: self, patches, right, panel, first });
        });
    }
}

/// How many rows of patches form a strip: about [`MOST`] patches, chosen to fill the blocks as well as possible.
fn lines(patches: Extent) -> usize {
    let most = (MOST / patches.width).clamp(1, patches.height);
    let waste = |lines: &usize| {
        let count = lines * patches.width;
        // Unused columns per thousand patches.
        1000 * (count.next_multiple_of(COLUMNS) - count) / count
    };
    (1..=most).rev().min_by_key(waste).unwrap_or(1)
}

/// A strip of patches.
struct Patches {
    /// Its rows of patches.
    lines: Range<usize>,
    /// Patches in a row.
    width: usize,
}

impl Patches {
    fn count(&self) -> usize {
        self.lines.len() * self.width
    }

    /// The runs of a block.
    fn block(&self, number: usize) -> Vec<Run> {
        let start = self.lines.start * self.width;
        let first = number * COLUMNS;
        runs(self.width, start + first..start + (first + COLUMNS).min(self.count()))
    }
}

/// One task: computes `V` of some channels.
struct Transform<'a, 'p> {
    planes: &'a [&'a [f32]],
    phases: &'a Phases,
    /// Where the patches of each block are.
    blocks: &'a [Vec<Piece>],
    /// Scratch space for one channel, cut into phases.
    map: &'a mut [f32],
    to: Panel<'p>,
}

impl WithSimd for Transform<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { planes, phases, blocks, map, mut to } = self;
        let sights = phases.sights();
        let columns = to.columns();
        let mut seen = [0.0; TAPS * COLUMNS + ROOM];
        for (number, plane) in planes[columns.start / COLUMNS..columns.end / COLUMNS].iter().enumerate() {
            phases.cut(plane, 0.0, map);
            for (block, pieces) in blocks.iter().enumerate() {
                for (tap, &sight) in sights.iter().enumerate() {
                    look(map, sight, pieces, &mut seen[tap * COLUMNS..]);
                }
                transform(simd, &seen, &mut to, (block * TAPS, number * COLUMNS));
            }
        }
    }
}

/// `B' d B` of a block of patches. Each of its elements goes to a row of the panel, from the given row and column
/// on.
#[inline(always)]
fn transform<S: Simd>(simd: S, d: &[f32], to: &mut Panel<'_>, (first, start): (usize, usize)) {
    let d = S::as_simd_f32s(d).0;
    let vectors = COLUMNS / S::F32_LANES;
    for vector in 0..vectors {
        macro_rules! column {
            ($at:expr) => {
                along(
                    simd,
                    [
                        d[$at * vectors + vector],
                        d[($at + 4) * vectors + vector],
                        d[($at + 8) * vectors + vector],
                        d[($at + 12) * vectors + vector],
                    ],
                )
            };
        }
        let columns = [column!(0), column!(1), column!(2), column!(3)];
        macro_rules! row {
            ($at:literal) => {
                let cells = along(simd, [columns[0][$at], columns[1][$at], columns[2][$at], columns[3][$at]]);
                for (column, cell) in cells.into_iter().enumerate() {
                    let lane = &mut to.row(first + 4 * $at + column)[start..][..COLUMNS];
                    S::as_mut_simd_f32s(lane).0[vector] = cell;
                }
            };
        }
        row!(0);
        row!(1);
        row!(2);
        row!(3);
    }
}

/// `B'` along one axis.
#[inline(always)]
fn along<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 4] {
    [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
}

/// One task: multiplies some rows of the matrix by a strip of patches.
struct Sums<'a, 'j, 'p> {
    job: &'a Job<'j>,
    patches: &'a Patches,
    right: Right<'a>,
    panel: Panel<'p>,
    first: usize,
}

impl WithSimd for Sums<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Self { job, patches, right, first, .. } = self;
        let rows = self.panel.rows();
        let channels = right.depth / TAPS;
        let mut sums: Products = [[[[0.0; COLUMNS]; ROWS]; GROUP]; TAPS];
        let mut lines = [[0.0; 2 * COLUMNS]; 2];
        for number in 0..patches.count().div_ceil(COLUMNS) {
            let (runs, block) = (patches.block(number), right.block(number * COLUMNS));
            let columns = (patches.count() - number * COLUMNS).min(COLUMNS);
            for group in job.filter.left.groups(first + rows.start..first + rows.end) {
                let taps = block.chunks_exact(channels * COLUMNS).enumerate();
                for ((tap, right), tiles) in taps.zip(&mut sums) {
                    let mut lefts: [&[f32]; GROUP] = [&[]; GROUP];
                    for (to, panel) in lefts.iter_mut().zip(group.panels()) {
                        *to = &panel[tap * channels * ROWS..][..channels * ROWS];
                    }
                    multiply(simd, &lefts[..group.panels().len()], right, columns, tiles);
                }
                for (row, tile, line) in group.rows() {
                    untransform(simd, &sums, (tile, line), &mut lines);
                    self.leave(simd, row - first, &runs, &lines);
                }
            }
        }
    }
}

impl Sums<'_, '_, '_> {
    /// Stores the cells of one row of the matrix where they belong: two lines of the map for each row of patches.
    #[inline(always)]
    fn leave<S: Simd>(&mut self, simd: S, row: usize, runs: &[Run], lines: &[[f32; 2 * COLUMNS]; 2]) {
        let Extent { height, width } = self.job.gemm.grid;
        let start = self.panel.columns().start;
        let cells = self.panel.row(row);
        for run in runs {
            for (y, line) in (2 * run.line..height).zip(lines) {
                let x = 2 * run.columns.start..(2 * run.columns.end).min(width);
                let columns = y * width + x.start..y * width + x.end;
                let to = &mut cells[columns.start - start..columns.end - start];
                let sums = &line[2 * run.at..][..x.len()];
                self.job.leave(simd, (row, self.first), columns, to, sums);
            }
        }
    }
}

/// `A' M A` for one row of the sums: two lines of cells, with neighbouring patches side by side.
#[inline(always)]
fn untransform<S: Simd>(
    simd: S,
    sums: &Products,
    (tile, row): (usize, usize),
    lines: &mut [[f32; 2 * COLUMNS]; 2],
) {
    let mut cells = [[[0.0; COLUMNS]; 2]; 2];
    for vector in 0..COLUMNS / S::F32_LANES {
        macro_rules! m {
            ($at:expr) => {
                S::as_simd_f32s(&sums[$at][tile][row]).0[vector]
            };
        }
        macro_rules! column {
            ($at:expr) => {
                fold(simd, [m!($at), m!(4 + $at), m!(8 + $at), m!(12 + $at)])
            };
        }
        let columns = [column!(0), column!(1), column!(2), column!(3)];
        for y in 0..2 {
            let pair = fold(simd, [columns[0][y], columns[1][y], columns[2][y], columns[3][y]]);
            for x in 0..2 {
                S::as_mut_simd_f32s(&mut cells[y][x]).0[vector] = pair[x];
            }
        }
    }
    for (line, [left, right]) in lines.iter_mut().zip(&cells) {
        for patch in 0..COLUMNS {
            line[2 * patch] = left[patch];
            line[2 * patch + 1] = right[patch];
        }
    }
}

/// `A'` along one axis.
#[inline(always)]
fn fold<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 2] {
    [simd.add_f32s(simd.add_f32s(a, b), c), simd.sub_f32s(simd.sub_f32s(b, c), d)]
}
