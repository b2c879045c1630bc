//! Patches of pictures, as optical flow compares them.

use std::array::from_fn;

use crate::net::Shape;
use crate::plan::patches::PATCH;

/// The cells of a patch.
pub(super) type Patch = [[f32; PATCH]; PATCH];

/// A picture of one channel.
#[derive(Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) cells: &'a [f32],
    pub(super) shape: Shape,
}

impl Plane<'_> {
    /// A square of cells from a place on, which may lie outside: cells beyond an edge are those at it.
    pub(super) fn window<const SIDE: usize>(self, row: isize, column: isize) -> [[f32; SIDE]; SIDE] {
        let Shape { height, width, .. } = self.shape;
        let start = usize::try_from(column).ok().filter(|start| start + SIDE <= width);
        from_fn(|down| {
            let row = inside(row + down as isize, height);
            let line = &self.cells[row * width..][..width];
            match start {
                Some(start) => from_fn(|right| line[start..start + SIDE][right]),
                None => from_fn(|right| line[inside(column + right as isize, width)]),
            }
        })
    }

    /// The patch that begins at a place moved by so many rows and columns, between cells by bilinear weights.
    pub(super) fn moved(self, (row, column): (usize, usize), [down, right]: [f32; 2]) -> Patch {
        let (rows, columns) = (down.floor(), right.floor());
        let (below, beside) = (down - rows, right - columns);
        // The casts saturate: a place far outside is at the edge.
        let (row, column) = (row as isize + rows as i32 as isize, column as isize + columns as i32 as isize);
        let cells: [[f32; PATCH + 1]; PATCH + 1] = self.window(row, column);
        let across: [[f32; PATCH]; PATCH + 1] =
            cells.map(|line| from_fn(|at| line[at] * (1.0 - beside) + line[at + 1] * beside));
        from_fn(|row| from_fn(|at| across[row][at] * (1.0 - below) + across[row + 1][at] * below))
    }
}

fn inside(at: isize, size: usize) -> usize {
    at.clamp(0, size as isize - 1) as usize
}

/// A sum over the cells of a patch, in as many lanes as a row has cells: the order is fixed, and a row is added
/// at once.
#[derive(Clone, Copy, Default)]
pub(super) struct Lanes([f32; PATCH]);

impl Lanes {
    /// Adds a row of cells.
    pub(super) fn add(&mut self, row: &[f32; PATCH]) {
        self.0.iter_mut().zip(row).for_each(|(sum, term)| *sum += term);
    }

    /// Adds the products of two rows.
    pub(super) fn add_products(&mut self, a: &[f32; PATCH], b: &[f32; PATCH]) {
        self.0.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }

    pub(super) fn total(self) -> f32 {
        self.0.iter().sum()
    }
}
