//! Where a flow can be relied on: a plan like any other, see [`plan::motion`](crate::plan::motion).

use super::Flow;
use crate::machine::{Machine, MachineError};
use crate::net::Weights;
use crate::plan::motion::plan_reliability;

/// Whether a flow can be relied on at the borders of what moves, as far as there is a way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borders {
    /// As anywhere else.
    Count,
    /// Not at all, as in the rule of 2016 (see [`Judge`](crate::plan::Judge)).
    DoNot,
}

impl Borders {
    fn level(self) -> f32 {
        match self {
            Self::Count => 255.0,
            Self::DoNot => 0.0,
        }
    }
}

/// How far each vector of a flow can be relied on, 0 to 255, if `back` leads from the second picture to the first: not where
/// it leads out of the picture, nor where there is no way back. What is hidden grows into what is around it.
///
/// # Errors
/// The machine's own.
///
/// # Panics
/// If the two are not of one size.
pub fn reliability(
    machine: &dyn Machine,
    flow: &Flow,
    back: &Flow,
    borders: Borders,
) -> Result<Vec<f32>, MachineError> {
    assert_eq!(flow.extent, back.extent, "both ways between two pictures of one size");
    let plan = plan_reliability(flow.extent, borders.level());
    let mut execution = machine.load(&plan.plan, &Weights::none())?;
    execution.write(plan.flow, &flow.cells)?;
    execution.write(plan.back, &back.cells)?;
    execution.run_once(plan.phase, &[])?;
    execution.read(plan.reliable)
}
