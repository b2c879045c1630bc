//! The step uphill.

use puppyslug::machine::Jitter;
use puppyslug::plan::View;

use super::roll::wrap;
use super::{Cell, Map, Sum, Written, fill};

/// `x = clamp(x + mask * step / magnitude * dx, low, high)`, with `dx` rolled back.
#[allow(clippy::too_many_arguments, reason = "as many as the step has")]
pub fn ascend(
    x: Map,
    view: View,
    dx: Map,
    magnitude: f64,
    mask: Option<Map>,
    step: f32,
    bounds: [(f32, f32); 3],
    jitter: Jitter,
) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let here = x.at(channel, row, column);
        if magnitude == 0.0 {
            return Cell::exact(here);
        }
        let gradient =
            dx.at(channel, wrap(row, jitter.down, x.shape.height), wrap(column, jitter.right, x.shape.width));
        let weight = mask.map_or(1.0, |mask| mask.at(0, row, column));
        let mut sum = Sum::of([here]);
        sum.push_rough(weight * f64::from(step) / magnitude * gradient, 6.0); // a division: 2.5 ULP
        let (low, high) = bounds[channel];
        let cell = sum.cell(); // to clamp brings a value and its error nearer, never farther
        Cell { value: cell.value.clamp(f64::from(low), f64::from(high)), ..cell }
    });
    Written { view, cells }
}
