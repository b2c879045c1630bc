//! Convolutions and their gradients: implicit GEMMs, a cache-sized block of cells at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::gemm::{Left, Panel, Right};
use super::gradient::cut;
use super::memory::{Memory, Scratch};
use super::tap::Tap;
use crate::net::PlacedWindow;
use crate::plan::View;
use crate::plan::convolution::{Direction, Epilogue, ImplicitGemm, Matrix};

/// What the product computes at once: blocks are multiples of it.
const LANES: usize = 16;
/// Most columns of a block: of what it reads, as much stays in the cache as the product wants there.
const WIDEST: usize = 448;
/// Least rows and columns of a block: the product rearranges both operands, which fewer would not repay.
const NARROWEST: usize = 64;

/// A matrix, prepared for one of the three ways to apply it.
#[derive(Debug)]
pub(super) struct Filter {
    way: Way,
    /// `[row][tap, channel]`, or `[tap, row][channel]` to spread.
    pub(super) left: Left,
    /// Rows of the matrix, whichever way it is laid out.
    pub(super) rows: usize,
    bias: Vec<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The window is one cell, and the sources are the patches.
    Pointwise,
    /// Patches are spelt out, then multiplied.
    Windowed,
    /// Sources are multiplied for every tap, then the products are moved and summed: see `spread`.
    Spread,
}

impl Filter {
    pub(super) fn new(gemm: &ImplicitGemm, matrix: Matrix) -> Self {
        let Matrix { rows, taps, channels, values, bias } = matrix;
        let way = if gemm.window == PlacedWindow::POINT && gemm.interleave == 1 {
            Way::Pointwise
        } else if matches!(gemm.filter.direction, Direction::Gradient(_))
            && (gemm.interleave > 1 || 2 * rows <= channels)
        {
            Way::Spread
        } else {
            Way::Windowed
        };
        let inner = taps * channels;
        let left = match way {
            Way::Pointwise | Way::Windowed => Left::new(rows, inner, |row, at| values[row * inner + at]),
            Way::Spread => Left::new(taps * rows, channels, |at, channel| {
                values[(at % rows * taps + at / rows) * channels + channel]
            }),
        };
        Self { way, left, rows, bias }
    }
}

/// Runs an implicit GEMM.
pub(super) fn run(
    gemm: &ImplicitGemm,
    filter: &Filter,
    memory: &Memory,
    destinations: Vec<&mut [f32]>,
    scratch: &Scratch,
) {
    let job = Job { gemm, filter, memory, scratch, columns: gemm.grid.plane() };
    let mut first = 0;
    let mut bands = Vec::new();
    for (cells, &view) in destinations.into_iter().zip(&gemm.destinations) {
        bands.push((cells, view, first));
        first += view.shape.channels * gemm.interleave.pow(2);
    }
    bands.into_par_iter().for_each(|(cells, view, first)| job.band(cells, view, first));
}

/// What all the tasks of one GEMM know.
pub(super) struct Job<'a> {
    pub(super) gemm: &'a ImplicitGemm,
    pub(super) filter: &'a Filter,
    pub(super) memory: &'a Memory,
    pub(super) scratch: &'a Scratch,
    /// Cells of the grid.
    columns: usize,
}

impl Job<'_> {
    /// Fills one destination, whose first channel is row `first` of the matrix.
    fn band(&self, cells: &mut [f32], view: View, first: usize) {
        if self.filter.way == Way::Spread {
            return self.spread(cells, view);
        }
        let panel = Panel::new(cells, self.columns);
        let (height, width) = block(panel.rows().len(), self.columns);
        if self.filter.way == Way::Pointwise {
            panel.split(height, width).into_par_iter().for_each(|mut panel| {
                self.multiply_sources(&mut panel, first, 0, self.adds());
                self.finish(&mut panel, first);
            });
        } else {
            let strips = panel.split(usize::MAX, width);
            strips.into_par_iter().for_each(|strip| self.windowed(strip, height, first));
        }
    }

    /// `panel = left x sources (+ panel)`. Row `first` of the left belongs to the panel's row 0,
    /// cell `start` of the sources to its column 0.
    pub(super) fn multiply_sources(&self, panel: &mut Panel<'_>, first: usize, start: usize, add: bool) {
        let rows = panel.rows().start + first..panel.rows().end + first;
        let mut inner = 0;
        for &source in &self.gemm.sources {
            let channels = source.shape.channels;
            let cells = &self.memory.get(source)[start + panel.columns().start..];
            let left = self.filter.left.block(rows.clone(), inner..inner + channels);
            panel.multiply(left, Right { cells, pitch: source.shape.plane() }, add || inner > 0);
            inner += channels;
        }
    }

    /// A larger window: the patches of a strip of columns are spelt out once for all rows.
    fn windowed(&self, strip: Panel<'_>, height: usize, first: usize) {
        let columns = strip.columns();
        self.patches(columns.clone(), |patches, inner| {
            let right = Right { cells: patches, pitch: columns.len() };
            strip.split(height, columns.len()).into_par_iter().for_each(|mut panel| {
                let rows = panel.rows().start + first..panel.rows().end + first;
                panel.multiply(self.filter.left.block(rows, 0..inner), right, self.adds());
                self.finish(&mut panel, first);
            });
        });
    }

    /// Whether the product is added to what is there.
    fn adds(&self) -> bool {
        matches!(self.gemm.epilogue, Epilogue::Gradient { add: true, .. })
    }

    /// What follows the sums, while they are in the cache.
    fn finish(&self, panel: &mut Panel<'_>, first: usize) {
        for row in panel.rows() {
            let columns = panel.columns();
            let cells = panel.row(row);
            match self.gemm.epilogue {
                Epilogue::Bias => {
                    let bias = self.filter.bias[first + row];
                    cells.iter_mut().for_each(|cell| *cell += bias);
                }
                Epilogue::BiasRelu => {
                    let bias = self.filter.bias[first + row];
                    cells.iter_mut().for_each(|cell| *cell = (*cell + bias).max(0.0));
                }
                Epilogue::Gradient { mask, .. } => {
                    let start = row * self.columns;
                    let mask = mask.map(|mask| &self.memory.get(mask)[start..][columns]);
                    cut(cells, mask);
                }
            }
        }
    }

    /// Calls `work` with the patches of some cells of the grid, `[tap][channel][cell]`, and their count of
    /// rows.
    fn patches(&self, columns: Range<usize>, work: impl FnOnce(&[f32], usize)) {
        let kernel = self.gemm.window.kernel;
        let channels: usize = self.gemm.sources.iter().map(|source| source.shape.channels).sum();
        let inner = kernel * kernel * channels;
        self.scratch.with(inner * columns.len(), |patches| {
            let mut rows = patches.chunks_exact_mut(columns.len());
            for tap in 0..kernel * kernel {
                for &source in &self.gemm.sources {
                    let tap = Tap::new(self.gemm, source, tap);
                    let planes = self.memory.get(source).chunks_exact(source.shape.plane());
                    planes.zip(&mut rows).for_each(|(plane, row)| tap.fill(plane, columns.clone(), row));
                }
            }
            work(patches, inner);
        });
    }
}

/// Height and width to split a product of `rows` x `columns` into: small enough for the cache, and enough
/// blocks for every thread.
pub(super) fn block(rows: usize, columns: usize) -> (usize, usize) {
    let threads = rayon::current_num_threads();
    let part = |cells: usize, parts: usize| cells.div_ceil(parts).next_multiple_of(LANES).max(NARROWEST);
    let width = part(columns, columns.div_ceil(WIDEST).next_multiple_of(threads));
    let height = part(rows, (2 * threads).div_ceil(columns.div_ceil(width)));
    (height, width)
}
