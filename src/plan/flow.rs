//! The plan of optical flow: where each pixel of one picture has moved in another.
//!
//! The plan goes from coarse to fine. At each level, patches of the first picture are searched for in the
//! second, starting where the coarser flow leads ([`Search`](step::Search), [`Propagate`](step::Propagate)).
//! Their displacements become a dense flow ([`Densify`](step::Densify)), which is then refined until it is
//! smooth and explains the pictures ([`Linearise`](step::Linearise), [`Relax`](step::Relax)). Every cell
//! gathers, so the result has the same bits every time.

use super::patches;
use super::shaping::fill;
use super::step::{self, FlowWeights, Step};
use super::{Builder, PhaseId, Plan, View};
use crate::extent::Extent;
use crate::net::Shape;

/// The settings that a flow depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSettings {
    /// The finest level at which patches are searched for: 0 is the size of the picture itself, and each
    /// further level is half as large. At finer levels the flow is only refined.
    pub searched: usize,
    /// The distance between neighbouring patches.
    pub stride: usize,
    /// Search steps per round. After each round, patches try the displacements of their neighbours.
    pub searches: Vec<usize>,
    /// What is added to a patch's Hessian.
    pub damping: f32,
    /// How often the equations are set up around the current flow, at levels where patches are searched for.
    pub refinements: usize,
    /// The same at the finer levels, where little is left to find but most cells lie.
    pub polishes: usize,
    /// Relaxation sweeps over each set of equations.
    pub sweeps: usize,
    /// How far each sweep moves the flow: see [`Relax::omega`](step::Relax::omega).
    pub omega: f32,
    /// The weights of the terms of the equations.
    pub weights: FlowWeights,
}

impl Default for FlowSettings {
    fn default() -> Self {
        Self {
            searched: 1,
            stride: 4,
            searches: vec![1, 1, 1],
            damping: 16.0,
            // More of them pull fast things towards their surroundings.
            refinements: 2,
            polishes: 3,
            sweeps: 4,
            omega: 1.9,
            weights: FlowWeights { brightness: 5.0, gradient: 10.0, smoothness: 20.0 },
        }
    }
}

/// A plan and its inputs and outputs.
#[derive(Clone, Debug)]
pub struct FlowPlan {
    /// What to run.
    pub plan: Plan,
    /// Its only phase.
    pub phase: PhaseId,
    /// The picture whose pixels move: one channel, 0 to 255.
    pub first: View,
    /// The picture they move to.
    pub second: View,
    /// How far each pixel moves: rows, then columns, in pixels.
    pub flow: View,
}

/// Plans the optical flow from one picture to another.
///
/// # Panics
/// If a picture of this size has no cells.
pub fn plan_flow(size: Extent, settings: &FlowSettings) -> FlowPlan {
    let mut builder = Builder::new();
    let [first, second] = ["first", "second"].map(|label| builder.buffer(label, Shape::of(1, size)));
    let mut steps = Vec::new();
    let [firsts, seconds] = [first, second].map(|picture| pyramid(&mut builder, picture, &mut steps));
    let flow = flow(&mut builder, [&firsts, &seconds], settings, &mut steps);
    [first, second, flow].into_iter().for_each(|view| builder.keep(view));
    let phase = builder.phase("flow", steps);
    FlowPlan { plan: builder.finish(), phase, first, second, flow }
}

/// Adds the steps that compute the flow from one picture to another, both given as pyramids, and returns the view that
/// holds it afterwards.
pub(super) fn flow(
    builder: &mut Builder,
    [firsts, seconds]: [&[View]; 2],
    settings: &FlowSettings,
    steps: &mut Vec<Step>,
) -> View {
    let mut found: Option<View> = None;
    for (number, (&first, &second)) in firsts.iter().zip(seconds).enumerate().rev() {
        let mut level = Level { builder, first, second, settings, steps: &mut *steps };
        found = Some(match found {
            Some(coarser) if number < settings.searched => {
                let begun = level.enlarge(coarser);
                level.refine(begun, settings.polishes)
            }
            coarser => {
                let start = level.start(coarser);
                let patches = level.search(start);
                let begun = level.densify(patches);
                level.refine(begun, settings.refinements)
            }
        });
    }
    found.expect("a level at least")
}

/// The coarsest level: its longer side is about four patches long, and its shorter side at least one
/// (OpenCV's rule).
fn coarsest(size: Extent) -> usize {
    let halvings = |side: usize, patches: f64| (side as f64 / (patches * patches::PATCH as f64)).log2();
    let long = (halvings(size.longest(), 4.0) + 0.5).floor();
    let short = halvings(size.shortest(), 1.0).floor();
    long.min(short).max(0.0) as usize
}

/// A picture and its successive halvings.
pub(super) fn pyramid(builder: &mut Builder, picture: View, steps: &mut Vec<Step>) -> Vec<View> {
    let mut levels = vec![picture];
    for _ in 0..coarsest(picture.shape.extent()) {
        let x = levels[levels.len() - 1];
        let half = Shape::new(1, x.shape.height.div_ceil(2), x.shape.width.div_ceil(2));
        let y = builder.buffer("level", half);
        steps.push(step::Sample { x, flow: None, y, first: 0.5, pitch: 2.0, factor: 1.0 }.into());
        levels.push(y);
    }
    levels
}

/// One level of the pyramids of both pictures.
struct Level<'a> {
    builder: &'a mut Builder,
    first: View,
    second: View,
    settings: &'a FlowSettings,
    steps: &'a mut Vec<Step>,
}

impl Level<'_> {
    /// Where the search for each patch starts: where the coarser flow moved the middle of the patch, or with
    /// no displacement.
    fn start(&mut self, coarser: Option<View>) -> View {
        let stride = self.settings.stride;
        let Shape { height, width, .. } = self.first.shape;
        let shape = Shape::new(2, patches::count(height, stride), patches::count(width, stride));
        let y = self.builder.buffer("start", shape);
        self.steps.push(match coarser {
            None => fill(y, 0.0),
            Some(x) => {
                // The middle of a patch, minus half a cell, in the coarser level's cells.
                let first = ((patches::PATCH - 1) as f32 / 2.0 - 0.5) / 2.0;
                step::Sample { x, flow: None, y, first, pitch: stride as f32 / 2.0, factor: 2.0 }.into()
            }
        });
        y
    }

    /// The coarser flow at twice the size, its displacements doubled.
    fn enlarge(&mut self, x: View) -> View {
        let y = self.builder.buffer("flow", self.first.shape.with_channels(2));
        self.steps.push(step::Sample { x, flow: None, y, first: -0.25, pitch: 0.5, factor: 2.0 }.into());
        y
    }

    fn search(&mut self, start: View) -> View {
        let Self { first, second, settings, .. } = *self;
        let (stride, damping) = (settings.stride, settings.damping);
        let turns = [(); 2].map(|()| self.builder.buffer("patches", start.shape));
        let mut x = start;
        let other = |x: View| if x == turns[0] { turns[1] } else { turns[0] };
        for &searches in &settings.searches {
            for _ in 0..searches {
                let y = other(x);
                self.steps.push(step::Search { first, second, x, y, stride, damping }.into());
                x = y;
            }
            for reach in [1, 2] {
                let y = other(x);
                self.steps.push(step::Propagate { first, second, x, start, y, stride, reach }.into());
                x = y;
            }
        }
        x
    }

    fn densify(&mut self, x: View) -> View {
        let Self { first, second, settings, .. } = *self;
        let y = self.builder.buffer("flow", first.shape.with_channels(2));
        self.steps.push(step::Densify { first, second, x, y, stride: settings.stride }.into());
        y
    }

    fn refine(&mut self, flow: View, times: usize) -> View {
        let Self { first, second, settings, .. } = *self;
        let (omega, weights) = (settings.omega, settings.weights);
        let back = self.builder.buffer("second, brought back", first.shape);
        let system = self.builder.buffer("equations", first.shape.with_channels(7));
        let mut turns = [flow, self.builder.buffer("flow", flow.shape)];
        for _ in 0..times {
            let [x, _] = turns;
            let along =
                step::Sample { x: second, flow: Some(x), y: back, first: 0.0, pitch: 1.0, factor: 1.0 };
            self.steps.push(along.into());
            self.steps.push(step::Linearise { first, second: back, x, y: system, weights }.into());
            for odd in [false, true].into_iter().cycle().take(2 * settings.sweeps) {
                let [x, y] = turns;
                self.steps.push(step::Relax { x, system, y, odd, omega }.into());
                turns = [y, x];
            }
        }
        turns[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarsest_level_is_four_patches_long() {
        for (size, level) in [
            (Extent::new(240, 320), 3),
            (Extent::new(272, 640), 4),
            (Extent::new(1080, 1920), 6),
            (Extent::new(8, 4000), 0),
            (Extent::new(1, 1), 0),
        ] {
            assert_eq!(coarsest(size), level, "{size}");
        }
    }

    #[test]
    fn a_plan_writes_the_flow_last_and_reads_nothing_unwritten() {
        for size in [Extent::new(1, 1), Extent::new(17, 90), Extent::new(64, 48)] {
            for searched in [0, 1, 9] {
                let settings = FlowSettings { searched, ..FlowSettings::default() };
                let plan = plan_flow(size, &settings);
                let mut written = vec![plan.first.buffer, plan.second.buffer];
                for step in plan.plan.steps() {
                    assert!(step.reads().iter().all(|view| written.contains(&view.buffer)), "{size}: {step}");
                    written.extend(step.writes().iter().map(|view| view.buffer));
                }
                assert_eq!(written.last(), Some(&plan.flow.buffer), "{size}");
                assert_eq!(plan.flow.shape, Shape::of(2, size));
            }
        }
    }
}
