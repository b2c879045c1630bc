//! The plan of a probe: one pass over a picture that keeps what the caller wants to see.

use super::network::{Goal, LowerError, Target, lower};
use super::{Builder, PhaseId, Plan, View};
use crate::extent::Extent;
use crate::net::{LayerId, Network, Shape};

/// A plan and where its results are.
#[derive(Clone, Debug)]
pub struct ProbePlan {
    /// What to run.
    pub plan: Plan,
    /// The single phase.
    pub phase: PhaseId,
    /// The picture, BGR minus mean.
    pub input: View,
    /// The value of each wanted layer, in the order asked for.
    pub values: Vec<View>,
    /// The gradient by each wanted layer, if the sum of the targets depends on it: see
    /// [`Lowered::inner`](super::network::Lowered::inner).
    pub inner: Vec<Option<View>>,
    /// Gradient of the picture, if there are targets.
    pub gradient: Option<View>,
    /// One cell: the sum of the targets.
    pub value: View,
}

/// Plans one pass over a picture of this size.
pub fn plan_probe(
    network: &Network,
    size: Extent,
    wanted: &[LayerId],
    targets: &[Target],
) -> Result<ProbePlan, LowerError> {
    let mut builder = Builder::new();
    let input = builder.buffer("picture", Shape::of(3, size));
    let value = builder.buffer("value of the objective", Shape::new(1, 1, 1));
    let goal = (!targets.is_empty()).then(|| Goal::whole(targets, value));
    let lowered = lower(&mut builder, network, input, wanted, goal.as_slice())?;
    let (values, mut steps) = (lowered.values, lowered.forward);
    let backward = lowered.backward.into_iter().next();
    let gradient = backward.map(|(backward, gradient)| {
        steps.extend(backward);
        gradient
    });
    let inner = lowered.inner.into_iter().next().unwrap_or_else(|| vec![None; wanted.len()]);
    for &view in values.iter().chain(inner.iter().flatten()).chain(&gradient).chain([&input, &value]) {
        builder.keep(view);
    }
    let phase = builder.phase("probe", steps);
    Ok(ProbePlan { plan: builder.finish(), phase, input, values, inner, gradient, value })
}

/// The plan of a pass in two parts. Between them, the host may change the map of a layer.
#[derive(Clone, Debug)]
pub struct TapPlan {
    /// What to run.
    pub plan: Plan,
    /// From the picture to the layer.
    pub before: PhaseId,
    /// From the layer to the end. It may be run again after the map has been changed.
    pub after: PhaseId,
    /// The picture, BGR minus mean.
    pub input: View,
    /// The layer's map.
    pub map: View,
    /// The value of the last layer.
    pub end: View,
}

/// Plans a pass over a picture of this size that stops at `layer` and then continues to `end`.
pub fn plan_tap(
    network: &Network,
    size: Extent,
    layer: LayerId,
    end: LayerId,
) -> Result<TapPlan, LowerError> {
    let mut builder = Builder::new();
    let input = builder.buffer("picture", Shape::of(3, size));
    let lowered = lower(&mut builder, network, input, &[layer, end], &[])?;
    let (map, last) = (lowered.values[0], lowered.values[1]);
    for view in [input, map, last] {
        builder.keep(view);
    }
    let mut before = lowered.forward;
    let makes_map = |step: &super::Step| step.writes().iter().any(|view| overlap(*view, map));
    let cut = before.iter().rposition(makes_map).map_or(0, |at| at + 1);
    let after = before.split_off(cut);
    let before = builder.phase("before", before);
    let after = builder.phase("after", after);
    Ok(TapPlan { plan: builder.finish(), before, after, input, map, end: last })
}

/// Whether two maps share cells.
fn overlap(one: View, other: View) -> bool {
    one.buffer == other.buffer
        && one.range().start < other.range().end
        && other.range().start < one.range().end
}
