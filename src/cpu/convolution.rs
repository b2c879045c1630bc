//! Convolutions and their gradients as implicit GEMMs, one strip of cells at a time.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::filter::{Filter, Way};
use super::gemm::{COLUMNS, GROUP, Leave, ROWS, Right, pack, packed, product};
use super::gradient::Destination;
use super::isa::{Isa, each};
use super::memory::{Memory, Scratch};
use super::panel::Panel;
use super::phases::{Phases, Piece, ROOM, look, runs};
use crate::plan::View;
use crate::plan::convolution::{Epilogue, ImplicitGemm};

/// Maximum number of columns of a strip. The packed patches of a strip stay in the cache while all rows are
/// multiplied by them.
const WIDEST: usize = 14 * COLUMNS;
/// Maximum number of columns of a task.
pub(super) const WIDTH: usize = 4 * COLUMNS;
/// Approximate minimum number of rows of a task.
const LOWEST: usize = GROUP * ROWS;

/// Runs an implicit GEMM.
pub(super) fn run(
    gemm: &ImplicitGemm,
    filter: &Filter,
    memory: &Memory,
    destinations: Vec<&mut [f32]>,
    (isa, scratch): (Isa, &Scratch),
) {
    let job = Job { gemm, filter, memory, isa, scratch };
    let mut first = 0;
    let mut bands = Vec::new();
    for (cells, &view) in destinations.into_iter().zip(&gemm.destinations) {
        bands.push(Band { panel: Panel::new(cells, view.shape.plane()), first });
        first += view.shape.channels * gemm.interleave.pow(2);
    }
    match filter.way {
        Way::Windowed => job.windowed(bands),
        Way::Winograd => job.winograd(bands),
        Way::Spread => bands.into_iter().for_each(|band| job.spread(band.panel)),
    }
}

/// Some cells of one destination.
pub(super) struct Band<'a> {
    pub(super) panel: Panel<'a>,
    /// The row of the matrix that produces the destination's first channel.
    pub(super) first: usize,
}

/// Cuts all destinations in the same way, into strips of this many columns.
pub(super) fn strips(bands: Vec<Band<'_>>, width: usize) -> Vec<Vec<Band<'_>>> {
    let mut strips = Vec::new();
    for Band { panel, first } in bands {
        for (number, panel) in panel.split(usize::MAX, width).into_iter().enumerate() {
            if strips.len() == number {
                strips.push(Vec::new());
            }
            strips[number].push(Band { panel, first });
        }
    }
    strips
}

/// What all tasks of one GEMM share.
pub(super) struct Job<'a> {
    pub(super) gemm: &'a ImplicitGemm,
    pub(super) filter: &'a Filter,
    pub(super) memory: &'a Memory,
    pub(super) isa: Isa,
    pub(super) scratch: &'a Scratch,
}

impl Job<'_> {
    /// Works strip by strip: the patches of a strip are packed once for all rows.
    fn windowed(&self, bands: Vec<Band<'_>>) {
        let depth = self.filter.left.depth();
        strips(bands, width(self.gemm.grid.plane())).into_par_iter().for_each(|strip| {
            let columns = strip[0].panel.columns();
            self.scratch.with(packed(depth, columns.len()) + ROOM, |cells| {
                self.pack(columns.clone(), cells);
                self.multiply(strip, Right { cells, depth, start: columns.start });
            });
        });
    }

    /// Multiplies all rows by the packed patches of a strip.
    fn multiply(&self, strip: Vec<Band<'_>>, right: Right<'_>) {
        let panels = strip
            .into_par_iter()
            .flat_map(|Band { panel, first }| tasks(panel).into_par_iter().map(move |panel| (panel, first)));
        panels.for_each(|(mut panel, first)| {
            product(self.isa, (&self.filter.left, first), right, &mut panel, &End { job: self, first });
        });
    }

    /// Applies the epilogue to the sums of some cells of a row while they are in the cache. Row `first` of the
    /// matrix produces row 0 of the destination.
    #[inline(always)]
    pub(super) fn leave<S: Simd>(
        &self,
        simd: S,
        (row, first): (usize, usize),
        columns: Range<usize>,
        cells: &mut [f32],
        sums: &[f32],
    ) {
        let zero = simd.splat_f32s(0.0);
        match self.gemm.epilogue {
            Epilogue::Bias => {
                let bias = simd.splat_f32s(self.filter.bias[first + row]);
                each!(simd, cells, |_cell, sum = sums| simd.add_f32s(sum, bias));
            }
            Epilogue::BiasRelu => {
                let bias = simd.splat_f32s(self.filter.bias[first + row]);
                each!(simd, cells, |_cell, sum = sums| {
                    let sum = simd.add_f32s(sum, bias);
                    simd.select_f32s(simd.greater_than_f32s(sum, zero), sum, zero)
                });
            }
            Epilogue::Gradient { mask, add } => {
                let start = row * self.gemm.grid.plane();
                let mask = mask.map(|mask| &self.memory.get(mask)[start..][columns]);
                Destination { cells, mask, add }.put_line(simd, sums);
            }
        }
    }

    /// Packs the patches that the windows of some cells of the grid see, as `[tap, channel]` for each column.
    fn pack(&self, columns: Range<usize>, right: &mut [f32]) {
        let (window, grid) = (self.gemm.window, self.gemm.grid);
        let map = self.gemm.sources[0].shape.extent();
        let depth = self.filter.left.depth();
        if (window.kernel, window.stride, map) == (1, 1, grid) {
            for (term, plane) in self.planes().into_iter().enumerate() {
                pack(&plane[columns.clone()], term, depth, right);
            }
            return;
        }
        let lines = columns.start / grid.width..columns.end.div_ceil(grid.width);
        let phases = Phases::new(window, map, grid).of_lines(lines);
        let blocks = columns.clone().step_by(COLUMNS);
        let blocks = blocks.map(|start| start..(start + COLUMNS).min(columns.end));
        let blocks: Vec<_> = blocks.map(|block| phases.pieces(&runs(grid.width, block))).collect();
        let planes = self.planes();
        self.scratch.with(planes.len() * phases.map_cells(), |maps| {
            self.isa.run(Pack { planes: &planes, phases: &phases, blocks: &blocks, maps, right });
        });
    }

    /// All channels of the sources.
    pub(super) fn planes(&self) -> Vec<&[f32]> {
        let planes = |&source: &View| self.memory.get(source).chunks_exact(source.shape.plane());
        self.gemm.sources.iter().flat_map(planes).collect()
    }
}

/// One task: packs the patches of a strip.
struct Pack<'a> {
    planes: &'a [&'a [f32]],
    phases: &'a Phases,
    /// Where the columns of each block are.
    blocks: &'a [Vec<Piece>],
    /// Scratch space for all channels, cut into phases.
    maps: &'a mut [f32],
    right: &'a mut [f32],
}

impl WithSimd for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { planes, phases, blocks, maps, right } = self;
        let size = phases.map_cells();
        for (plane, map) in planes.iter().zip(maps.chunks_exact_mut(size)) {
            phases.cut(plane, 0.0, map);
        }
        let sights = phases.sights();
        let mut row = 0;
        for pieces in blocks {
            for &sight in &sights {
                for map in maps.chunks_exact(size) {
                    look(map, sight, pieces, &mut right[row..]);
                    row += COLUMNS;
                }
            }
        }
    }
}

/// The end of a convolution: its epilogue.
struct End<'a, 'j> {
    job: &'a Job<'j>,
    /// The row of the matrix that produces row 0 of the destination.
    first: usize,
}

impl Leave for End<'_, '_> {
    #[inline(always)]
    fn leave<S: Simd>(&self, simd: S, row: usize, columns: Range<usize>, cells: &mut [f32], sums: &[f32]) {
        self.job.leave(simd, (row, self.first), columns, cells, sums);
    }
}

/// Columns of a strip, so that there are enough strips for every thread.
fn width(columns: usize) -> usize {
    let strips = columns.div_ceil(WIDEST).next_multiple_of(rayon::current_num_threads());
    columns.div_ceil(strips).next_multiple_of(COLUMNS)
}

/// Cuts the result of a product into tasks: columns by the width of a task, rows into equal parts.
pub(super) fn tasks(panel: Panel<'_>) -> Vec<Panel<'_>> {
    let down = row_parts(panel.rows().len(), panel.columns().len());
    panel.split(usize::MAX, WIDTH).into_iter().flat_map(|part| part.split_rows(down, ROWS)).collect()
}

/// How many parts the rows are cut into: enough tasks to keep every thread busy until the end, and, if there are
/// enough rows, the same number for each thread.
pub(super) fn row_parts(rows: usize, columns: usize) -> usize {
    let threads = rayon::current_num_threads();
    let parts = (4 * threads).div_ceil(columns.div_ceil(WIDTH)).min(rows / LOWEST).max(1);
    if parts > threads { parts / threads * threads } else { parts }
}
