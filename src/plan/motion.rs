//! The plan for motion: where each pixel of a film's frame was in another frame, and how far that can be relied
//! on.
//!
//! The [flow](super::flow) is found in both directions, judged ([`Judge`](step::Judge)), and suppressed where it
//! only follows the grain ([`Explain`](step::Explain), [`Settle`](step::Settle)). Only means over
//! [`blocks`] leave the machine.

use super::flow::{FlowSettings, flow, pyramid};
use super::step::{self, Step, Still};
use super::{Builder, PhaseId, Plan, View, blocks};
use crate::extent::Extent;
use crate::net::Shape;

/// Standard deviation of the Gaussian that softens the edges of the reliability, in pixels, and its reach.
const SOFT: (f32, usize) = (0.8, 2);
/// The value for complete reliability.
const WHOLLY: f32 = 255.0;

/// The settings of motion.
#[derive(Clone, Debug, PartialEq)]
pub struct MotionSettings {
    /// The settings for finding flows.
    pub flow: FlowSettings,
    /// Which small motions count.
    pub still: Still,
    /// Standard deviation of the Gaussian that averages what a motion explains, in blocks.
    pub around: f32,
}

impl Default for MotionSettings {
    fn default() -> Self {
        Self { flow: FlowSettings::default(), still: Still::default(), around: 6.0 }
    }
}

/// A plan with its inputs and outputs.
#[derive(Clone, Debug)]
pub struct MotionPlan {
    /// The plan to run.
    pub plan: Plan,
    /// Its only phase.
    pub phase: PhaseId,
    /// Input: the frame whose pixels are traced back: one channel, 0 to 255.
    pub frame: View,
    /// Input: the frame that they come from.
    pub last: View,
    /// Output: the vector from each pixel to its place in the last frame: rows, then columns, in pixels; then its
    /// reliability, 0 to 255.
    pub motion: View,
    /// Output: the means of these three channels in each block.
    pub means: View,
}

/// Plans the motion between two frames. Motion boundaries count as reliable, like any other place, if the backward
/// flow leads back, as in the version of the rule in "Artistic Style Transfer for Videos and Spherical Images"
/// (2018).
///
/// # Panics
/// If a picture of this size has no cell.
pub fn plan_motion(size: Extent, settings: &MotionSettings) -> MotionPlan {
    let mut builder = Builder::new();
    let grid = blocks::grid(size);
    let [frame, last] = ["frame", "last"].map(|label| builder.buffer(label, Shape::of(1, size)));
    let motion = builder.buffer("motion", Shape::of(3, size));
    let means = builder.buffer("means", Shape::of(3, grid));
    let mut steps = Vec::new();
    let [frames, lasts] = [frame, last].map(|picture| pyramid(&mut builder, picture, &mut steps));
    let back = flow(&mut builder, [&frames, &lasts], &settings.flow, &mut steps);
    let forth = flow(&mut builder, [&lasts, &frames], &settings.flow, &mut steps);
    judge(&mut builder, [back, forth], motion.channels(2, 1), WHOLLY, &mut steps);
    let explained = builder.buffer("explained", Shape::of(2, grid));
    steps.push(step::Explain { flow: back, first: frame, second: last, y: explained }.into());
    let around = blurred(&mut builder, explained, settings.around, &mut steps);
    steps.push(
        step::Settle { flow: back, explained: around, y: motion.channels(0, 2), still: settings.still }
            .into(),
    );
    steps.push(step::Means { x: motion, y: means, squared: false }.into());
    [frame, last, motion, means].into_iter().for_each(|view| builder.keep(view));
    let phase = builder.phase("motion", steps);
    MotionPlan { plan: builder.finish(), phase, frame, last, motion, means }
}

/// A plan for the reliability of a flow, with its inputs and outputs.
#[derive(Clone, Debug)]
pub struct ReliabilityPlan {
    /// The plan to run.
    pub plan: Plan,
    /// Its only phase.
    pub phase: PhaseId,
    /// Input: the flow: rows, then columns, in pixels.
    pub flow: View,
    /// Input: the flow in the opposite direction.
    pub back: View,
    /// Output: the reliability of each vector, 0 to 255.
    pub reliable: View,
}

/// Plans how far a flow can be relied on; `border` is the reliability of motion boundaries, 0 to 255.
///
/// # Panics
/// If a picture of this size has no cell.
pub fn plan_reliability(size: Extent, border: f32) -> ReliabilityPlan {
    let mut builder = Builder::new();
    let [flow, back] = ["flow", "back"].map(|label| builder.buffer(label, Shape::of(2, size)));
    let reliable = builder.buffer("reliable", Shape::of(1, size));
    let mut steps = Vec::new();
    judge(&mut builder, [flow, back], reliable, border, &mut steps);
    [flow, back, reliable].into_iter().for_each(|view| builder.keep(view));
    let phase = builder.phase("reliability", steps);
    ReliabilityPlan { plan: builder.finish(), phase, flow, back, reliable }
}

/// Adds steps for the reliability of a flow. Unreliable areas spread into their surroundings, because negative
/// values are only clamped after blurring.
fn judge(builder: &mut Builder, [flow, back]: [View; 2], y: View, border: f32, steps: &mut Vec<Step>) {
    let [judged, softened] = [(); 2].map(|()| builder.buffer("judged", y.shape));
    steps.push(step::Judge { flow, back, y: judged, border }.into());
    let (deviation, reach) = SOFT;
    let down = step::Blur { x: judged, y: softened, deviation, reach, down: true, bounds: None };
    let across = step::Blur { x: softened, y, down: false, bounds: Some((0.0, WHOLLY)), ..down };
    steps.extend([down.into(), across.into()]);
}

/// Blurs a map in both directions.
pub(super) fn blurred(builder: &mut Builder, x: View, deviation: f32, steps: &mut Vec<Step>) -> View {
    let [half, y] = [(); 2].map(|()| builder.buffer("blurred", x.shape));
    steps.extend(blur([x, half, y], deviation));
    y
}

/// The same from one map into another, by way of a third of the same shape.
pub(super) fn blur([x, half, y]: [View; 3], deviation: f32) -> [Step; 2] {
    let reach = (3.0 * deviation).ceil() as usize;
    let down = step::Blur { x, y: half, deviation, reach, down: true, bounds: None };
    [down.into(), step::Blur { x: half, y, down: false, ..down }.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_that_was_not_written() {
        for size in [Extent::new(1, 1), Extent::new(17, 90)] {
            let motion = plan_motion(size, &MotionSettings::default());
            let reliability = plan_reliability(size, 0.0);
            for (plan, given) in [
                (motion.plan, [motion.frame, motion.last]),
                (reliability.plan, [reliability.flow, reliability.back]),
            ] {
                let mut written = given.map(|view| view.buffer).to_vec();
                for step in plan.steps() {
                    assert!(step.reads().iter().all(|view| written.contains(&view.buffer)), "{size}: {step}");
                    written.extend(step.writes().iter().map(|view| view.buffer));
                }
            }
        }
    }
}
