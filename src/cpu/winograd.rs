//! Convolutions with 3x3 windows in 16 multiplications for four cells, instead of 36: F(2x2, 3x3) of Lavin and Gray,
//! "Fast Algorithms for Convolutional Neural Networks" (2015).
//!
//! Four cells of a map, two rows of two, depend on a patch of 4x4 cells. Patch `d` and filter `g` are transformed,
//! `V = B' d B` and `U = G g G'`; cell by cell the products of `U` and `V` are summed over the channels, which is a GEMM
//! for each of the 16 cells; and `A' M A` of the sums `M` are the four cells.
//!
//! A bit depends on where a cell lies in its four, so on whether its row and column are even, and on nothing else.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::convolution::{Band, Job, strips, task};
use super::filter::TAPS;
use super::gemm::{COLUMNS, GROUP, ROWS, Right, Tile, multiply, packed};
use super::panel::Panel;
use crate::extent::Extent;

/// Most patches of a strip, about: transformed, they stay in the cache while all rows are multiplied with them.
const MOST: usize = 8 * COLUMNS;

/// The sums of a group of panels, by tap.
type Products = [[Tile; GROUP]; TAPS];
/// One number for each column of a block.
type Lane = [f32; COLUMNS];

impl Job<'_> {
    /// Some rows of patches at a time.
    pub(super) fn winograd(&self, bands: Vec<Band<'_>>) {
        let Extent { height, width } = self.gemm.grid;
        let patches = Extent::new(height.div_ceil(2), width.div_ceil(2));
        let lines = lines(patches);
        strips(bands, 2 * lines * width).into_par_iter().enumerate().for_each(|(number, strip)| {
            let first = number * lines;
            let patches = Patches { lines: first..(first + lines).min(patches.height), width: patches.width };
            let depth = self.filter.left.depth();
            self.scratch.with(packed(depth, patches.count()), |cells| {
                let blocks = cells.par_chunks_exact_mut(depth * COLUMNS).enumerate();
                blocks.for_each(|(block, to)| {
                    self.isa.run(Transform { job: self, runs: &patches.block(block), to });
                });
                self.multiply_patches(strip, &patches, Right { cells, depth, start: 0 });
            });
        });
    }

    /// The sums of all rows for a strip of patches, and what becomes of them.
    fn multiply_patches(&self, strip: Vec<Band<'_>>, patches: &Patches, right: Right<'_>) {
        let tasks = strip.into_par_iter().flat_map(|Band { panel, first }| {
            let (height, _) = task(panel.rows().len(), patches.count());
            panel.split(height, usize::MAX).into_par_iter().map(move |panel| (panel, first))
        });
        tasks.for_each(|(panel, first)| {
            self.isa.run(Sums { job: self, patches, right, panel, first });
        });
    }
}

/// Rows of patches of a strip: about [`MOST`] patches, that fill their blocks as well as may be.
fn lines(patches: Extent) -> usize {
    let most = (MOST / patches.width).clamp(1, patches.height);
    let waste = |lines: &usize| {
        let count = lines * patches.width;
        // In thousandths, of patches that are no patches.
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

/// Some neighbours in one row of patches.
struct Run {
    /// The row.
    line: usize,
    /// Which of the row.
    patches: Range<usize>,
    /// Where they begin in their block.
    at: usize,
}

impl Patches {
    fn count(&self) -> usize {
        self.lines.len() * self.width
    }

    /// The runs of a block.
    fn block(&self, number: usize) -> Vec<Run> {
        let start = number * COLUMNS;
        let end = (start + COLUMNS).min(self.count());
        let mut runs = Vec::new();
        let mut next = start;
        while next < end {
            let (line, patch) = (next / self.width, next % self.width);
            let count = (self.width - patch).min(end - next);
            runs.push(Run { line: self.lines.start + line, patches: patch..patch + count, at: next - start });
            next += count;
        }
        runs
    }
}

/// What one cell of the patches of a run looks at: every second cell of a row of the map.
struct Sight {
    /// Which cell of the 4x4.
    cell: usize,
    /// Where in its block.
    to: Range<usize>,
    /// The first cell of the channel that is seen.
    from: usize,
}

impl Sight {
    /// Of all cells of all runs, what lies inside of a map. What lies outside stays zero.
    fn of(runs: &[Run], map: Extent, pad: (usize, usize)) -> Vec<Self> {
        let mut sights = Vec::new();
        for run in runs {
            for cell in 0..TAPS {
                let Some(y) = (2 * run.line + cell / 4).checked_sub(pad.0).filter(|&y| y < map.height) else {
                    continue;
                };
                let column = cell % 4;
                // The first patch whose cell is not left of the map, and the last that is not right of it.
                let first = run.patches.start.max(pad.1.saturating_sub(column).div_ceil(2));
                let end = run.patches.end.min((map.width + pad.1).saturating_sub(column).div_ceil(2));
                if first < end {
                    let to = run.at + first - run.patches.start..run.at + end - run.patches.start;
                    sights.push(Self { cell, to, from: y * map.width + 2 * first + column - pad.1 });
                }
            }
        }
        sights
    }

    #[inline(always)]
    fn look(&self, plane: &[f32], seen: &mut Lane) {
        let to = &mut seen[self.to.clone()];
        let from = &plane[self.from..][..2 * to.len() - 1];
        // Pairs by their first, which is quick, and the last, which may have no second.
        to.iter_mut().zip(from.as_chunks::<2>().0).for_each(|(to, from)| *to = from[0]);
        to[to.len() - 1] = from[from.len() - 1];
    }
}

/// One task: `V` of a block of patches, `[tap][channel][patch]`.
struct Transform<'a, 'j> {
    job: &'a Job<'j>,
    runs: &'a [Run],
    to: &'a mut [f32],
}

impl WithSimd for Transform<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let gemm = self.job.gemm;
        let channels = self.job.filter.left.depth() / TAPS;
        let map = gemm.sources[0].shape;
        let sights = Sight::of(self.runs, map.extent(), gemm.window.pad);
        let mut seen = [[0.0; COLUMNS]; TAPS];
        let mut channel = 0;
        for &source in &gemm.sources {
            for plane in self.job.memory.get(source).chunks_exact(map.plane()) {
                look(&sights, plane, &mut seen);
                transform(simd, &seen, &mut self.to[channel * COLUMNS..], channels * COLUMNS);
                channel += 1;
            }
        }
    }
}

/// What the patches see of one channel.
fn look(sights: &[Sight], plane: &[f32], seen: &mut [Lane; TAPS]) {
    for sight in sights {
        sight.look(plane, &mut seen[sight.cell]);
    }
}

/// `B' d B`, its 16 cells `pitch` apart.
#[inline(always)]
fn transform<S: Simd>(simd: S, d: &[Lane; TAPS], to: &mut [f32], pitch: usize) {
    for vector in 0..COLUMNS / S::F32_LANES {
        macro_rules! d {
            ($at:expr) => {
                S::as_simd_f32s(&d[$at]).0[vector]
            };
        }
        macro_rules! column {
            ($at:expr) => {
                along(simd, [d!($at), d!(4 + $at), d!(8 + $at), d!(12 + $at)])
            };
        }
        let columns = [column!(0), column!(1), column!(2), column!(3)];
        for row in 0..4 {
            let cells = along(simd, [columns[0][row], columns[1][row], columns[2][row], columns[3][row]]);
            for (column, cell) in cells.into_iter().enumerate() {
                let lane = &mut to[(4 * row + column) * pitch..][..COLUMNS];
                S::as_mut_simd_f32s(lane).0[vector] = cell;
            }
        }
    }
}

/// `B'` along one axis.
#[inline(always)]
fn along<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 4] {
    [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
}

/// One task: some rows of the matrix times a strip of patches.
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
            for group in job.filter.left.groups(first + rows.start..first + rows.end) {
                let taps = block.chunks_exact(channels * COLUMNS).enumerate();
                for ((tap, right), tiles) in taps.zip(&mut sums) {
                    let mut lefts: [&[f32]; GROUP] = [&[]; GROUP];
                    for (to, panel) in lefts.iter_mut().zip(group.panels()) {
                        *to = &panel[tap * channels * ROWS..][..channels * ROWS];
                    }
                    multiply(simd, &lefts[..group.panels().len()], right, tiles);
                }
                for (row, tile, line) in group.rows() {
                    untransform(simd, &sums, (tile, line), &mut lines);
                    self.leave(row - first, &runs, &lines);
                }
            }
        }
    }
}

impl Sums<'_, '_, '_> {
    /// Puts the cells of one row of the matrix where they belong: two lines of the map for each row of patches.
    #[inline(always)]
    fn leave(&mut self, row: usize, runs: &[Run], lines: &[[f32; 2 * COLUMNS]; 2]) {
        let Extent { height, width } = self.job.gemm.grid;
        let start = self.panel.columns().start;
        let cells = self.panel.row(row);
        for run in runs {
            for (y, line) in (2 * run.line..height).zip(lines) {
                let x = 2 * run.patches.start..(2 * run.patches.end).min(width);
                let columns = y * width + x.start..y * width + x.end;
                let to = &mut cells[columns.start - start..columns.end - start];
                self.job.leave((row, self.first), columns, to, &line[2 * run.at..][..x.len()]);
            }
        }
    }
}

/// `A' M A` for one row of the sums: two lines of cells, those of neighbouring patches side by side.
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
