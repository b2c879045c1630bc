//! Where a backward step stores its result: masked, and optionally added to what is already there.

use pulp::Simd;
use rayon::prelude::*;

use super::isa::each;
use super::memory::Memory;
use crate::plan::Gradient;

/// The cells of a gradient, their mask, and whether results are added.
pub(super) struct Destination<'a> {
    pub(super) cells: &'a mut [f32],
    pub(super) mask: Option<&'a [f32]>,
    pub(super) add: bool,
}

impl<'a> Destination<'a> {
    pub(super) fn new(memory: &'a Memory, cells: &'a mut [f32], gradient: &Gradient) -> Self {
        Self { cells, mask: gradient.mask.map(|mask| memory.get(mask)), add: gradient.add }
    }

    /// Consecutive pieces of `size` cells, for several threads.
    pub(super) fn pieces(self, size: usize) -> impl IndexedParallelIterator<Item = Destination<'a>> {
        let Self { cells, mask, add } = self;
        let pieces = cells.par_chunks_mut(size).enumerate();
        pieces.map(move |(index, cells)| Self::piece(cells, index * size, mask, add))
    }

    /// Consecutive pieces of `size` cells, one after another.
    pub(super) fn lines(self, size: usize) -> impl Iterator<Item = Destination<'a>> {
        let Self { cells, mask, add } = self;
        let pieces = cells.chunks_mut(size).enumerate();
        pieces.map(move |(index, cells)| Self::piece(cells, index * size, mask, add))
    }

    fn piece(cells: &'a mut [f32], first: usize, mask: Option<&'a [f32]>, add: bool) -> Self {
        let mask = mask.map(|mask| &mask[first..first + cells.len()]);
        Self { cells, mask, add }
    }

    /// `cell = mask > 0 ? result (+ cell) : 0`.
    pub(super) fn put(self, results: impl Iterator<Item = f32>) {
        if self.add {
            self.cells.iter_mut().zip(results).for_each(|(cell, result)| *cell += result);
        } else {
            self.cells.iter_mut().zip(results).for_each(|(cell, result)| *cell = result);
        }
        cut(self.cells, self.mask);
    }

    /// The same for results in a slice, with loops that are compiled together with the caller.
    #[inline(always)]
    pub(super) fn put_line<S: Simd>(self, simd: S, results: &[f32]) {
        let Self { cells, mask, add } = self;
        let zero = simd.splat_f32s(0.0);
        match mask {
            None => {
                each!(simd, cells, |cell, result = results| {
                    simd.add_f32s(if add { cell } else { zero }, result)
                });
            }
            Some(mask) => {
                each!(simd, cells, |cell, result = results, mask = mask| {
                    let sum = simd.add_f32s(if add { cell } else { zero }, result);
                    simd.select_f32s(simd.greater_than_f32s(mask, zero), sum, zero)
                });
            }
        }
    }

    /// Lets `accumulate` add to the cells, which start from 0 or from what is already there; then applies the
    /// mask.
    pub(super) fn collect(self, accumulate: impl FnOnce(&mut [f32])) {
        if !self.add {
            self.cells.fill(0.0);
        }
        accumulate(self.cells);
        cut(self.cells, self.mask);
    }
}

/// Sets cells to zero where the mask is not positive.
pub(super) fn cut(cells: &mut [f32], mask: Option<&[f32]>) {
    if let Some(mask) = mask {
        for (cell, &mask) in cells.iter_mut().zip(mask) {
            *cell = if mask > 0.0 { *cell } else { 0.0 };
        }
    }
}
