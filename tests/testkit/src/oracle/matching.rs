//! Likeness to a guide: the 2015 notebook's `objective_guide`.

use puppyslug::plan::{Gradient, View};

use super::{Cell, Map, Memory, Sum, Written, flow};

/// `A = x^T y`, and for each row of it the first maximum: which column, and its value.
pub fn best(x: Map, guide: Map, choice: View, score: View) -> Vec<Written> {
    let (plane, columns) = (x.shape.plane(), guide.shape.plane());
    let product = |cell: usize, column: usize| {
        let channels = 0..x.shape.channels;
        Sum::of(channels.map(|c| x.cells[c * plane + cell] * guide.cells[c * columns + column])).cell()
    };
    let winner = |cell: usize| {
        let products = (0..columns).map(|column| (column, product(cell, column)));
        products.reduce(|best, next| if is_larger(next.1.value, best.1.value) { next } else { best })
    };
    let winners: Vec<(usize, Cell)> =
        (0..plane).map(|cell| winner(cell).expect("a guide has columns")).collect();
    let choices = winners.iter().map(|&(column, _)| Cell::exact(column as f64)).collect();
    let scores = winners.iter().map(|&(_, score)| score).collect();
    vec![Written { view: choice, cells: choices }, Written { view: score, cells: scores }]
}

/// What is not a number is larger than all.
fn is_larger(a: f64, b: f64) -> bool {
    a > b || (a.is_nan() && !b.is_nan())
}

/// `dx[:, i] = scale y[:, choice[i]]`.
pub fn gradient(guide: Map, choice: Map, scale: f32, dx: &Gradient, memory: &Memory) -> Written {
    let columns = guide.shape.plane();
    let channels = guide.cells.chunks_exact(columns);
    let seed = |y: &f64| Sum::of([y * f64::from(scale)]);
    let sums = channels.flat_map(|y| choice.cells.iter().map(move |&column| seed(&y[column as usize])));
    flow(dx, sums.collect(), memory)
}
