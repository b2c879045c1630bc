//! Total variation.

use puppyslug::plan::View;

use super::roll::wrap;
use super::{Map, Sum, Written, fill};

/// The gradient of `sum n^(exponent / 2)`, scattered from each `n` to the three cells it is made of.
///
/// A power is the exponential of a product with a logarithm: for the numbers here (20 binary orders either
/// way, exponents of at most a half) some 90 roundings on a GPU.
pub fn variation(x: Map, dx: Map, view: View, weight: f32, exponent: f32) -> Written {
    let (shape, exponent) = (view.shape, f64::from(exponent));
    let scale = f64::from(weight) / 255f64.powf(exponent - 1.0);
    let mut sums: Vec<Sum> = dx.cells.iter().map(|&dx| Sum::of([dx])).collect();
    let _ = fill(shape, |channel, row, column| {
        let (below, right) = (wrap(row, 1, shape.height), wrap(column, 1, shape.width));
        let index = |row: usize, column: usize| (channel * shape.height + row) * shape.width + column;
        let here = x.at(channel, row, column);
        let (a, b) = (here - x.at(channel, row, right), here - x.at(channel, below, column));
        let factor = scale * exponent * (a * a + b * b + f64::from(1e-6f32)).powf(exponent / 2.0 - 1.0);
        let mut push = |index: usize, term: f64| sums[index].push_rough(term, 110.0);
        push(index(row, column), -factor * a);
        push(index(row, column), -factor * b);
        push(index(row, right), factor * a);
        push(index(below, column), factor * b);
    });
    Written { view, cells: sums.into_iter().map(Sum::cell).collect() }
}
