//! The two directions of a Laplacian pyramid.

use puppyslug::plan::View;

use super::{Map, Sum, Written, fill};

const BINOMIAL: [f64; 5] = [1.0, 4.0, 6.0, 4.0, 1.0];

/// Where the window of `at` looks with `tap`, in a map of `size`.
fn seen(at: usize, tap: usize, size: usize) -> isize {
    let before = if size.is_multiple_of(2) { 1 } else { 2 };
    (2 * at + tap) as isize - before
}

/// Every second window of 5x5.
pub fn shrink(x: Map, view: View) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let mut sum = Sum::default();
        for tap in 0..25 {
            let (down, right) = (tap / 5, tap % 5);
            let at = (seen(row, down, x.shape.height), seen(column, right, x.shape.width));
            if let Some(value) = x.get(channel, at.0, at.1) {
                sum.push(BINOMIAL[down] * BINOMIAL[right] / 256.0 * value);
            }
        }
        sum.cell()
    });
    Written { view, cells }
}

/// Its transpose times four, added: scattered, as it is defined, not gathered.
pub fn expand(x: Map, y: Map, view: View, factor: f32) -> Written {
    let shape = view.shape;
    let mut sums: Vec<Sum> = y.cells.iter().map(|&y| Sum::of([y])).collect();
    let _ = fill(x.shape, |channel, row, column| {
        for tap in 0..25 {
            let (down, right) = (tap / 5, tap % 5);
            let at = (seen(row, down, shape.height), seen(column, right, shape.width));
            if y.get(channel, at.0, at.1).is_some() {
                let index = (channel * shape.height + at.0 as usize) * shape.width + at.1 as usize;
                let weight = f64::from(factor) * BINOMIAL[down] * BINOMIAL[right] / 64.0;
                sums[index].push(weight * x.at(channel, row, column));
            }
        }
    });
    Written { view, cells: sums.into_iter().map(Sum::cell).collect() }
}
