//! Filters in the form in which the processor applies them, prepared once for all plans.

use super::gemm::{Left, ROWS};
use crate::net::PlacedWindow;
use crate::plan::convolution::{Direction, ImplicitGemm, Matrix};

/// Products for four cells with Winograd's algorithm: see `winograd`.
pub(super) const TAPS: usize = 16;

/// A matrix, prepared for one of the ways of applying it.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) way: Way,
    /// `[row][tap, channel]`, or `[tap, row][channel]` for [`Way::Spread`].
    pub(super) left: Left,
    /// Rows of the matrix, however it is laid out.
    pub(super) rows: usize,
    pub(super) bias: Vec<f32>,
}

/// How a matrix is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The patches that the windows see are packed, then multiplied.
    Windowed,
    /// The same in fewer multiplications: see `winograd`.
    Winograd,
    /// The sources are multiplied for every tap, then the products are shifted and summed: see `spread`.
    Spread,
}

impl Way {
    fn of(gemm: &ImplicitGemm) -> Self {
        let channels: usize = gemm.sources.iter().map(|source| source.shape.channels).sum();
        let (PlacedWindow { kernel, stride, .. }, rows) = (gemm.window, gemm.rows());
        match gemm.filter.direction {
            _ if (kernel, stride, gemm.interleave) == (3, 1, 1) => Self::Winograd,
            Direction::Gradient(_) if gemm.interleave > 1 || kernel > 1 && 2 * rows <= channels => {
                Self::Spread
            }
            _ => Self::Windowed,
        }
    }
}

impl Filter {
    pub(super) fn new(gemm: &ImplicitGemm, matrix: Matrix) -> Self {
        let Matrix { rows, taps, channels, values, bias } = matrix;
        let way = Way::of(gemm);
        let inner = taps * channels;
        let left = match way {
            Way::Windowed => Left::new(rows, inner, |row, at| values[row * inner + at]),
            Way::Winograd => transformed(rows, channels, &values),
            Way::Spread => Left::new(taps * rows, channels, |at, channel| {
                values[(at % rows * taps + at / rows) * channels + channel]
            }),
        };
        Self { way, left, rows, bias }
    }

    /// Bytes of the prepared filter of a GEMM.
    pub(super) fn bytes(gemm: &ImplicitGemm) -> u64 {
        let channels: usize = gemm.sources.iter().map(|source| source.shape.channels).sum();
        let taps = match Way::of(gemm) {
            Way::Winograd => TAPS,
            Way::Windowed | Way::Spread => gemm.window.kernel.pow(2),
        };
        4 * (gemm.rows().next_multiple_of(ROWS) * taps * channels + gemm.rows()) as u64
    }
}

/// The transformed filters as `[row][tap, channel]`, from `[row][tap][channel]`.
fn transformed(rows: usize, channels: usize, values: &[f32]) -> Left {
    let taps: Vec<[f32; TAPS]> = (0..rows * channels)
        .map(|at| {
            let (row, channel) = (at / channels, at % channels);
            transform_filter(|tap| values[(row * 9 + tap) * channels + channel])
        })
        .collect();
    Left::new(rows, TAPS * channels, |row, at| taps[row * channels + at % channels][at / channels])
}

/// `G g G'`, rounded only once.
fn transform_filter(g: impl Fn(usize) -> f32) -> [f32; TAPS] {
    let along = |[a, b, c]: [f64; 3]| [a, (a + b + c) / 2.0, (a - b + c) / 2.0, c];
    let rows = [0, 1, 2].map(|row| along([0, 1, 2].map(|column| f64::from(g(3 * row + column)))));
    let columns = [0, 1, 2, 3].map(|column| along(rows.map(|row| row[column])));
    std::array::from_fn(|at| columns[at % 4][at / 4] as f32)
}
