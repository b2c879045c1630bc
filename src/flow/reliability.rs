//! How far a flow can be relied on. The computation is an ordinary plan: see
//! [`plan::motion`](crate::plan::motion).

use super::Flow;
use crate::machine::{Machine, MachineError};
use crate::net::Weights;
use crate::plan::motion::plan_reliability;

/// Whether a flow can be relied on at motion boundaries, provided that the backward flow confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borders {
    /// Boundaries count like any other place.
    Count,
    /// Boundaries do not count at all, as in the rule of 2016 (see [`Judge`](crate::plan::Judge)).
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

/// The reliability of each vector of a flow, 0 to 255, where `back` is the flow from the second picture to the
/// first. A vector cannot be relied on if it leaves the picture, or if `back` does not lead back. Hidden areas
/// spread into their surroundings.
///
/// # Errors
/// The machine's own.
///
/// # Panics
/// If the two flows differ in size.
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
