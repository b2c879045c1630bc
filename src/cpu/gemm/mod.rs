//! Matrix products, tile by tile. Both operands are packed in the order in which the innermost loop reads them:
//! the left one (a filter) once for all, the right one (the patches that windows see of a map) when it is needed.

mod left;
mod tile;

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::isa::{Isa, each};
use super::panel::Panel;
pub(super) use left::Left;
pub(super) use tile::{COLUMNS, GROUP, ROWS, Tile, multiply};

/// The right operand, packed: `[block][term][column]` with [`COLUMNS`] columns to a block.
#[derive(Clone, Copy)]
pub(super) struct Right<'a> {
    /// Columns behind the last one are unspecified.
    pub(super) cells: &'a [f32],
    /// Terms of each sum.
    pub(super) depth: usize,
    /// The number of the first column here among the columns of the product.
    pub(super) start: usize,
}

impl<'a> Right<'a> {
    /// The block that begins at a column of the product.
    pub(super) fn block(&self, column: usize) -> &'a [f32] {
        let size = self.depth * COLUMNS;
        &self.cells[(column - self.start) / COLUMNS * size..][..size]
    }
}

/// Cells that a right operand with this many columns takes.
pub(super) fn packed(depth: usize, columns: usize) -> usize {
    depth * columns.next_multiple_of(COLUMNS)
}

/// Packs one term (a row) of a right operand.
pub(super) fn pack(row: &[f32], term: usize, depth: usize, right: &mut [f32]) {
    let (whole, rest) = row.as_chunks::<COLUMNS>();
    let mut blocks = right.chunks_exact_mut(depth * COLUMNS);
    // A constant size, which compiles to a handful of instructions.
    for (cells, block) in whole.iter().zip(&mut blocks) {
        block[term * COLUMNS..][..COLUMNS].copy_from_slice(cells);
    }
    if let Some(block) = blocks.next() {
        block[term * COLUMNS..][..rest.len()].copy_from_slice(rest);
    }
}

/// What is done with the sums of some cells of a row.
pub(super) trait Leave {
    /// `cells` are those of a panel; row and columns are numbered as in the map that the panel was cut from.
    fn leave<S: Simd>(&self, simd: S, row: usize, columns: Range<usize>, cells: &mut [f32], sums: &[f32]);
}

/// Stores the sums as they are.
pub(super) struct Plain;

impl Leave for Plain {
    #[inline(always)]
    fn leave<S: Simd>(&self, simd: S, _: usize, _: Range<usize>, cells: &mut [f32], sums: &[f32]) {
        each!(simd, cells, |_cell, sum = sums| sum);
    }
}

/// Multiplies into a panel whose columns begin at a block boundary. Row `first` of the left operand belongs to
/// row 0 of the map that the panel was cut from.
pub(super) fn product(
    isa: Isa,
    (left, first): (&Left, usize),
    right: Right<'_>,
    panel: &mut Panel<'_>,
    end: &impl Leave,
) {
    isa.run(Product { left, first, right, panel, end });
}

struct Product<'a, 'p, L> {
    left: &'a Left,
    first: usize,
    right: Right<'a>,
    panel: &'a mut Panel<'p>,
    end: &'a L,
}

impl<L: Leave> WithSimd for Product<'_, '_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { left, first, right, panel, end } = self;
        let (rows, columns) = (panel.rows(), panel.columns());
        let mut tiles: [Tile; GROUP] = [[[0.0; COLUMNS]; ROWS]; GROUP];
        for column in columns.clone().step_by(COLUMNS) {
            let cells = column..(column + COLUMNS).min(columns.end);
            for group in left.groups(first + rows.start..first + rows.end) {
                multiply(simd, group.panels(), right.block(column), cells.len(), &mut tiles);
                for (row, tile, line) in group.rows() {
                    let to = &mut panel.row(row - first)[column - columns.start..][..cells.len()];
                    end.leave(simd, row - first, cells.clone(), to, &tiles[tile][line][..cells.len()]);
                }
            }
        }
    }
}
