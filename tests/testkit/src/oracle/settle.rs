//! What stands still, though its grain does not.

use puppyslug::plan::step::{Explain, Settle};

use super::running::Running;
use super::{Map, Written, fill};

/// What each cell explains and leaves, averaged block by block.
pub fn explain(step: &Explain, flow: Map, first: Map, second: Map) -> Written {
    let cells = fill(step.y.shape, |which, line, block| {
        let rows = (0..first.shape.height).filter(|row| row / 4 == line);
        let of_row = |row| {
            (0..first.shape.width).filter(|column| column / 4 == block).map(move |column| (row, column))
        };
        let squares: Vec<Running> =
            rows.flat_map(of_row).map(|place| square(flow, first, second, place)[which]).collect();
        let count = Running::exact(squares.len() as f64);
        (Running::sum(squares) / count).cell()
    });
    Written { view: step.y, cells }
}

fn square(flow: Map, first: Map, second: Map, (row, column): (usize, usize)) -> [Running; 2] {
    let exact = Running::exact;
    let (bottom, side) = (first.shape.height - 1, first.shape.width - 1);
    let both = |row: usize, column: usize| exact(first.at(0, row, column)) + exact(second.at(0, row, column));
    let slope = |after: Running, before: Running| (after - before) * 0.25;
    let down = slope(both((row + 1).min(bottom), column), both(row.saturating_sub(1), column));
    let right = slope(both(row, (column + 1).min(side)), both(row, column.saturating_sub(1)));
    let along = down * flow.at(0, row, column) + right * flow.at(1, row, column);
    let changed = exact(first.at(0, row, column)) - exact(second.at(0, row, column));
    let left = (changed - along) * (changed - along);
    [changed * changed - left, left]
}

pub fn settle(step: &Settle, flow: Map, explained: Map) -> Written {
    let exact = |number: f32| Running::exact(f64::from(number));
    let cells = fill(step.y.shape, |axis, row, column| {
        let [down, right] = [0, 1].map(|axis| Running::exact(flow.at(axis, row, column)));
        let length = (down * down + right * right).sqrt();
        let far = length * 2.0 / exact(step.still.far) - Running::exact(1.0);
        let [explains, leaves] = [0, 1].map(|which| Running::exact(explained.at(which, row / 4, column / 4)));
        let part = explains / (leaves + exact(step.still.rounding)) / exact(step.still.grain);
        let shown = part - Running::exact(1.0);
        // The larger of two is off by as much as either.
        let part = Running { value: far.value.max(shown.value), error: far.error.max(shown.error) };
        (part.clamp(0.0, 1.0) * [down, right][axis]).cell()
    });
    Written { view: step.y, cells }
}
