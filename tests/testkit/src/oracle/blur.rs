//! One direction of a Gaussian.

use puppyslug::plan::step::Blur;

use super::{Cell, Map, Sum, Written, fill};

/// The weights are a machine's own: an exponential errs by 3 ULP and two for each unit of its argument, which is itself rounded
/// three times; so do the sum of them and the division by it.
pub fn blur(step: &Blur, x: Map) -> Written {
    let reach = step.reach as isize;
    let argument = |by: isize| 0.5 * (by as f64 / f64::from(step.deviation)).powi(2);
    let total: f64 = (-reach..=reach).map(|by| (-argument(by)).exp()).sum();
    let near = |at: usize, by: isize, size: usize| (at as isize + by).clamp(0, size as isize - 1) as usize;
    let cells = fill(step.y.shape, |channel, row, column| {
        let mut sum = Sum::default();
        for by in -reach..=reach {
            let (row, column) = match step.down {
                true => (near(row, by, x.shape.height), column),
                false => (row, near(column, by, x.shape.width)),
            };
            let weight = (-argument(by)).exp() / total;
            sum.push_rough(weight * x.at(channel, row, column), 20.0 + 16.0 * argument(by));
        }
        let Cell { value, tolerance } = sum.cell();
        let (low, high) = step.bounds.map_or((f64::MIN, f64::MAX), |(low, high)| (low.into(), high.into()));
        Cell { value: value.clamp(low, high), tolerance }
    });
    Written { view: step.y, cells }
}
