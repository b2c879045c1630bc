//! Cells that are scaled and moved, or set.

use puppyslug::plan::View;

use super::{Cell, Sum, Written, elementwise};

/// `scale * x + offset`, or `offset` alone.
pub fn affine(x: &[f64], view: View, scale: f32, offset: f32) -> Written {
    elementwise(view, x, |x| match scale {
        0.0 => Cell::exact(f64::from(offset)),
        _ => Sum::of([f64::from(scale) * x, f64::from(offset)]).cell(),
    })
}
