//! Convolutions and their gradients: implicit GEMMs, a strip of cells at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::filter::{Filter, Way};
use super::gemm::{COLUMNS, Leave, ROWS, Right, pack, packed, product};
use super::isa::Isa;
use super::memory::{Memory, Scratch};
use super::panel::Panel;
use super::tap::Tap;
use crate::plan::convolution::{Epilogue, ImplicitGemm};

/// Most columns of a strip: what windows see from there stays in the cache while all rows are multiplied with it.
const WIDEST: usize = 14 * COLUMNS;
/// Least rows of a task.
const LOWEST: usize = 8 * ROWS;

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
    /// The row of the matrix that makes the destination's first channel.
    pub(super) first: usize,
}

/// Cuts destinations alike, into strips of so many columns.
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

/// What all the tasks of one GEMM know.
pub(super) struct Job<'a> {
    pub(super) gemm: &'a ImplicitGemm,
    pub(super) filter: &'a Filter,
    pub(super) memory: &'a Memory,
    pub(super) isa: Isa,
    pub(super) scratch: &'a Scratch,
}

impl Job<'_> {
    /// Strip by strip: what its windows see is packed once for all rows.
    fn windowed(&self, bands: Vec<Band<'_>>) {
        let depth = self.filter.left.depth();
        strips(bands, width(self.gemm.grid.plane())).into_par_iter().for_each(|strip| {
            let columns = strip[0].panel.columns();
            self.scratch.with(packed(depth, columns.len()), |cells| {
                self.pack(columns.clone(), cells);
                self.multiply(strip, Right { cells, depth, start: columns.start });
            });
        });
    }

    /// Multiplies all rows with what a strip sees.
    fn multiply(&self, strip: Vec<Band<'_>>, right: Right<'_>) {
        let tasks = strip.into_par_iter().flat_map(|Band { panel, first }| {
            let (height, width) = task(panel.rows().len(), panel.columns().len());
            panel.split(height, width).into_par_iter().map(move |panel| (panel, first))
        });
        tasks.for_each(|(mut panel, first)| {
            product(self.isa, (&self.filter.left, first), right, &mut panel, &End { job: self, first });
        });
    }

    /// What follows the sums of some cells of a row, while they are in the cache. Row `first` of the matrix makes the
    /// destination's row 0.
    #[inline(always)]
    pub(super) fn leave(
        &self,
        (row, first): (usize, usize),
        columns: Range<usize>,
        cells: &mut [f32],
        sums: &[f32],
    ) {
        // Loops and no closures: they are compiled with whatever calls this.
        let cells = cells.iter_mut().zip(sums);
        match self.gemm.epilogue {
            Epilogue::Bias => {
                let bias = self.filter.bias[first + row];
                for (cell, sum) in cells {
                    *cell = sum + bias;
                }
            }
            Epilogue::BiasRelu => {
                let bias = self.filter.bias[first + row];
                for (cell, sum) in cells {
                    *cell = (sum + bias).max(0.0);
                }
            }
            Epilogue::Gradient { mask: None, add } => {
                for (cell, sum) in cells {
                    *cell = if add { *cell } else { 0.0 } + sum;
                }
            }
            Epilogue::Gradient { mask: Some(mask), add } => {
                let mask = &self.memory.get(mask)[row * self.gemm.grid.plane()..][columns];
                for ((cell, sum), mask) in cells.zip(mask) {
                    let before = if add { *cell } else { 0.0 };
                    *cell = if *mask > 0.0 { before + sum } else { 0.0 };
                }
            }
        }
    }

    /// Packs what the windows of some cells of the grid see, `[tap, channel]` to a column.
    fn pack(&self, columns: Range<usize>, right: &mut [f32]) {
        let kernel = self.gemm.window.kernel;
        let depth = self.filter.left.depth();
        self.scratch.with(columns.len(), |seen| {
            let mut term = 0;
            for tap in 0..kernel * kernel {
                for &source in &self.gemm.sources {
                    let tap = Tap::new(self.gemm, source, tap);
                    for plane in self.memory.get(source).chunks_exact(source.shape.plane()) {
                        let seen = tap.look(plane, columns.clone(), seen);
                        pack(seen, term, depth, right);
                        term += 1;
                    }
                }
            }
        });
    }
}

/// The end of a convolution.
struct End<'a, 'j> {
    job: &'a Job<'j>,
    /// The row of the matrix that makes the destination's row 0.
    first: usize,
}

impl Leave for End<'_, '_> {
    #[inline(always)]
    fn leave(&self, row: usize, columns: Range<usize>, cells: &mut [f32], sums: &[f32]) {
        self.job.leave((row, self.first), columns, cells, sums);
    }
}

/// Columns of a strip: enough strips for every thread.
fn width(columns: usize) -> usize {
    let strips = columns.div_ceil(WIDEST).next_multiple_of(rayon::current_num_threads());
    columns.div_ceil(strips).next_multiple_of(COLUMNS)
}

/// Height and width to split a product of `rows` x `columns` into: enough tasks for every thread to find one, until all
/// is done.
pub(super) fn task(rows: usize, columns: usize) -> (usize, usize) {
    let width = columns.min(4 * COLUMNS);
    let parts = (4 * rayon::current_num_threads()).div_ceil(columns.div_ceil(width));
    (rows.div_ceil(parts).next_multiple_of(ROWS).max(LOWEST), width)
}
