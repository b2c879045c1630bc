//! Adam's direction.

use puppyslug::machine::Jitter;
use puppyslug::plan::View;

use super::roll::wrap;
use super::{Cell, EPSILON, Map, Sum, Written, fill};

/// Adam's direction. Two divisions and a root: 2.5 ULP each on a GPU, the root of a quotient counts half.
pub fn adam(
    [dx, first, second]: [Map; 3],
    [dx_view, first_view, second_view]: [View; 3],
    mass: &[f64],
    jitter: Jitter,
) -> Vec<Written> {
    let shape = dx_view.shape;
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    let mut directions = vec![Cell::exact(f64::NAN); shape.len()];
    let _ = fill(shape, |channel, row, column| {
        let there = (wrap(row, jitter.down, shape.height), wrap(column, jitter.right, shape.width));
        let gradient = dx.at(channel, there.0, there.1);
        let mean = Sum::of([0.9 * first.at(channel, row, column), 0.1 * gradient]);
        let square = Sum::of([0.999 * second.at(channel, row, column), 0.001 * gradient * gradient]);
        let (mean_cell, square_cell) = (mean.cell(), square.cell());
        let mut direction = mean.times(1.0 / mass[0] / ((square_cell.value / mass[1]).sqrt() + 1e-8));
        direction.blur(25.0 * EPSILON * direction.cell().value.abs());
        directions[(channel * shape.height + there.0) * shape.width + there.1] = direction.cell();
        // The factors are rounded too: 0.9 and 0.1 are no f32.
        let blurred = |cell: Cell, size: f64| Cell { tolerance: cell.tolerance + EPSILON * size, ..cell };
        firsts.push(blurred(mean_cell, mean_cell.value.abs() + gradient.abs()));
        seconds.push(blurred(square_cell, square_cell.value + gradient * gradient));
    });
    vec![
        Written { view: dx_view, cells: directions },
        Written { view: first_view, cells: firsts },
        Written { view: second_view, cells: seconds },
    ]
}
