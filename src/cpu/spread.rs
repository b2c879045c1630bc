//! Gradients with fewer rows to produce than channels to read: the product comes first, the window afterwards.
//!
//! An explicit im2col would copy every cell of the sources once for each tap, for only a few rows to use. Here
//! the sources are multiplied as they are, which gives the contribution of each tap to each row. Each cell of the
//! result then gathers its contributions from where the taps look. The phases of a strided convolution are also
//! interleaved here.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::convolution::{Job, WIDTH, tasks};
use super::gemm::{Plain, Right, pack, packed, product};
use super::gradient::Destination;
use super::isa::each;
use super::panel::Panel;
use super::stride::weave;
use crate::net::PlacedWindow;
use crate::plan::View;
use crate::plan::convolution::Epilogue;

/// Approximate maximum number of cells of contributions at a time: 2 MB, for the cache of two cores.
const CELLS: usize = 1 << 19;

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
        contributions.split(usize::MAX, WIDTH).into_par_iter().for_each(|strip| {
            let columns = strip.columns();
            self.scratch.with(packed(depth, columns.len()), |right| {
                self.pack_sources(cells.start + columns.start..cells.start + columns.end, right);
                let right = Right { cells: right, depth, start: columns.start };
                tasks(strip).into_par_iter().for_each(|mut panel| {
                    product(self.isa, (&self.filter.left, 0), right, &mut panel, &Plain);
                });
            });
        });
    }

    /// Packs some cells of the sources.
    fn pack_sources(&self, cells: Range<usize>, right: &mut [f32]) {
        let depth = self.filter.left.depth();
        let planes = self.planes().into_iter().enumerate();
        planes.for_each(|(term, plane)| pack(&plane[cells.clone()], term, depth, right));
    }

    /// Lines of the sources that the windows of some lines of the grid reach.
    fn lines_seen(&self, first: usize, end: usize) -> Range<usize> {
        let (window, height) = (self.gemm.window, self.gemm.sources[0].shape.height);
        let end = (end + window.kernel - 1).saturating_sub(window.pad.0).min(height);
        first.saturating_sub(window.pad.0).min(end)..end
    }

    /// Sums the contributions to one line of the grid in one channel, which is `interleave` lines of the
    /// destination.
    fn gather(&self, panel: Panel<'_>, view: View, contributions: &[f32], seen: &Range<usize>) {
        let side = self.gemm.interleave;
        self.scratch.with(side * self.gemm.grid.width + view.shape.width, |cells| {
            let (sums, line) = cells.split_at_mut(side * self.gemm.grid.width);
            self.isa.run(Gather { job: self, contributions, seen, sums, line, panel });
        });
    }
}

/// One task: a line of the grid in one channel.
struct Gather<'a, 'j, 'p> {
    job: &'a Job<'j>,
    contributions: &'a [f32],
    /// The lines of the sources that the contributions belong to.
    seen: &'a Range<usize>,
    /// Scratch space for a line of every phase of the columns.
    sums: &'a mut [f32],
    /// Scratch space for a line of the destination.
    line: &'a mut [f32],
    panel: Panel<'p>,
}

impl WithSimd for Gather<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { job, contributions, seen, sums, line, mut panel } = self;
        let Epilogue::Gradient { mask, add } = job.gemm.epilogue else {
            unreachable!("only gradients are spread");
        };
        let (side, width) = (job.gemm.interleave, job.gemm.grid.width);
        let plane = job.gemm.destinations[0].shape.plane();
        let (channel, columns) = (panel.rows().start, panel.columns());
        let number = columns.start / (side * line.len());
        for (phase, cells) in panel.row(channel).chunks_exact_mut(line.len()).enumerate() {
            sums.fill(0.0);
            for (column, sums) in sums.chunks_exact_mut(width).enumerate() {
                job.sum_taps(
                    simd,
                    (channel * side + phase) * side + column,
                    number,
                    contributions,
                    seen,
                    sums,
                );
            }
            weave(side, |column| &sums[column * width..][..width], line);
            let start = channel * plane + columns.start + phase * line.len();
            let mask = mask.map(|mask| &job.memory.get(mask)[start..][..line.len()]);
            Destination { cells, mask, add }.put_line(simd, line);
        }
    }
}

impl Job<'_> {
    /// Adds the contributions to one line of one row of the matrix.
    #[inline(always)]
    fn sum_taps<S: Simd>(
        &self,
        simd: S,
        row: usize,
        line: usize,
        contributions: &[f32],
        seen: &Range<usize>,
        sums: &mut [f32],
    ) {
        let PlacedWindow { kernel, pad, .. } = self.gemm.window;
        let width = self.gemm.sources[0].shape.width;
        for at in 0..kernel * kernel {
            let Some(y) = (line + at / kernel).checked_sub(pad.0) else { continue };
            if !seen.contains(&y) {
                continue;
            }
            let from = ((at * self.filter.rows + row) * seen.len() + y - seen.start) * width;
            let from = &contributions[from..][..width];
            // A map may be narrower than its window.
            let skip = pad.1.saturating_sub(at % kernel).min(sums.len());
            let first = (at % kernel).saturating_sub(pad.1).min(width);
            let count = (width - first).min(sums.len() - skip);
            let (from, sums) = (&from[first..][..count], &mut sums[skip..][..count]);
            each!(simd, sums, |sum, term = from| simd.add_f32s(sum, term));
        }
    }
}
