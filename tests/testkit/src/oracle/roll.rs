//! The current shift.

use puppyslug::machine::Jitter;
use puppyslug::plan::View;

use super::{Cell, Map, Written, fill};

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
