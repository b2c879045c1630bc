//! Gradients that have fewer rows than channels to read: the product first, the window afterwards.
//!
//! Spelling out the patches would copy every cell of the sources once a tap, for few rows to use. Here the
//! sources are multiplied as they are, which gives the contribution of each tap to each row, and then each
//! cell of the result gathers its contributions from where the taps look. This is also where the phases of
//! a strided convolution are interleaved.

use std::ops::Range;

use rayon::prelude::*;

use super::convolution::{Job, task};
use super::gemm::{Plain, Right, pack, packed, product};
use super::gradient::Destination;
use super::panel::Panel;
use super::tap::Tap;
use crate::plan::View;
use crate::plan::convolution::Epilogue;

/// Most cells of contributions at a time, about: 16 MB, for the last cache.
const CELLS: usize = 1 << 22;

impl Job<'_> {
    /// Fills the destination, some lines of the grid at a time.
    pub(super) fn spread(&self, destination: Panel<'_>) {
        let view = self.gemm.destinations[0];
        let kernel = self.gemm.window.kernel;
        let width = self.gemm.sources[0].shape.width;
        let rows = kernel * kernel * self.filter.rows;
        let lines = (CELLS / (rows * width)).max(4 * kernel);
        let line = self.gemm.interleave * view.shape.width;
        for band in destination.split(usize::MAX, lines * line) {
            let seen = self.lines_seen(band.columns().start / line, band.columns().end.div_ceil(line));
            self.scratch.with(rows * seen.len() * width, |contributions| {
                if !seen.is_empty() {
                    let cells = seen.start * width..seen.end * width;
                    self.contribute(Panel::new(contributions, cells.len()), cells);
                }
                let lines = band.split(1, line);
                lines.into_par_iter().for_each(|panel| self.gather(panel, view, contributions, &seen));
            });
        }
    }

    /// Multiplies the sources as they are.
    fn contribute(&self, contributions: Panel<'_>, cells: Range<usize>) {
        let depth = self.filter.left.depth();
        let (height, width) = task(contributions.rows().len(), cells.len());
        contributions.split(usize::MAX, width).into_par_iter().for_each(|strip| {
            let columns = strip.columns();
            self.scratch.with(packed(depth, columns.len()), |right| {
                self.pack_sources(cells.start + columns.start..cells.start + columns.end, right);
                let right = Right { cells: right, depth, start: columns.start };
                strip.split(height, width).into_par_iter().for_each(|mut panel| {
                    product(self.isa, (&self.filter.left, 0), right, &mut panel, &Plain);
                });
            });
        });
    }

    /// Packs some cells of the sources.
    fn pack_sources(&self, cells: Range<usize>, right: &mut [f32]) {
        let sources = self.gemm.sources.iter();
        let planes = sources.flat_map(|&source| self.memory.get(source).chunks_exact(source.shape.plane()));
        let depth = self.filter.left.depth();
        planes.enumerate().for_each(|(term, plane)| pack(&plane[cells.clone()], term, depth, right));
    }

    /// Lines of the sources that the windows of some lines of the grid reach.
    fn lines_seen(&self, first: usize, end: usize) -> Range<usize> {
        let (window, height) = (self.gemm.window, self.gemm.sources[0].shape.height);
        let end = (end + window.kernel - 1).saturating_sub(window.pad.0).min(height);
        first.saturating_sub(window.pad.0).min(end)..end
    }

    /// Sums up the contributions to one line of the grid in one channel, which are `interleave` lines there.
    fn gather(&self, mut panel: Panel<'_>, view: View, contributions: &[f32], seen: &Range<usize>) {
        let Epilogue::Gradient { mask, add } = self.gemm.epilogue else {
            unreachable!("only gradients are spread");
        };
        let (side, width) = (self.gemm.interleave, self.gemm.grid.width);
        let (channel, columns) = (panel.rows().start, panel.columns());
        let line = columns.start / (side * view.shape.width);
        let start = channel * view.shape.plane() + columns.start;
        let mask = mask.map(|mask| &self.memory.get(mask)[start..][..columns.len()]);
        let destination = Destination { cells: panel.row(channel), mask, add };
        self.scratch.with(side * width, |sums| {
            destination.lines(view.shape.width).enumerate().for_each(|(phase, destination)| {
                sums.fill(0.0);
                for (column, sums) in sums.chunks_exact_mut(width).enumerate() {
                    let row = (channel * side + phase) * side + column;
                    self.sum_taps(row, line, contributions, seen, sums);
                }
                destination.put((0..view.shape.width).map(|x| sums[x % side * width + x / side]));
            });
        });
    }

    /// Adds the contributions to one line of one row of the matrix.
    fn sum_taps(
        &self,
        row: usize,
        line: usize,
        contributions: &[f32],
        seen: &Range<usize>,
        sums: &mut [f32],
    ) {
        let (kernel, source) = (self.gemm.window.kernel, self.gemm.sources[0]);
        let width = source.shape.width;
        for at in 0..kernel * kernel {
            let tap = Tap::new(self.gemm, source, at);
            let Some(y) = line.checked_add_signed(tap.down).filter(|y| seen.contains(y)) else { continue };
            let from = ((at * self.filter.rows + row) * seen.len() + y - seen.start) * width;
            let from = &contributions[from..][..width];
            let (skip, first) = (tap.right.min(0).unsigned_abs(), tap.right.max(0) as usize);
            let terms = from.iter().skip(first);
            sums.iter_mut().skip(skip).zip(terms).for_each(|(sum, term)| *sum += term);
        }
    }
}
