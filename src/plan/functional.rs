//! Scalars of a map: maximised, or only measured.

/// A box of cells of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Which channel.
    pub channel: usize,
    /// First row and one past the last.
    pub rows: (usize, usize),
    /// First column and one past the last.
    pub columns: (usize, usize),
}

impl Region {
    /// Whether the cell lies inside.
    pub fn contains(self, channel: usize, row: usize, column: usize) -> bool {
        channel == self.channel
            && (self.rows.0..self.rows.1).contains(&row)
            && (self.columns.0..self.columns.1).contains(&column)
    }
}

/// A scalar function of a map, whose gradient is known in closed form. A step says by how much it is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Functional {
    /// `scale / 2 * sum of x^2`; gradient `scale * x`.
    HalfSquares,
    /// `scale * sum of x over the region`; gradient `scale` inside, 0 outside.
    RegionSum(Region),
    /// `scale * sum of |x|`; gradient `scale * sign of x`.
    Magnitude,
    /// `sqrt(scale * sum of x^2)`; only measured, never climbed.
    Root,
}
