//! What one map has more than another.

use puppyslug::plan::View;

use super::{Sum, Written};

/// `y = a - b`.
pub fn difference(a: &[f64], b: &[f64], view: View) -> Written {
    let cells = a.iter().zip(b).map(|(&a, &b)| Sum::of([a, -b]).cell()).collect();
    Written { view, cells }
}
