//! Which kernel computes convolutions, and how large a tile of the output each of its workgroups owns.

use std::fmt;
use std::str::FromStr;

/// Which kernel computes convolutions. Each device has one that suits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Convolver {
    /// Tiles in workgroup memory: any GPU.
    Tiled,
    /// Broadcasts within subgroups that are eight wide: software adapters, where loads cost most.
    Subgroup,
}

/// Rows (output channels) and columns (output cells) that a workgroup of a convolution owns. Every shape sums the
/// same products in the same order, so the choice affects speed but not a single bit of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileShape {
    /// Rows of the matrix.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

impl TileShape {
    const fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns }
    }
}

/// `ROWSxCOLUMNS`.
impl fmt::Display for TileShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.rows, self.columns)
    }
}

impl FromStr for TileShape {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (rows, columns) = text.split_once('x').ok_or(())?;
        Ok(Self::new(rows.parse().map_err(|_| ())?, columns.parse().map_err(|_| ())?))
    }
}

impl Convolver {
    /// Every tile that this kernel can be compiled for, with the cost of an output cell in it relative to the
    /// largest tile. This decides where nothing was measured on the device itself. The subgroup kernel's costs
    /// are those of llvmpipe. On a real GPU, tiles differ less in this cost than in the cells that are computed
    /// in vain when a tile fits badly.
    pub fn tiles(self) -> &'static [(TileShape, f64)] {
        const TILED: [(TileShape, f64); 3] =
            [(TileShape::new(64, 64), 1.0), (TileShape::new(32, 128), 1.0), (TileShape::new(16, 256), 1.0)];
        const SUBGROUP: [(TileShape, f64); 6] = [
            (TileShape::new(32, 56), 1.0),
            (TileShape::new(32, 32), 1.05),
            (TileShape::new(16, 56), 1.1),
            (TileShape::new(16, 32), 1.2),
            (TileShape::new(12, 56), 1.2),
            (TileShape::new(8, 56), 1.25),
        ];
        match self {
            Self::Tiled => &TILED,
            Self::Subgroup => &SUBGROUP,
        }
    }

    /// The cost of a product of `rows` x `columns` in tiles of that shape, in units of a cell of the largest
    /// tile.
    pub fn cost(self, tile: (TileShape, f64), rows: usize, columns: usize) -> f64 {
        let (TileShape { rows: high, columns: wide }, cell) = tile;
        (rows.next_multiple_of(high) * columns.next_multiple_of(wide)) as f64 * cell
    }

    /// The tile with the lowest cost; the first one if several are equal.
    pub fn rule(self, rows: usize, columns: usize) -> TileShape {
        let cost = |tile: &&(TileShape, f64)| self.cost(**tile, rows, columns);
        let best = self.tiles().iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
        best.expect("there is at least one tile").0
    }

    /// The kernel's constants for a tile.
    pub(super) fn constants(self, tile: TileShape) -> Vec<(&'static str, usize)> {
        match self {
            // 64 invocations of 8 x 8 outputs; see conv.wgsl.
            Self::Tiled => vec![
                ("ROW_THREADS", tile.rows / 8),
                ("COLUMN_THREADS", tile.columns / 8),
                ("MATRIX_TILE", 2 * tile.rows),
                ("PATCH_TILE", 2 * tile.columns),
            ],
            // Eight invocations with all rows and an eighth of the columns each; see conv_subgroup.wgsl.
            Self::Subgroup => vec![("ROWS", tile.rows), ("COLUMNS", tile.columns / 8)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_wastes_little() {
        for (rows, columns, tiled, subgroup) in
            [(12, 12544, 16, 12), (64, 12544, 64, 32), (192, 3136, 64, 32), (32, 784, 32, 32)]
        {
            let chosen =
                [Convolver::Tiled, Convolver::Subgroup].map(|convolver| convolver.rule(rows, columns).rows);
            assert_eq!(chosen, [tiled, subgroup], "{rows}x{columns}");
        }
    }

    #[test]
    fn a_shape_reads_back() {
        for (shape, _) in Convolver::Tiled.tiles() {
            assert_eq!(shape.to_string().parse(), Ok(*shape));
        }
        assert_eq!("64".parse::<TileShape>(), Err(()));
    }
}
