//! Functionals: their values and their gradients.

use puppyslug::plan::{Functional, Gradient, View};

use super::{EPSILON, Map, Memory, Sum, Written, fill, flow};

/// The gradient of a functional.
pub fn seed(x: View, functional: Functional, dx: &Gradient, memory: &Memory) -> Written {
    let sums = match functional {
        Functional::HalfSquares { scale } => {
            let seed = |&x: &f64| Sum::of([x * f64::from(scale)]);
            memory.read(x).iter().map(seed).collect()
        }
        Functional::RegionSum { region, scale } => fill(dx.view.shape, |channel, row, column| {
            let inside = region.contains(channel, row, column);
            Sum::of(inside.then_some(f64::from(scale)))
        }),
        Functional::Magnitude { .. } | Functional::Root { .. } => panic!("it is only measured"),
    };
    flow(dx, sums, memory)
}

/// Which cells count.
pub fn gate(x: Map, gate: Map, y: &Gradient, memory: &Memory) -> Written {
    let term = |channel, row, column| x.at(channel, row, column) * gate.at(0, row, column);
    flow(y, fill(x.shape, |channel, row, column| Sum::of([term(channel, row, column)])), memory)
}

/// The value of a functional, added to what was there before.
pub fn measure(x: Map, functional: Functional, total: View, before: Option<f64>) -> Written {
    let cells = x.cells.iter();
    let mut sum = match functional {
        Functional::HalfSquares { scale } => Sum::of(cells.map(|x| x * x)).times(f64::from(scale) / 2.0),
        Functional::Magnitude { scale } => Sum::of(cells.map(|x| x.abs())).times(f64::from(scale)),
        // The root halves relative errors and has 2.5 ULP of its own on a GPU.
        Functional::Root { scale } => {
            let squares = Sum::of(cells.map(|x| x * x)).times(f64::from(scale)).cell();
            let root = squares.value.sqrt();
            let mut sum = Sum::of([root]);
            sum.blur(if root > 0.0 { squares.tolerance / root + 5.0 * EPSILON * root } else { 0.0 });
            sum
        }
        Functional::RegionSum { region, scale } => {
            let mut sum = Sum::default();
            let _ = fill(x.shape, |channel, row, column| {
                if region.contains(channel, row, column) {
                    sum.push(x.at(channel, row, column));
                }
            });
            sum.times(f64::from(scale))
        }
    };
    if let Some(before) = before {
        sum.push(before);
    }
    Written { view: total, cells: vec![sum.cell()] }
}
