//! A picture moved, turned and scaled, and the transpose of that.

use puppyslug::plan::View;

use super::running::Running;
use super::{Map, Sum, Written, fill};

fn place(matrix: [f64; 6], row: usize, column: usize) -> [Running; 2] {
    let at = |from: usize| {
        let [by_row, by_column, start] = [0, 1, 2].map(|number| Running::exact(matrix[from + number]));
        by_row * row as f64 + by_column * column as f64 + start
    };
    [at(0), at(3)]
}

/// The two cells around a place, with their weights.
fn around(place: f64) -> [(isize, f64); 2] {
    let first = place.floor();
    [(first as isize, 1.0 - (place - first)), (first as isize + 1, place - first)]
}

pub fn transform(x: Map, view: View, matrix: [f64; 6], outside: [f32; 3]) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let at = place(matrix, row, column);
        let seen = |row, column| x.get(channel, row, column).unwrap_or(f64::from(outside[channel]));
        let [rows, columns] = at.map(|place| around(place.value));
        let mut sum = Sum::default();
        for (row, of_row) in rows {
            for (column, of_column) in columns {
                // Each weight is a difference, and their product rounds.
                sum.push_rough(of_row * of_column * seen(row, column), 3.0);
            }
        }
        // A place that is off makes a value off: by at most the steepest way between cells nearby.
        let (first_row, first_column) = (rows[0].0, columns[0].0);
        let near =
            (-1..3).flat_map(|down| (-1..3).map(move |right| (first_row + down, first_column + right)));
        let near: Vec<f64> = near.map(|(row, column)| seen(row, column)).collect();
        let [high, low] = [f64::max, f64::min].map(|most| near.iter().copied().reduce(most).expect("cells"));
        sum.blur((at[0].error + at[1].error) * (high - low));
        sum.cell()
    });
    Written { view, cells }
}

pub fn gradient(dy: Map, view: View, matrix: [f64; 6]) -> Written {
    let mut sums: Vec<Sum> = vec![Sum::default(); view.shape.len()];
    for row in 0..dy.shape.height {
        for column in 0..dy.shape.width {
            let at = place(matrix, row, column);
            let [first_row, first_column] = at.map(|place| place.value.floor() as isize);
            // One cell more on each side: a place that is off may share in it.
            for cell_row in first_row - 1..first_row + 3 {
                for cell_column in first_column - 1..first_column + 3 {
                    let inside =
                        |cell: isize, size: usize| usize::try_from(cell).ok().filter(|&cell| cell < size);
                    let Some(to) =
                        inside(cell_row, view.shape.height).zip(inside(cell_column, view.shape.width))
                    else {
                        continue;
                    };
                    let away =
                        [at[0].value - cell_row as f64, at[1].value - cell_column as f64].map(f64::abs);
                    let parts = away.map(|away| (1.0 - away).max(0.0));
                    for channel in 0..view.shape.channels {
                        let dy = dy.at(channel, row, column);
                        let sum = &mut sums[(channel * view.shape.height + to.0) * view.shape.width + to.1];
                        if away.iter().zip(&at).all(|(away, at)| *away < 1.0 + at.error) {
                            sum.push_rough(parts[0] * parts[1] * dy, 3.0);
                            sum.blur(
                                (at[0].error * parts[1] + at[1].error * parts[0] + at[0].error * at[1].error)
                                    * dy.abs(),
                            );
                        }
                    }
                }
            }
        }
    }
    Written { view, cells: sums.into_iter().map(Sum::cell).collect() }
}
