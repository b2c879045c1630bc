//! Where a flow can be relied on.

use puppyslug::plan::step::Judge;

use super::{Cell, Map, Written, fill};

/// Only comparisons: exact, but where rounding decides one. A test has to give numbers with which sums and products are exact.
pub fn judge(step: &Judge, flow: Map, back: Map) -> Written {
    let cells = fill(step.y.shape, |_, row, column| Cell::exact(judged(step, flow, back, row, column)));
    Written { view: step.y, cells }
}

fn judged(step: &Judge, flow: Map, back: Map, row: usize, column: usize) -> f64 {
    let vector = |row: usize, column: usize| [0, 1].map(|axis| flow.at(axis, row, column));
    let squares = |[a, b]: [f64; 2]| a * a + b * b;
    let last = [flow.shape.height - 1, flow.shape.width - 1];
    let there = vector(row, column);
    let to = [row as f64 + there[0], column as f64 + there[1]];
    if (0..2).any(|axis| to[axis] < 0.0 || to[axis] >= last[axis] as f64) {
        return 0.0;
    }
    let (above, left) = (to[0].floor(), to[1].floor());
    let again = [0, 1].map(|axis| {
        let corner = |down: usize, right: usize| {
            let weight = |at: f64, first: f64, by: usize| 1.0 - (at - first - by as f64).abs();
            let value = back.at(axis, above as usize + down, left as usize + right);
            weight(to[0], above, down) * weight(to[1], left, right) * value
        };
        corner(0, 0) + corner(0, 1) + corner(1, 0) + corner(1, 1)
    });
    let apart = squares([there[0] + again[0], there[1] + again[1]]);
    if apart >= 0.01 * (squares(there) + squares(again)) + 0.5 {
        return -255.0;
    }
    let slope = |one: [f64; 2], other: [f64; 2]| squares([other[0] - one[0], other[1] - one[1]]) / 4.0;
    let steep = slope(vector(row.saturating_sub(1), column), vector((row + 1).min(last[0]), column))
        + slope(vector(row, column.saturating_sub(1)), vector(row, (column + 1).min(last[1])));
    if steep > 0.01 * squares(there) + 0.002 { f64::from(step.border) } else { 255.0 }
}
