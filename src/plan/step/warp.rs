//! Resampling at a field of coordinates, and its transpose.

use super::{Gradient, Kind, Operand};
use crate::net::Shape;
use crate::plan::View;

/// `y[c, i, j] = x[c]` at row `field[0, i, j]` and column `field[1, i, j]` of `x`, interpolated bilinearly
/// between its cells. A position outside is clamped to the nearest one at the edge, which continues the
/// picture without a visible seam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warp {
    /// Input.
    pub x: View,
    /// Rows, then columns: two channels of the size of `y`, all finite.
    pub field: View,
    /// Output, of any size.
    pub y: View,
}

/// The transpose of [`Warp`]: `dx[c, k] = sum of weight * dy[c, cell]` over the shares of input cell `k`.
///
/// Where many positions coincide, many output cells send their gradients to one input cell, and no bound on
/// their distance holds for every field (consider a zoom, or a rotated sphere). So a step does not search for
/// them: the host lists them, input cell by input cell, when it makes the field
/// ([`WarpGradient::list_shares`]). The list takes time proportional to the output, gives the same order of
/// summation on every machine, and needs no atomics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarpGradient {
    /// Gradient of the output.
    pub dy: View,
    /// First, for each cell of the input and one more, the number of shares of all cells before it. Then the
    /// shares, each as the number of an output cell and a weight. Integers are stored as the bits of a `u32`.
    pub shares: View,
    /// Gradient of the input.
    pub dx: Gradient,
}

impl Kind for Warp {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::read(&mut self.field), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * 4 * self.y.shape.len() as u64
    }
}

impl Kind for WarpGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.dy, &mut self.shares].map(Operand::read);
        reads.into_iter().chain(self.dx.operands()).collect()
    }

    fn flops(&self) -> u64 {
        2 * 4 * self.dy.shape.len() as u64
    }
}

impl Warp {
    /// The four cells of a channel around a position, and their weights.
    pub fn corners(row: f32, column: f32, shape: Shape) -> [(usize, f32); 4] {
        let [above, below] = Self::neighbours(row, shape.height);
        let [left, right] = Self::neighbours(column, shape.width);
        [(above, left), (above, right), (below, left), (below, right)]
            .map(|((row, down), (column, across))| (row * shape.width + column, down * across))
    }

    /// The two cells of a line of `size` cells around a position, and their weights.
    pub fn neighbours(at: f32, size: usize) -> [(usize, f32); 2] {
        let at = at.max(0.0).min((size - 1) as f32);
        let low = (at as usize).min(size - 1);
        let part = at - low as f32;
        [(low, 1.0 - part), ((low + 1).min(size - 1), part)]
    }
}

impl WarpGradient {
    /// The shape of [`WarpGradient::shares`] for an input and an output of these shapes.
    pub fn shares_shape(input: Shape, output: Shape) -> Shape {
        Shape::new(1, 1, input.plane() + 1 + 2 * 4 * output.plane())
    }

    /// For each cell of a warp's input, the output cells that it has a share in, and how large each share is:
    /// the cells of [`WarpGradient::shares`] for a field.
    ///
    /// # Panics
    /// If the field does not have two numbers for each cell of the output.
    pub fn list_shares(field: &[f32], input: Shape, output: Shape) -> Vec<f32> {
        assert_eq!(field.len(), 2 * output.plane(), "a row and a column for each cell of the output");
        let (rows, columns) = field.split_at(output.plane());
        let places = || rows.iter().zip(columns).map(|(&row, &column)| Warp::corners(row, column, input));
        let mut ends = vec![0; input.plane() + 1];
        for (cell, weight) in places().flatten() {
            ends[cell + 1] += usize::from(weight != 0.0);
        }
        for cell in 1..ends.len() {
            ends[cell] += ends[cell - 1];
        }
        let mut cells = vec![0.0; Self::shares_shape(input, output).len()];
        let (starts, shares) = cells.split_at_mut(ends.len());
        starts.iter_mut().zip(&ends).for_each(|(start, &end)| *start = whole(end));
        for (to, corners) in places().enumerate() {
            for (from, weight) in corners.into_iter().filter(|&(_, weight)| weight != 0.0) {
                shares[2 * ends[from]..][..2].copy_from_slice(&[whole(to), weight]);
                ends[from] += 1;
            }
        }
        cells
    }
}

/// An integer, as the bits of a cell.
fn whole(number: usize) -> f32 {
    f32::from_bits(u32::try_from(number).expect("buffers are limited to 2^32 cells"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_between_its_corners_and_at_the_edge_beyond_it() {
        let shape = Shape::new(1, 3, 4);
        assert_eq!(Warp::corners(1.0, 2.0, shape), [(6, 1.0), (7, 0.0), (10, 0.0), (11, 0.0)]);
        assert_eq!(Warp::corners(0.25, 1.5, shape), [(1, 0.375), (2, 0.375), (5, 0.125), (6, 0.125)]);
        for (row, column) in [(-7.0, 99.0), (f32::NAN, f32::INFINITY)] {
            assert_eq!(Warp::corners(row, column, shape)[0], (3, 1.0), "{row} {column}");
        }
    }

    #[test]
    fn shares_are_listed_cell_by_cell() {
        let (input, output) = (Shape::new(1, 1, 3), Shape::new(1, 1, 3));
        // Positions between the last two, at the first, and beyond the end.
        let shares = WarpGradient::list_shares(&[0.0, 0.0, 0.0, 1.5, 0.0, 8.0], input, output);
        let numbers: Vec<u32> = shares[..4].iter().map(|cell| cell.to_bits()).collect();
        assert_eq!(numbers, [0, 1, 2, 4]);
        let pairs = shares[4..12].chunks_exact(2).map(|pair| (pair[0].to_bits(), pair[1]));
        assert_eq!(pairs.collect::<Vec<_>>(), [(1, 1.0), (0, 0.5), (0, 0.5), (2, 1.0)]);
        assert_eq!(shares.len(), WarpGradient::shares_shape(input, output).len());
    }
}
