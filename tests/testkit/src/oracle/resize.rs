//! Changes of size.

use puppyslug::plan::View;

use super::{EPSILON, Map, Sum, Written, fill};

/// Bilinear, corners on corners.
pub fn resize(x: Map, view: View, base: Option<Map>) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let y = Position::new(row, x.shape.height, view.shape.height);
        let x_ = Position::new(column, x.shape.width, view.shape.width);
        let mut sum = Sum::default();
        for (row, of_row) in y.cells() {
            for (column, of_column) in x_.cells() {
                sum.push(x.at(channel, row, column) * of_row * of_column);
            }
        }
        sum.blur((y.error() + x_.error()) * steepest(x, channel, &y, &x_));
        if let Some(base) = base {
            sum.push(base.at(channel, row, column));
        }
        sum.cell()
    });
    Written { view, cells }
}

/// A place between two cells of a row.
struct Position {
    first: usize,
    last: usize,
    fraction: f64,
    size: usize,
}

impl Position {
    /// Where output cell `i` of `m` looks in a row of `n`: `i (n-1) / (m-1)`, and the first cell if `m` is 1.
    fn new(i: usize, n: usize, m: usize) -> Self {
        let (numerator, denominator) = if m > 1 { (i * (n - 1), m - 1) } else { (0, 1) };
        let first = numerator / denominator;
        let fraction = (numerator % denominator) as f64 / denominator as f64;
        Self { first, last: (first + 1).min(n - 1), fraction, size: n }
    }

    fn cells(&self) -> [(usize, f64); 2] {
        [(self.first, 1.0 - self.fraction), (self.last, self.fraction)]
    }

    /// A machine finds the position by a division (2.5 ULP) and a product, relative to its size.
    fn error(&self) -> f64 {
        6.0 * EPSILON * (self.first as f64 + self.fraction)
    }

    /// The cells an erring machine may look at: one more on either side.
    fn nearby(&self) -> std::ops::RangeInclusive<usize> {
        self.first.saturating_sub(1)..=(self.last + 1).min(self.size - 1)
    }
}

/// No two cells nearby differ by more: what an error of one cell in position is worth.
fn steepest(x: Map, channel: usize, y: &Position, x_: &Position) -> f64 {
    let cells = || y.nearby().flat_map(|row| x_.nearby().map(move |column| x.at(channel, row, column)));
    cells().fold(f64::NEG_INFINITY, f64::max) - cells().fold(f64::INFINITY, f64::min)
}
