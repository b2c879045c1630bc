//! The plan of motion: where each pixel of a film's frame was in another one, and how far that can be relied on.
//!
//! The flow is found both [ways](super::flow), judged ([`Judge`](step::Judge)), and left out where it only follows the grain
//! ([`Explain`](step::Explain), [`Settle`](step::Settle)). What leaves the machine are means over [`blocks`].

use super::flow::{FlowSettings, flow, pyramid};
use super::step::{self, Step, Still};
use super::{Builder, PhaseId, Plan, View, blocks};
use crate::extent::Extent;
use crate::net::Shape;

/// Deviation of the Gaussian that softens the edges of what can be relied on, in pixels, and how far it reaches: twice that.
const SOFT: (f32, usize) = (0.8, 2);
/// What can be relied on wholly.
const WHOLLY: f32 = 255.0;

/// What a motion depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct MotionSettings {
    /// How flows are found.
    pub flow: FlowSettings,
    /// Which small motions count.
    pub still: Still,
    /// Deviation of the Gaussian over which it is asked what a motion explains, in blocks.
    pub around: f32,
}

impl Default for MotionSettings {
    fn default() -> Self {
        Self { flow: FlowSettings::default(), still: Still::default(), around: 6.0 }
    }
}

/// A plan and its ends.
#[derive(Clone, Debug)]
pub struct MotionPlan {
    /// What to run.
    pub plan: Plan,
    /// The single phase.
    pub phase: PhaseId,
    /// The frame whose pixels come from somewhere: one channel, 0 to 255.
    pub frame: View,
    /// The one they come from.
    pub last: View,
    /// How far from its own place each has been: rows, then columns, in pixels; then how far that can be relied on, 0 to 255.
    pub motion: View,
    /// The means of these three in each block.
    pub means: View,
}

/// Plans the motion between two frames. Where something moves, its borders can be relied on as anything else, if there is a
/// way back: so does the copy of the rule in "Artistic Style Transfer for Videos and Spherical Images" (2018).
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

/// A plan of what can be relied on of a flow, and its ends.
#[derive(Clone, Debug)]
pub struct ReliabilityPlan {
    /// What to run.
    pub plan: Plan,
    /// The single phase.
    pub phase: PhaseId,
    /// The flow: rows, then columns, in pixels.
    pub flow: View,
    /// The one back.
    pub back: View,
    /// How far each vector can be relied on, 0 to 255.
    pub reliable: View,
}

/// Plans how far a flow can be relied on; `border` is what the borders of what moves count, 0 to 255.
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

/// How far a flow can be relied on. What cannot grows into what is around it: softened is what may be below nothing.
fn judge(builder: &mut Builder, [flow, back]: [View; 2], y: View, border: f32, steps: &mut Vec<Step>) {
    let [judged, softened] = [(); 2].map(|()| builder.buffer("judged", y.shape));
    steps.push(step::Judge { flow, back, y: judged, border }.into());
    let (deviation, reach) = SOFT;
    let down = step::Blur { x: judged, y: softened, deviation, reach, down: true, bounds: None };
    let across = step::Blur { x: softened, y, down: false, bounds: Some((0.0, WHOLLY)), ..down };
    steps.extend([down.into(), across.into()]);
}

/// A map out of focus, in both directions.
pub(super) fn blurred(builder: &mut Builder, x: View, deviation: f32, steps: &mut Vec<Step>) -> View {
    let [half, y] = [(); 2].map(|()| builder.buffer("blurred", x.shape));
    steps.extend(blur([x, half, y], deviation));
    y
}

/// The same, by way of a map of the same shape into another.
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
