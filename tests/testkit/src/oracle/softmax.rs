//! Softmax and its gradient. As in `lrn`, WGSL promises exp(x) to 3 + 2|x| ULP and a division to 2.5.

use puppyslug::plan::{Gradient, View};

use super::{Memory, Sum, Written, elementwise, flow};

/// `y = exp(x - max) / sum of exp(x - max)`.
pub fn softmax(x: &[f64], view: View) -> Written {
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // The difference rounds once, relative to its own size, and exp carries that over.
    let error = |x: f64| 6.0 + 5.0 * (most - x);
    let total: f64 = x.iter().map(|x| (x - most).exp()).sum();
    let of_sum: f64 = x.iter().map(|&x| error(x) * (x - most).exp() / total).sum();
    let of_additions = 4.0 * (x.len() as f64).sqrt();
    elementwise(view, x, |x| {
        let mut sum = Sum::default();
        sum.push_rough((x - most).exp() / total, error(x) + of_sum + of_additions + 5.0);
        sum.cell()
    })
}

/// `dx = y (dy - sum of y dy)`.
pub fn softmax_gradient(y: &[f64], dy: &[f64], dx: &Gradient, memory: &Memory) -> Written {
    let cell = |(&y_here, &dy_here): (&f64, &f64)| {
        let mut sum = Sum::of([dy_here]);
        y.iter().zip(dy).for_each(|(y, dy)| sum.push(-y * dy));
        sum.times(y_here)
    };
    flow(dx, y.iter().zip(dy).map(cell).collect(), memory)
}
