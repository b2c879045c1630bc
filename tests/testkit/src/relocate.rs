//! The same step elsewhere: every view replaced by another.

use puppyslug::plan::{Step, View};

/// The step with `to` applied to every view.
pub fn relocate(step: &Step, to: impl Fn(View) -> View) -> Step {
    let mut step = step.clone();
    for operand in step.operands_mut() {
        *operand.view = to(*operand.view);
    }
    step
}
