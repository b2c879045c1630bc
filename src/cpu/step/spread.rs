//! Applies values of blocks to cells.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::{Spread, Warp};

impl Run for Spread {
    fn run(&self, at: &mut Workplace<'_>) {
        let (x, y) = (self.x, self.y);
        at.memory.lend(y, |memory, cells| {
            let spread = Spreading::new(self.pitch, x.shape, y.shape);
            let map = memory.get(x);
            cells.par_chunks_mut(y.shape.width).enumerate().for_each(|(row, y)| {
                y.iter_mut().zip(spread.line(map, row)).for_each(|(cell, dose)| *cell *= dose);
            });
        });
    }
}

/// The positions of a map's cells among blocks.
pub(super) struct Spreading {
    pitch: [f32; 2],
    grid: Shape,
    columns: Vec<[(usize, f32); 2]>,
}

impl Spreading {
    /// Prepares for the cells of a map whose size in blocks is `pitch`.
    pub(super) fn new(pitch: [f32; 2], grid: Shape, map: Shape) -> Self {
        let column = |at: usize| Warp::neighbours(place(at, pitch[1]), grid.width);
        Self { pitch, grid, columns: (0..map.width).map(column).collect() }
    }

    /// The interpolated values of `blocks` at a row of cells.
    #[inline(always)]
    pub(super) fn line<'a>(&'a self, blocks: &'a [f32], row: usize) -> impl Iterator<Item = f32> + 'a {
        let width = self.grid.width;
        let lines = Warp::neighbours(place(row, self.pitch[0]), self.grid.height)
            .map(|(row, weight)| (&blocks[row * width..][..width], weight));
        self.columns.iter().map(move |&[(left, from_left), (right, from_right)]| {
            let across = |line: &[f32]| from_left * line[left] + from_right * line[right];
            lines[0].1 * across(lines[0].0) + lines[1].1 * across(lines[1].0)
        })
    }
}

/// The position of a cell in one direction.
fn place(at: usize, pitch: f32) -> f32 {
    pitch * (at as f32 + 0.5) - 0.5
}
