//! In which tile of its matrix product each convolution is computed: by rule, by request, or as measured on the
//! device itself.

use std::collections::BTreeMap;
use std::fmt;

use super::tile::{Convolver, TileShape};
use crate::plan::convolution::{Direction, ImplicitGemm};

/// The tile for each convolution's product, keyed by its [`Problem`] in text form.
pub type TileTable = BTreeMap<String, TileShape>;

/// How all convolutions are computed.
#[derive(Clone, Debug)]
pub struct GemmTiling {
    /// The kernel.
    pub convolver: Convolver,
    /// How the tile is chosen.
    pub choice: TileChoice,
}

/// How a tile is chosen.
#[derive(Clone, Debug)]
pub enum TileChoice {
    /// [`Convolver::rule`].
    Rule,
    /// The same tile for all: for tests and benchmarks.
    Always(TileShape),
    /// The one that was measured to be fastest; by rule where nothing was measured.
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

/// What the best tile of a convolution depends on. Sizes within a factor of 1.41 are the same problem, so one
/// measurement serves a whole range of pictures.
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
    /// The problem that a convolution poses.
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

/// `conv 3x3/1 64>192 at 3000 cells`; the number of cells is rounded.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, stride, channels, rows, columns, backward } = self;
        let kind = if *backward { "conv_gradient" } else { "conv" };
        write!(f, "{kind} {kernel}x{kernel}/{stride} {channels}>{rows} at {columns} cells")
    }
}
