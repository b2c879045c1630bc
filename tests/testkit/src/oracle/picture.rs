//! The steps of the dream loop around the network.

use puppyslug::machine::Jitter;
use puppyslug::plan::View;

use super::{Cell, EPSILON, Map, Sum, Written, fill};

/// `y[c, (r + down) mod h, (s + right) mod w] = x[c, r, s]`.
pub fn roll(x: Map, view: View, jitter: Jitter) -> Written {
    let mut cells = vec![Cell::exact(f64::NAN); x.shape.len()];
    let _ = fill(x.shape, |channel, row, column| {
        let row_there = wrap(row, jitter.down, x.shape.height);
        let column_there = wrap(column, jitter.right, x.shape.width);
        let index = (channel * x.shape.height + row_there) * x.shape.width + column_there;
        cells[index] = Cell::exact(x.at(channel, row, column));
    });
    Written { view, cells }
}

pub(super) fn wrap(at: usize, by: i32, size: usize) -> usize {
    (at as i64 + i64::from(by)).rem_euclid(size as i64) as usize
}

/// `x = clamp(x + mask * step / magnitude * dx, low, high)`, with `dx` rolled back.
#[allow(clippy::too_many_arguments, reason = "as many as the step has")]
pub fn ascend(
    x: Map,
    view: View,
    dx: Map,
    magnitude: f64,
    mask: Option<Map>,
    step: f32,
    bounds: [(f32, f32); 3],
    jitter: Jitter,
) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let here = x.at(channel, row, column);
        if magnitude == 0.0 {
            return Cell::exact(here);
        }
        let gradient =
            dx.at(channel, wrap(row, jitter.down, x.shape.height), wrap(column, jitter.right, x.shape.width));
        let weight = mask.map_or(1.0, |mask| mask.at(0, row, column));
        let mut sum = Sum::of([here]);
        sum.push_rough(weight * f64::from(step) / magnitude * gradient, 6.0); // a division: 2.5 ULP
        let (low, high) = bounds[channel];
        let cell = sum.cell(); // to clamp brings a value and its error nearer, never farther
        Cell { value: cell.value.clamp(f64::from(low), f64::from(high)), ..cell }
    });
    Written { view, cells }
}

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

/// `y = a - b`.
pub fn difference(a: &[f64], b: &[f64], view: View) -> Written {
    let cells = a.iter().zip(b).map(|(&a, &b)| Sum::of([a, -b]).cell()).collect();
    Written { view, cells }
}
