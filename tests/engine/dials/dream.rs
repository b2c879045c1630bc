//! Whole dreams, and the loop alone.

use std::sync::Arc;

use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::machine::{Execution, Jitter, Machine, Next, Turn};
use puppyslug::net::Weights;
use puppyslug::plan::dream::{Climb, DreamPlan, DreamSettings, OctaveSettings, plan_dream, plan_loop};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::shaping::{Normalise, Shaping};
use puppyslug::plan::{IN_PLACE, Numbers, View};
use testkit::{Random, Trial, on_each_machine, small_weights};

use super::judge;

const TURNS: [Jitter; 3] =
    [Jitter { down: 3, right: -5 }, Jitter { down: -11, right: 0 }, Jitter { down: 40, right: 7 }];
const SIZES: [Extent; 2] = [Extent::new(19, 25), Extent::new(27, 35)];

/// What a dream is made of, but for its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Make {
    /// As the notebook's.
    Plain,
    /// With all that is planned for.
    Full,
    /// The loop of the plain one, whose gradients are brought.
    Loop,
}

pub(super) fn trials() -> Vec<Trial> {
    let weights = Arc::new(small_weights());
    let mut trials = vec![Trial::test("fixed numbers have no dials", fixed_numbers_have_no_dials)];
    for make in [Make::Plain, Make::Full, Make::Loop] {
        let shared = weights.clone();
        trials.extend(on_each_machine(&format!("{make:?}: every number moves"), move |machine| {
            every_number_moves(machine, &shared, make)
        }));
    }
    trials.extend(on_each_machine("numbers move within a run", move |machine| {
        numbers_move_within_a_run(machine, &weights)
    }));
    trials
}

fn base() -> Numbers {
    Numbers {
        step: 1.5,
        bounds: [(-104.0, 151.0), (-116.0, 139.0), (-122.0, 133.0)],
        weights: vec![1.0, -0.5, 0.25, 2.0, 0.7, 1.3],
        smooth: None,
        variation: None,
        pull: (0.0, 0.0),
        place: IN_PLACE,
    }
}

/// Numbers that all differ from their neighbours: each is moved to and from what leaves a step out.
fn sequence() -> Vec<(&'static str, Numbers)> {
    let base = base();
    let with = |change: fn(&mut Numbers)| {
        let mut numbers = base.clone();
        change(&mut numbers);
        numbers
    };
    vec![
        ("step", with(|numbers| numbers.step = 2.75)),
        ("the other way", with(|numbers| numbers.step = -0.5)),
        ("bounds", with(|numbers| numbers.bounds = [(-20.0, 21.5), (-40.0, 33.0), (-10.0, 7.25)])),
        ("variation", with(|numbers| numbers.variation = Some((2.0, 2.0)))),
        ("another variation", with(|numbers| numbers.variation = Some((0.75, 1.5)))),
        ("no variation", base.clone()),
        ("smoothing", with(|numbers| numbers.smooth = Some(3))),
        (
            "more smoothing, and variation",
            with(|numbers| {
                numbers.smooth = Some(2);
                numbers.variation = Some((1.0, 2.0));
            }),
        ),
        ("pull", with(|numbers| numbers.pull = (0.1, 0.4))),
        ("pull in colour", with(|numbers| numbers.pull = (0.0, 1.0))),
        ("no pull", base.clone()),
        ("weights", with(|numbers| numbers.weights = vec![0.5, 1.5, -1.0, 0.3, 0.0, -2.0])),
        ("a weight of 0", with(|numbers| numbers.weights[0] = 0.0)),
        ("no weight under a mask", with(|numbers| numbers.weights[5] = 0.0)),
        ("no weight but under a mask", with(|numbers| numbers.weights[..5].fill(0.0))),
        (
            "variation without weight under a mask",
            with(|numbers| {
                numbers.weights[5] = 0.0;
                numbers.variation = Some((1.0, 1.5));
            }),
        ),
        ("all weights again", base.clone()),
    ]
}

fn settings(weights: &Weights, make: Make, numbers: &Numbers, moving: bool) -> DreamSettings {
    let find = |name: &str| weights.network().find(name).expect("a layer of the small network");
    let aims = [
        ("b/output", Aim::HalfSquares),
        ("a/3x3", Aim::Channel(2)),
        ("b/3x3", Aim::Neuron(1, None)),
        ("a/output", Aim::Guide(Given { number: 0, columns: 9 })),
        ("b/output", Aim::Direction(Given { number: 1, columns: 1 })),
        ("a/5x5", Aim::HalfSquares),
    ];
    let targets = aims.iter().zip(&numbers.weights);
    let mut targets = targets.map(|(&(name, aim), &weight)| Target { layer: find(name), aim, weight });
    let climbs = vec![
        Climb { targets: targets.by_ref().take(5).collect(), mask: None },
        Climb { targets: targets.collect(), mask: Some(0) },
    ];
    let shaping = Shaping {
        smooth: numbers.smooth,
        variation: numbers.variation,
        pull: numbers.pull,
        ..structure(make)
    };
    let octave =
        |size| OctaveSettings { size, climbs: climbs.clone(), step: numbers.step, shaping: shaping.clone() };
    let iteration = Iteration::default();
    let (octaves, bounds) = (SIZES.map(octave).to_vec(), numbers.bounds);
    DreamSettings { octaves, bounds, masks: 1, moving, carried: false, iteration }
}

fn structure(make: Make) -> Shaping {
    match make {
        Make::Plain | Make::Loop => Shaping::default(),
        Make::Full => Shaping {
            normalise: Normalise::Deviation,
            laplacian: 2,
            adam: true,
            guard: true,
            ..Shaping::default()
        },
    }
}

/// A loaded dream.
struct Loaded {
    plan: DreamPlan,
    execution: Box<dyn Execution>,
}

impl Loaded {
    fn new(
        machine: &dyn Machine,
        weights: &Weights,
        make: Make,
        numbers: &Numbers,
        moving: bool,
    ) -> Result<Self, Failed> {
        let settings = settings(weights, make, numbers, moving);
        let plan = match make {
            Make::Loop => plan_loop(&settings),
            _ => plan_dream(weights.network(), &settings)?,
        };
        if plan.plan.dials.is_empty() == moving {
            return Err("a plan has dials where its numbers move, and nowhere else".into());
        }
        let mut execution = machine.load(&plan.plan, weights)?;
        for &(number, view) in &plan.plan.given {
            execution.write(view, &cells(&format!("given {number}"), view, 1.0))?;
        }
        Ok(Self { plan, execution })
    }

    /// From the upload to the first octave.
    fn begin(&mut self, dials: &[f32]) -> Result<(), Failed> {
        self.execution.write(self.plan.input, &cells("picture", self.plan.input, 100.0))?;
        for &mask in &self.plan.masks {
            let part: Vec<f32> = (0..mask.shape.len()).map(|at| [0.0, 0.3, 1.0][at % 3]).collect();
            self.execution.write(mask, &part)?;
        }
        Ok(self.execution.run_once(self.plan.bases, dials)?)
    }

    fn climb(&mut self, octave: usize, numbers: &Numbers, turns: &[Turn<'_>]) -> Result<Vec<f32>, Failed> {
        let mut reports = Vec::new();
        let climbed = [&numbers.weights[..5], &numbers.weights[5..]].map(|own| own.iter().any(|&w| w != 0.0));
        for (number, turn) in turns.iter().enumerate() {
            for (&gradient, climbed) in self.plan.gradients[octave].iter().zip(climbed) {
                // What has no weight has no gradient.
                let size = if climbed { 0.01 } else { 0.0 };
                self.execution.write(gradient, &cells(&format!("turn {number}"), gradient, size))?;
            }
            let (phase, report) = (self.plan.octaves[octave].climb, self.plan.report);
            let found = self.execution.run(phase, &[*turn], report, report, &mut |_| Next::Go)?;
            reports.extend(found.concat());
        }
        Ok(reports)
    }

    /// The whole loop: the picture, then all reports.
    fn run(&mut self, numbers: &Numbers) -> Result<Vec<f32>, Failed> {
        let dials = self.plan.plan.dials.values(numbers);
        self.begin(&dials)?;
        let mut reports = Vec::new();
        for (number, octave) in self.plan.octaves.clone().into_iter().enumerate() {
            self.execution.run_once(octave.enter, &dials)?;
            let turns = TURNS.map(|jitter| Turn { jitter, dials: &dials });
            reports.extend(self.climb(number, numbers, &turns)?);
            octave.leave.into_iter().try_for_each(|leave| self.execution.run_once(leave, &dials))?;
        }
        let picture = self.execution.read(self.plan.output)?;
        Ok([picture, reports].concat())
    }
}

fn cells(name: &str, view: View, size: f32) -> Vec<f32> {
    Random::named(name).fill(view.shape.len(), |random| size * random.mixed())
}

fn every_number_moves(machine: &dyn Machine, weights: &Weights, make: Make) -> Result<(), Failed> {
    let mut moving = Loaded::new(machine, weights, make, &base(), true)?;
    let mut before = moving.run(&base())?;
    let planned = Loaded::new(machine, weights, make, &base(), false)?.run(&base())?;
    judge("as it was planned", &before, &planned, &[])?;
    for (what, numbers) in sequence() {
        // Brought gradients have their weights already: only whether there is any counts.
        let changes_nothing = make == Make::Loop && ["weights", "a weight of 0"].contains(&what);
        let found = moving.run(&numbers)?;
        let planned = Loaded::new(machine, weights, make, &numbers, false)?.run(&numbers)?;
        judge(what, &found, &planned, if changes_nothing { &[] } else { &before })?;
        before = found;
    }
    Ok(())
}

/// A turn after another with other numbers: what two plans do in turns that hand the picture to each other.
fn numbers_move_within_a_run(machine: &dyn Machine, weights: &Weights) -> Result<(), Failed> {
    let other = Numbers { step: 0.8, variation: Some((1.0, 2.0)), pull: (0.2, 0.1), ..base() };
    let mut moving = Loaded::new(machine, weights, Make::Plain, &base(), true)?;
    let dials = [&base(), &other].map(|numbers| moving.plan.plan.dials.values(numbers));
    moving.begin(&dials[0])?;
    moving.execution.run_once(moving.plan.octaves[0].enter, &dials[0])?;
    let turns: Vec<Turn<'_>> =
        (0..6).map(|turn| Turn { jitter: TURNS[turn % 3], dials: &dials[turn % 2] }).collect();
    let octave = moving.plan.octaves[0];
    let reports =
        moving
            .execution
            .run(octave.climb, &turns, moving.plan.report, moving.plan.report, &mut |_| Next::Go)?;
    let found = [moving.execution.read(octave.picture)?, reports.concat()].concat();

    let mut fixed =
        [&base(), &other].map(|numbers| Loaded::new(machine, weights, Make::Plain, numbers, false));
    let mut reports = Vec::new();
    let mut picture: Option<Vec<f32>> = None;
    for turn in 0..6 {
        let loaded = fixed[turn % 2].as_mut().map_err(|error| format!("{error:?}"))?;
        let octave = loaded.plan.octaves[0];
        loaded.begin(&[])?;
        loaded.execution.run_once(octave.enter, &[])?;
        if let Some(picture) = &picture {
            loaded.execution.write(octave.picture, picture)?;
        }
        reports.extend(loaded.climb(0, &base(), &[TURNS[turn % 3].into()])?);
        picture = Some(loaded.execution.read(octave.picture)?);
    }
    let planned = [picture.unwrap_or_default(), reports].concat();
    judge("turn by turn", &found, &planned, &[])
}

fn fixed_numbers_have_no_dials() -> Result<(), Failed> {
    let weights = small_weights();
    for (what, numbers) in sequence() {
        let plan = plan_dream(weights.network(), &settings(&weights, Make::Full, &numbers, false))?.plan;
        let guarded = plan.phases.iter().any(|phase| !phase.guards.is_empty());
        if guarded || !plan.dials.is_empty() || plan.steps().any(|step| step.has_dials()) {
            return Err(format!("{what}: a plan for fixed numbers has dials").into());
        }
    }
    Ok(())
}
