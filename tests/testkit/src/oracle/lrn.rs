//! Local response normalisation. It needs a function that f32 machines only approximate, and so has a
//! tolerance of its own, from the accuracy that WGSL promises (section "Floating Point Accuracy"; in units of one
//! rounding, half a ULP): log2 errs by 2^-21 near 1 and 3 ULP elsewhere, exp2(x) by 3 + 2|x| ULP, a division by
//! 2.5 ULP, pow(x, y) as exp2(y log2(x)).

use puppyslug::net::Lrn;
use puppyslug::plan::{Gradient, View};

use super::{Map, Memory, Sum, Written, fill, flow};

/// `y = x s^-beta`.
pub fn lrn(x: Map, view: View, lrn: Lrn) -> Written {
    let beta = f64::from(lrn.beta);
    let cells = fill(view.shape, |channel, row, column| {
        let s = sum_of_squares(x, lrn, channel, row, column);
        let mut sum = Sum::default();
        sum.push_rough(x.at(channel, row, column) * s.powf(-beta), power_error(s, beta, lrn));
        sum.cell()
    });
    Written { view, cells }
}

/// `dx_c = dy_c s_c^-b - (2ab/n) x_c sum_i dy_i x_i s_i^(-b-1)`.
pub fn lrn_gradient(x: Map, dy: Map, lrn: Lrn, dx: &Gradient, memory: &Memory) -> Written {
    // Products on the way to a term, which may also divide by s instead of raising the exponent.
    const PRODUCTS: f64 = 10.0;
    let beta = f64::from(lrn.beta);
    let factor = -2.0 * meant(lrn.alpha) * beta / lrn.size as f64;
    let sums = fill(dx.view.shape, |channel, row, column| {
        let s = |channel| sum_of_squares(x, lrn, channel, row, column);
        let s_here = s(channel);
        let mut sum = Sum::default();
        let direct = dy.at(channel, row, column) * s_here.powf(-beta);
        sum.push_rough(direct, PRODUCTS + power_error(s_here, beta, lrn));
        for i in neighbours(lrn, channel, x.shape.channels) {
            let s_i = s(i);
            let share = dy.at(i, row, column) * x.at(i, row, column) * s_i.powf(-beta - 1.0);
            let term = factor * x.at(channel, row, column) * share;
            sum.push_rough(term, PRODUCTS + power_error(s_i, beta + 1.0, lrn));
        }
        sum
    });
    flow(dx, sums, memory)
}

/// `s = k + alpha / size * sum of x^2`.
fn sum_of_squares(x: Map, lrn: Lrn, channel: usize, row: usize, column: usize) -> f64 {
    let squares = neighbours(lrn, channel, x.shape.channels).map(|i| x.at(i, row, column).powi(2));
    f64::from(lrn.k) + meant(lrn.alpha) / lrn.size as f64 * squares.sum::<f64>()
}

/// The decimal number that a constant was written as: 1e-4, and not the f32 next to it, which is a rounding
/// away like any other.
fn meant(constant: f32) -> f64 {
    constant.to_string().parse().expect("numbers are written as numbers")
}

fn neighbours(lrn: Lrn, channel: usize, channels: usize) -> std::ops::Range<usize> {
    channel.saturating_sub(lrn.size / 2)..(channel + lrn.size / 2 + 1).min(channels)
}

/// Roundings in `s^-exponent`, all sources added up: `s` itself is a sum of positive terms; its logarithm is
/// wrong by 2^-21 = 8 roundings, or 3 ULP = 6 roundings of its size; `exponent ln 2` carries an absolute
/// error of a logarithm over to the relative one of the power; then exp2.
fn power_error(s: f64, exponent: f64, lrn: Lrn) -> f64 {
    let log = s.log2().abs();
    let of_sum = (lrn.size + 5) as f64;
    let of_log = std::f64::consts::LN_2 * (8.0 + 6.0 * log);
    exponent * (of_sum + of_log) + 6.0 + 4.0 * exponent * log
}
