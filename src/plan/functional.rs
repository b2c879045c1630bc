//! Scalars of a map: what is climbed or only measured.

use super::Number;

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

/// A scalar function of a map, whose gradient is known in closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Functional {
    /// `scale / 2 * sum of x^2`; gradient `scale * x`.
    HalfSquares {
        /// Factor.
        scale: Number,
    },
    /// `scale * sum of x over the region`; gradient `scale` inside, 0 outside.
    RegionSum {
        /// Where.
        region: Region,
        /// Factor.
        scale: Number,
    },
    /// `scale * sum of |x|`; only measured, never climbed.
    Magnitude {
        /// Factor.
        scale: Number,
    },
    /// `sqrt(scale * sum of x^2)`; only measured, never climbed.
    Root {
        /// Factor, not negative.
        scale: Number,
    },
}

impl Functional {
    /// Its factor.
    pub fn scale(&self) -> Number {
        match *self {
            Self::HalfSquares { scale }
            | Self::RegionSum { scale, .. }
            | Self::Magnitude { scale }
            | Self::Root { scale } => scale,
        }
    }

    /// Its factor, to be exchanged for another.
    pub fn scale_mut(&mut self) -> &mut Number {
        match self {
            Self::HalfSquares { scale }
            | Self::RegionSum { scale, .. }
            | Self::Magnitude { scale }
            | Self::Root { scale } => scale,
        }
    }
}
