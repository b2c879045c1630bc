//! Which tile of its matrix product each convolution is computed in: by rule, by
//! order, or as measured on the device itself.

use std::collections::BTreeMap;
use std::fmt;

use super::tile::{Convolver, TileShape};
use crate::plan::convolution::{Direction, ImplicitGemm};

/// The tiles of the product that a convolution is, by problem as [`Problem`] writes itself.
pub type TileTable = BTreeMap<String, TileShape>;

/// Decides for every convolution.
#[derive(Clone, Debug)]
pub struct GemmTiling {
    /// Which kernel.
    pub convolver: Convolver,
    /// Which of its tiles.
    pub choice: TileChoice,
}

/// How a tile is chosen.
#[derive(Clone, Debug)]
pub enum TileChoice {
    /// [`Convolver::rule`].
    Rule,
    /// One for all: for tests and benchmarks.
    Always(TileShape),
    /// The one that was fastest; by rule where nothing was measured.
    Measured(TileTable),
}

impl GemmTiling {
    /// By rule.
    pub fn rule(convolver: Convolver) -> Self {
        Self { convolver, choice: TileChoice::Rule }
    }

    /// The tile of a convolution.
    pub fn tile(&self, gemm: &ImplicitGemm) -> TileShape {
        let chosen = match &self.choice {
            TileChoice::Rule => None,
            TileChoice::Always(tile) => Some(*tile),
            TileChoice::Measured(tiles) => tiles.get(&Problem::of(gemm).to_string()).copied(),
        };
        chosen.unwrap_or_else(|| self.convolver.rule(gemm.rows(), gemm.columns()))
    }
}

/// A convolution as far as its best tile depends on it. Sizes within a factor of 1.41 are the same problem:
/// what was measured once serves a whole range of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    kernel: usize,
    stride: usize,
    channels: usize,
    rows: usize,
    columns: usize,
    backward: bool,
}

impl Problem {
    /// The problem that a convolution is.
    pub fn of(gemm: &ImplicitGemm) -> Self {
        let half_powers = (2.0 * (gemm.columns() as f64).log2()).round();
        Self {
            kernel: gemm.window.kernel,
            stride: gemm.window.stride,
            channels: gemm.sources.iter().map(|view| view.shape.channels).sum(),
            rows: gemm.rows(),
            columns: (half_powers / 2.0).exp2().round() as usize,
            backward: gemm.filter.direction != Direction::Forward,
        }
    }
}

/// `conv 3x3/1 64>192 at 3000 cells`; the cells are rounded.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, stride, channels, rows, columns, backward } = self;
        let kind = if *backward { "conv_gradient" } else { "conv" };
        write!(f, "{kind} {kernel}x{kernel}/{stride} {channels}>{rows} at {columns} cells")
    }
}
