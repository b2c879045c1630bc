//! Values of functionals.

use puppyslug::plan::{Functional, View};

use super::{EPSILON, Map, Sum, Written, fill};

/// The value of a functional, added to what was there before.
pub fn measure(x: Map, functional: Functional, scale: f32, total: View, before: Option<f64>) -> Written {
    let cells = x.cells.iter();
    let mut sum = match functional {
        Functional::HalfSquares { .. } => Sum::of(cells.map(|x| x * x)).times(f64::from(scale) / 2.0),
        Functional::Magnitude { .. } => Sum::of(cells.map(|x| x.abs())).times(f64::from(scale)),
        // The root halves relative errors and has 2.5 ULP of its own on a GPU.
        Functional::Root { .. } => {
            let squares = Sum::of(cells.map(|x| x * x)).times(f64::from(scale)).cell();
            let root = squares.value.sqrt();
            let mut sum = Sum::of([root]);
            sum.blur(if root > 0.0 { squares.tolerance / root + 5.0 * EPSILON * root } else { 0.0 });
            sum
        }
        Functional::RegionSum { region, .. } => {
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
