//! The ReLU, where it is a step of its own.

use puppyslug::plan::View;

use super::{Cell, Written, elementwise};

/// `y = max(x, 0)`.
pub fn relu(x: &[f64], view: View) -> Written {
    elementwise(view, x, |x| Cell::exact(x.max(0.0)))
}
