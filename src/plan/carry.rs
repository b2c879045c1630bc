//! The plan for carrying dreams: what a frame's dream takes over from the last one, and the frames between two
//! dreamed ones.
//!
//! What a dream added to its frame is moved along the flow ([`Follow`](step::Follow)) and split into the waves of
//! each octave. Their strength is read as means over [`blocks`]. For each block, the fraction of them
//! that is added to the next frame ([`Compose`](step::Compose)) is then written back. Pictures are in the units of
//! the dream: BGR minus mean.

use super::motion::{blur, blurred};
use super::step::{self, Step};
use super::{Builder, PhaseId, Plan, View, blocks};
use crate::extent::Extent;
use crate::net::Shape;

/// Standard deviation of the Gaussian by which strength is averaged, in blocks; it equals six pixels.
const SOFT: f32 = 1.5;
/// The cutoff between the waves of an octave and those of the next finer one: the standard deviation of a
/// Gaussian, in pixels of the coarser octave.
const EDGE: f32 = 0.62;
/// The finest waves are what is left of a map after a Gaussian was taken away from it, this many times in turn. With
/// this standard deviation, in pixels, half of a wave's amplitude is left at five pixels a cycle (4.75), 0.73 at four
/// and 0.11 at seven. A single Gaussian would not do: a strong wave of ten pixels would still count for more than the
/// finest ones. A narrower one would do too little where the edges of strong waves are, at four and five pixels, and
/// too much beyond.
const FINEST: (usize, f32) = (4, 1.45);
/// The colours whose change is taken back are those coarser than a Gaussian of this standard deviation, in blocks; it
/// equals twelve pixels.
const COARSE: f32 = 3.0;

/// The settings of carrying.
#[derive(Clone, Debug, PartialEq)]
pub struct CarrySettings {
    /// The sizes of the dream's octaves, smallest first; the last is the size of the frames.
    pub octaves: Vec<Extent>,
    /// Lowest and highest value of each channel.
    pub bounds: [(f32, f32); 3],
}

/// A plan with its inputs and outputs. The phases run in their order; `between` may run any number of times.
#[derive(Clone, Debug)]
pub struct CarryPlan {
    /// The plan to run.
    pub plan: Plan,
    /// Input: the current frame.
    pub source: View,
    /// Input: the result of its dream; to be filled before `examine`.
    pub dream: View,
    /// Phase: splits what the dream added, and finds its finest waves and how far its coarse colours have drifted from
    /// those of what was carried; to be run after `begin`.
    pub examine: PhaseId,
    /// Output: the mean square of the finest waves, in each block and around it; after `examine`.
    pub fineness: View,
    /// Input: the fractions of the finest waves and of the drift that are to be taken away, times -1; to be filled
    /// before `trim`.
    pub trims: View,
    /// Phase: takes both away from the dream.
    pub trim: PhaseId,
    /// Output: the result of `trim`. Also an input: if nothing is taken away, to be filled like `dream`, before
    /// `between` and `keep`.
    pub shown: View,
    /// What the last dream added, as it was shown: written by `keep`, read by `begin`.
    pub residual: View,
    /// Input: the motion of the frame since the last, in the form of
    /// [`MotionPlan::motion`](super::motion::MotionPlan::motion); to be filled before `begin`.
    pub motion: View,
    /// Phase: moves what the last dream added, and splits it.
    pub begin: PhaseId,
    /// Output: the mean square of each octave's waves, smallest first, in each block and around it; after `begin`
    /// and `examine`.
    pub strength: View,
    /// Input: the fraction of the waves that is kept; to be filled before `compose`.
    pub parts: View,
    /// Phase: adds these waves to the frame.
    pub compose: PhaseId,
    /// Output: what the frame's dream begins with; after `compose`.
    pub begun: View,
    /// Input: a frame between the last one and this one; to be filled before `between`, like the next two.
    pub other: View,
    /// Inputs: the motion of that frame relative to the last one, and to this one.
    pub sides: [View; 2],
    /// Input: one cell with the position between the last frame and this one, 0 to 1.
    pub way: View,
    /// Phase: adds what the dreams of both frames added to the frame between them.
    pub between: PhaseId,
    /// Output: the result; after `between`.
    pub met: View,
    /// Phase: stores what the frame's dream added.
    pub keep: PhaseId,
}

/// Plans the carrying of dreams.
///
/// # Panics
/// If there is no octave.
pub fn plan_carry(settings: &CarrySettings) -> CarryPlan {
    let mut builder = Builder::new();
    let (size, octaves) = (settings.octaves[settings.octaves.len() - 1], settings.octaves.len());
    let grid = blocks::grid(size);
    let [source, dream, shown, residual, moved, begun, other, met] =
        ["source", "dream", "shown", "residual", "moved", "begun", "other", "met"]
            .map(|label| builder.buffer(label, Shape::of(3, size)));
    let [motion, before, behind] =
        ["motion", "before", "behind"].map(|label| builder.buffer(label, Shape::of(3, size)));
    let waves = builder.buffer("waves", Shape::of(3 * octaves, size));
    let [strength, parts] =
        ["strength", "parts"].map(|label| builder.buffer(label, Shape::of(octaves, grid)));
    let [fineness, trims] = [("fineness", 1), ("trims", 2)]
        .map(|(label, channels)| builder.buffer(label, Shape::of(channels, grid)));
    let (carried, excess) =
        (builder.buffer("carried", Shape::of(3, grid)), builder.buffer("excess", Shape::of(6, size)));
    let way = builder.buffer("way", Shape::new(1, 1, 1));
    let bounds = settings.bounds;
    let follow = |x: View, motion: View, y: View| -> Step {
        step::Follow { x, flow: motion.channels(0, 2), y }.into()
    };
    let mut splitter = Splitter { builder: &mut builder, octaves: &settings.octaves, waves, strength };

    let mut steps = vec![follow(residual, motion, moved)];
    splitter.split(moved, &mut steps);
    steps.push(step::Means { x: moved, y: carried, squared: false }.into());
    let begin = splitter.builder.phase("begin", steps);
    let steps = vec![step::Compose { x: source, waves, parts, y: begun, bounds }.into()];
    let compose = splitter.builder.phase("compose", steps);

    let added = splitter.builder.buffer("added", Shape::of(3, size));
    let mut steps = vec![step::Difference { a: dream, b: source, y: added }.into()];
    splitter.split(added, &mut steps);
    let (finest, drift) = (excess.channels(0, 3), excess.channels(3, 3));
    find_finest(added, finest, splitter.builder, &mut steps);
    strength_of(finest, fineness, splitter.builder, &mut steps);
    find_drift(added, carried, drift, splitter.builder, &mut steps);
    let examine = splitter.builder.phase("examine", steps);
    let steps = vec![step::Compose { x: dream, waves: excess, parts: trims, y: shown, bounds }.into()];
    let trim = splitter.builder.phase("trim", steps);

    let [added, first, second] =
        ["added", "first", "second"].map(|label| splitter.builder.buffer(label, Shape::of(3, size)));
    let [a, b] = [before, behind].map(|motion| motion.channels(2, 1));
    let steps = vec![
        step::Difference { a: shown, b: source, y: added }.into(),
        follow(residual, before, first),
        follow(added, behind, second),
        step::Meet { x: other, first, second, before: a, behind: b, way, y: met, bounds }.into(),
    ];
    let between = splitter.builder.phase("between", steps);

    let steps = vec![step::Difference { a: shown, b: source, y: residual }.into()];
    let keep = splitter.builder.phase("keep", steps);

    [source, dream, shown, residual, carried].into_iter().for_each(|view| builder.keep(view));
    for (view, phase) in [
        (motion, begin),
        (strength, begin),
        (parts, compose),
        (begun, compose),
        (fineness, examine),
        (excess, trim),
        (trims, trim),
        (other, between),
        (before, between),
        (behind, between),
        (way, between),
        (met, between),
        (strength, examine),
    ] {
        builder.hold(view, phase);
    }
    let (plan, sides) = (builder.finish(), [before, behind]);
    CarryPlan {
        plan,
        source,
        dream,
        examine,
        fineness,
        trims,
        trim,
        shown,
        residual,
        motion,
        begin,
        strength,
        parts,
        compose,
        begun,
        other,
        sides,
        way,
        between,
        met,
        keep,
    }
}

/// Splits maps into octaves.
struct Splitter<'a> {
    builder: &'a mut Builder,
    octaves: &'a [Extent],
    waves: View,
    strength: View,
}

impl Splitter<'_> {
    /// Splits a map into waves that add up to it again. An octave gets those waves that are too fine for the
    /// smaller octaves. Also measures their strength.
    fn split(&mut self, map: View, steps: &mut Vec<Step>) {
        let size = self.octaves[self.octaves.len() - 1];
        let (mut rest, mut reached) = (map, 0.0_f32);
        for (number, coarser) in self.octaves.iter().enumerate().rev().skip(1) {
            let edge = EDGE * size.longest() as f32 / coarser.longest() as f32;
            // Successive Gaussians act as one whose variance is the sum of theirs.
            let deviation = (edge * edge - reached * reached).max(1e-12).sqrt();
            let coarse = blurred(self.builder, rest, deviation, steps);
            let y = self.waves.channels(3 * (number + 1), 3);
            steps.push(step::Difference { a: rest, b: coarse, y }.into());
            (rest, reached) = (coarse, edge);
        }
        let y = self.waves.channels(0, 3);
        steps.push(step::Sample { x: rest, flow: None, y, first: 0.0, pitch: 1.0, factor: 1.0 }.into());
        strength_of(self.waves, self.strength, self.builder, steps);
    }
}

/// Adds steps for the finest waves of a map.
fn find_finest(map: View, y: View, builder: &mut Builder, steps: &mut Vec<Step>) {
    let (times, deviation) = FINEST;
    let mut rest = map;
    for time in 1..=times {
        let coarse = blurred(builder, rest, deviation, steps);
        let finer = if time == times { y } else { builder.buffer("finer", map.shape) };
        steps.push(step::Difference { a: rest, b: coarse, y: finer }.into());
        rest = finer;
    }
}

/// Adds steps for the drift of a map's coarse colours from their means in blocks before.
fn find_drift(map: View, before: View, y: View, builder: &mut Builder, steps: &mut Vec<Step>) {
    let [now, change] = [(); 2].map(|()| builder.buffer("means", before.shape));
    steps.push(step::Means { x: map, y: now, squared: false }.into());
    steps.push(step::Difference { a: now, b: before, y: change }.into());
    let x = blurred(builder, change, COARSE, steps);
    let pitch = 1.0 / blocks::BLOCK as f32;
    steps.push(step::Sample { x, flow: None, y, first: 0.5 * pitch - 0.5, pitch, factor: 1.0 }.into());
}

/// Adds steps for the mean square of waves in each block and around it.
fn strength_of(waves: View, y: View, builder: &mut Builder, steps: &mut Vec<Step>) {
    let [means, half] = [(); 2].map(|()| builder.buffer("squares", y.shape));
    steps.push(step::Means { x: waves, y: means, squared: true }.into());
    steps.extend(blur([means, half, y], SOFT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_that_was_not_written() {
        for count in 1..4 {
            let octaves = (0..count).map(|octave| Extent::new(7 << octave, 11 << octave)).collect();
            let settings = CarrySettings { octaves, bounds: [(-1.0, 1.0); 3] };
            let plan = plan_carry(&settings);
            let given = [
                plan.source,
                plan.dream,
                plan.residual,
                plan.motion,
                plan.parts,
                plan.trims,
                plan.other,
                plan.way,
            ];
            let mut written: Vec<_> = given.iter().chain(&plan.sides).map(|view| view.buffer).collect();
            for step in plan.plan.steps() {
                assert!(step.reads().iter().all(|view| written.contains(&view.buffer)), "{count}: {step}");
                written.extend(step.writes().iter().map(|view| view.buffer));
            }
            assert_eq!(plan.strength.shape.channels, count);
        }
    }
}
