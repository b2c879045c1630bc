//! How large a map or a picture is.

use std::fmt;

/// Rows and columns of a map or a picture. Named fields, because half of the world puts the height first and
/// the other half the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Extent {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Extent {
    /// This many rows of this many columns.
    pub const fn new(height: usize, width: usize) -> Self {
        Self { height, width }
    }

    /// As many rows as columns.
    pub const fn square(side: usize) -> Self {
        Self::new(side, side)
    }

    /// Cells.
    pub const fn plane(self) -> usize {
        self.height * self.width
    }

    /// The longer side.
    pub fn longest(self) -> usize {
        self.height.max(self.width)
    }

    /// The shorter side.
    pub fn shortest(self) -> usize {
        self.height.min(self.width)
    }
}

impl fmt::Display for Extent {
    /// As people say it, width first: `640x480`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
