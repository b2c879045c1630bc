//! Three Gaussians at once.

use puppyslug::plan::View;

use super::{Map, Sum, Written, fill};

/// Mean of three Gaussians. The weights are a machine's own: an exponential errs by 3 ULP and two for each
/// unit of its argument, which is itself rounded; so do the sums of nine and the divisions by them.
pub fn smooth(x: Map, view: View, sigma: f64) -> Written {
    let argument = |tap: usize, sigma: f64| 0.5 * ((tap as f64 - 4.0) / sigma).powi(2);
    let bells = [0.5, 1.0, 2.0].map(|factor| {
        let sigma = factor * sigma;
        let sum: f64 = (0..9).map(|tap| (-argument(tap, sigma)).exp()).sum();
        (sigma, sum)
    });
    let cells = fill(view.shape, |channel, row, column| {
        let mut sum = Sum::default();
        for (sigma, total) in bells {
            for tap in 0..81 {
                let (down, right) = (tap / 9, tap % 9);
                let argument = argument(down, sigma) + argument(right, sigma);
                let at = (mirror(row + down, view.shape.height), mirror(column + right, view.shape.width));
                let weight = (-argument).exp() / total.powi(2) / 3.0;
                sum.push_rough(weight * x.at(channel, at.0, at.1), 40.0 + 16.0 * argument);
            }
        }
        sum.cell()
    });
    Written { view, cells }
}

/// Place `at` of a row that begins four cells before the map, walked to and fro.
fn mirror(at: usize, size: usize) -> usize {
    let mut place = at as isize - 4;
    let last = size as isize - 1;
    if last == 0 {
        return 0;
    }
    while !(0..=last).contains(&place) {
        place = if place < 0 { -place } else { 2 * last - place };
    }
    place as usize
}
