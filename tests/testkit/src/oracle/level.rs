//! From one mean and deviation to another.

use puppyslug::plan::View;

use super::{EPSILON, Sum, Written, elementwise};

/// `(x - m) * (t / max(d, 1e-10)) + b`. The difference rounds, and so does the rate: a division, 2.5 ULP.
pub fn level(x: &[f64], levels: &[f64], view: View) -> Written {
    let &[mean, deviation, to_mean, to_deviation] = levels else { panic!("levels are four cells") };
    let rate = to_deviation / deviation.max(f64::from(1e-10f32));
    elementwise(view, x, |x| {
        let mut sum = Sum::of([x, -mean]).times(rate);
        sum.blur(5.0 * EPSILON * ((x - mean) * rate).abs());
        sum.push(to_mean);
        sum.cell()
    })
}
