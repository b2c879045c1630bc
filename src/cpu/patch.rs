//! Patches of pictures, as optical flow compares them.

use std::array::from_fn;

use crate::net::Shape;
use crate::plan::patches::PATCH;
use crate::plan::step::Warp;

/// The cells of a patch.
pub(super) type Patch = [[f32; PATCH]; PATCH];

/// A picture of one channel.
#[derive(Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) cells: &'a [f32],
    pub(super) shape: Shape,
}

impl Plane<'_> {
    /// A square of cells that begins at any place, even outside: cells beyond an edge repeat the cell at the
    /// edge.
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

    /// The value between cells, interpolated bilinearly; beyond an edge it is the value at the edge.
    #[inline(always)]
    pub(super) fn between(self, row: f32, column: f32) -> f32 {
        let Shape { height, width, .. } = self.shape;
        // The casts saturate.
        let (above, left) = (row as usize, column as usize);
        let is_inside = row >= 0.0 && column >= 0.0 && above < height - 1 && left < width - 1;
        if !is_inside {
            let corners = Warp::corners(row, column, self.shape);
            return corners.iter().map(|&(at, weight)| weight * self.cells[at]).sum();
        }
        let (below, beside) = (row - above as f32, column - left as f32);
        let lines =
            [&self.cells[above * width + left..][..2], &self.cells[(above + 1) * width + left..][..2]];
        (1.0 - below) * (1.0 - beside) * lines[0][0]
            + (1.0 - below) * beside * lines[0][1]
            + below * (1.0 - beside) * lines[1][0]
            + below * beside * lines[1][1]
    }

    /// The patch that begins at a place moved by this many rows and columns, interpolated bilinearly between
    /// cells.
    pub(super) fn moved(self, (row, column): (usize, usize), [down, right]: [f32; 2]) -> Patch {
        let (rows, columns) = (whole(down), whole(right));
        let (below, beside) = (down - rows as f32, right - columns as f32);
        let (row, column) = (row as isize + rows as isize, column as isize + columns as isize);
        let cells: [[f32; PATCH + 1]; PATCH + 1] = self.window(row, column);
        let across: [[f32; PATCH]; PATCH + 1] =
            cells.map(|line| from_fn(|at| line[at] * (1.0 - beside) + line[at + 1] * beside));
        from_fn(|row| from_fn(|at| across[row][at] * (1.0 - below) + across[row + 1][at] * below))
    }
}

/// The floor of a number, saturated to the range of `i32`. `f32::floor` is a function call where the compiler may
/// not use SSE4.1.
fn whole(at: f32) -> i32 {
    let cut = at as i32;
    cut.saturating_sub(i32::from(cut as f32 > at))
}

fn inside(at: isize, size: usize) -> usize {
    at.clamp(0, size as isize - 1) as usize
}

/// A sum over the cells of a patch, with as many lanes as a row has cells: the order is fixed, and a whole row is
/// added at a time.
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
