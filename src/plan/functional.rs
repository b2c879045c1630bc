//! Scalar functions of a map, to maximise or only to measure.

/// A box of cells of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Which channel.
    pub channel: usize,
    /// Its first row, and one past its last.
    pub rows: (usize, usize),
    /// Its first column, and one past its last.
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

/// A scalar function of a map with a closed-form gradient. The step that uses it gives the scale.
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
