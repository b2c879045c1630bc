//! Pictures out of noise: what they are made of, one whole step against finite differences, and channels that rise.

mod linear;

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::dream::References;
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Turn};
use puppyslug::net::{Filter, Weights};
use puppyslug::picture::Picture;
use puppyslug::plan::network::{Aim, Target};
use puppyslug::plan::step;
use puppyslug::plan::visualize::{Parametrisation, VisualizePlan, VisualizeSettings, plan_visualization};
use puppyslug::plan::{PhaseId, Step};
use puppyslug::visualize::{Robustness, Seen, Spark, Start, Visualization, VisualizeConfig, VisualizeError};
use testkit::oracle::{self, Memory};
use testkit::{Random, Trial, on_each_machine, small_googlenet, small_weights};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("a whole step is a slope", a_whole_step_is_a_slope),
        Trial::test("a picture is made of its own cells", a_picture_is_made_of_its_own_cells),
    ];
    trials.extend(linear::trials());
    trials.extend(on_each_machine("a channel rises, whatever the picture is made of", a_channel_rises));
    trials.extend(on_each_machine("a silent channel is woken or told", a_silent_channel));
    trials
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint().into()) }
}

/// The oracle's memory of a plan whose first picture has begun with these cells.
fn begun(plan: &VisualizePlan, weights: &Weights, cells: &[f64], dials: &[f32]) -> Memory {
    let mut memory = Memory::separate(&plan.plan);
    for &(number, view) in &plan.plan.given {
        let cells = plan.given(number).expect("no target is given anything");
        memory.write(view, cells.into_iter().map(f64::from));
    }
    memory.write(plan.cells[0], cells.iter().copied());
    run(plan, plan.begin, weights, &mut memory, dials, |_| true);
    memory
}

/// Runs the steps of a phase as long as they are wanted.
fn run(
    plan: &VisualizePlan,
    phase: PhaseId,
    weights: &Weights,
    memory: &mut Memory,
    dials: &[f32],
    wanted: impl Fn(&Step) -> bool,
) {
    let turn = Turn { dials, ..Turn::default() };
    for step in plan.plan.phases[phase.index()].steps.iter().take_while(|step| wanted(step)) {
        oracle::run(step, memory, weights, turn);
    }
}

/// Along any direction of one picture, the sum of all values changes as the gradient of its cells says: by central differences
/// in `f64`, whose own error is of third order in 1e-4.
fn a_whole_step_is_a_slope() -> Result<(), Failed> {
    let weights = small_weights();
    let target = |layer, aim, weight| {
        let layer = weights.network().find(layer).expect("a layer of the small network");
        Target { layer, aim, weight }
    };
    let targets = vec![
        target("b/output", Aim::Channel(3), 1.5),
        target("b/output", Aim::Channel(1), -0.5),
        target("a/3x3", Aim::Channel(2), -0.75),
        target("b/output", Aim::Diversity, 2.0),
    ];
    for (parametrisation, size, batch) in [
        (Parametrisation::Fourier, Extent::new(26, 31), 1),
        (Parametrisation::Fourier, Extent::new(25, 30), 3),
        (Parametrisation::Pixels, Extent::new(25, 31), 2),
    ] {
        let canvas = Extent::new(size.height + 8, size.width + 6);
        let mean = [104.0, 117.0, 123.0];
        let targets = targets.clone();
        let settings = VisualizeSettings { size, canvas, parametrisation, targets, batch, rate: 0.05, mean };
        let plan = plan_visualization(weights.network(), &settings).expect("large enough");
        let dials = plan.dials([0.93, 0.16, -4.3, -0.16, 0.93, 0.7]);
        let mut random = Random::named("a step");
        let many = plan.cells[0].shape.len();
        let [cells, direction] =
            [0.3, 1.0].map(|size| (0..many).map(|_| size * f64::from(random.unit())).collect::<Vec<f64>>());
        let value = |away: f64, wanted: fn(&Step) -> bool| {
            let moved = cells.iter().zip(&direction).map(|(cell, by)| cell + away * by);
            let mut memory = begun(&plan, &weights, &moved.collect::<Vec<f64>>(), &dials);
            for (picture, &view) in plan.cells.iter().enumerate().skip(1) {
                memory.write(view, cells.iter().map(|cell| cell * (1.0 - 0.7 * picture as f64)));
            }
            run(&plan, plan.begin, &weights, &mut memory, &dials, |_| true);
            run(&plan, plan.climb, &weights, &mut memory, &dials, wanted);
            memory
        };
        let dx = plan.plan.phases[plan.climb.index()].steps.iter().find_map(|step| match step {
            Step::Adam(step::Adam { dx, .. }) => Some(*dx),
            _ => None,
        });
        // Adam changes the gradient in its place; the first is that of the first picture.
        let memory = value(0.0, |step| !matches!(step, Step::Adam(_)));
        let gradient = memory.read(dx.expect("Adam climbs"));
        let values = |away| value(away, |_| true).read(plan.report).iter().step_by(2).sum::<f64>();
        let slope: f64 = gradient.iter().zip(&direction).map(|(a, b)| a * b).sum();
        let tiny = 1e-6;
        let rise = (values(tiny) - values(-tiny)) / (2.0 * tiny);
        // A value of some tens has 1e-14 of rounding, of which a difference by 2e-6 makes 1e-8; a ReLU or a maximum
        // that turns within that way would show as far more.
        let size = slope.abs().max(1e-3);
        ensure((rise - slope).abs() <= 1e-5 * size, || {
            format!("{parametrisation:?} {size:?}: the value rises by {rise:e}, and the slope is {slope:e}")
        })?;
        ensure((rise - 1.001 * slope).abs() > 1e-5 * size, || "a wrong slope was not noticed".to_owned())?;
    }
    Ok(())
}

/// What `--from` begins with shows the picture again.
fn a_picture_is_made_of_its_own_cells() -> Result<(), Failed> {
    let machine = puppyslug::cpu::Cpu::new();
    let weights = small_weights();
    let sum = "l2:b/output".parse().expect("an objective");
    for (size, parametrisation) in [
        (Extent::new(33, 40), Parametrisation::Fourier),
        (Extent::new(40, 33), Parametrisation::Fourier),
        (Extent::new(33, 40), Parametrisation::Pixels),
    ] {
        let level = |at: usize| 20.0 + ((at * at * 7 + at * 13) % 211) as f32;
        let picture = Picture::from_rgb(size, (0..3 * size.plane()).map(level).collect())?;
        let config = VisualizeConfig { parametrisation, steps: 1, rate: 1e-6, ..VisualizeConfig::default() };
        let references = References::default();
        let mut again = Visualization::prepare(&machine, &weights, size, &sum, &config, &references)?;
        let seen = again.run(Start::Picture(&picture), &mut go, &mut |_, _| Ok(()))?;
        let pairs = seen.pictures[0].picture.rgb().iter().zip(picture.rgb());
        let worst = pairs.fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
        // Cells are rounded to f32, and a step of a millionth of a cell moves a sample by some 1e-2 at most: 1500
        // frequencies at 1e-6, and 64 levels for each unit.
        ensure(worst < 0.1, || format!("{size} {parametrisation:?}: {worst} levels away"))?;
    }
    Ok(())
}

fn go(_: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn see(
    machine: &dyn Machine,
    weights: &Weights,
    objective: &str,
    config: &VisualizeConfig,
) -> Result<Seen, VisualizeError> {
    let sum = objective.parse().expect("an objective");
    let (size, references) = (Extent::new(40, 37), References::default());
    Visualization::prepare(machine, weights, size, &sum, config, &references)?.run(
        Start::Noise,
        &mut go,
        &mut |_, _| Ok(()),
    )
}

fn a_channel_rises(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = small_weights();
    for parametrisation in [Parametrisation::Fourier, Parametrisation::Pixels] {
        for robustness in [Robustness::None, Robustness::Lucid, Robustness::Distill] {
            let config =
                VisualizeConfig { parametrisation, robustness, steps: 40, ..VisualizeConfig::default() };
            let seen = see(machine, &weights, "channel:b/output:2", &config)?;
            let [first, last] = [0, 39].map(|step| seen.pictures[0].found[step].value);
            ensure(seen.complete && last > first, || format!("{config:?}: from {first} to {last}"))?;
            // Downhill it is another picture, and less.
            let less = see(machine, &weights, "channel:b/output:2*-1", &config)?;
            ensure(-less.pictures[0].found[39].value < last, || {
                "what is climbed down ends higher".to_owned()
            })?;
            let again = see(machine, &weights, "channel:b/output:2", &config)?;
            ensure(again.pictures[0].picture == seen.pictures[0].picture, || {
                "the same seed, another picture".to_owned()
            })?;
        }
    }
    Ok(())
}

/// The small network with another bias of the first channel of `b/1x1`.
pub(crate) fn biased(bias: f32) -> Weights {
    let (network, weights) = (small_googlenet(), small_weights());
    let filters = network.ids().filter(|&id| network.filter_shape(id).is_some()).map(|id| {
        let mut filter: Filter = weights.filter(id).clone();
        if network[id].name == "b/1x1" {
            filter.bias[0] = bias;
        }
        (id, filter)
    });
    let filters = filters.collect();
    Weights::from_filters(network, filters)
}

fn a_silent_channel(machine: &dyn Machine) -> Result<(), Failed> {
    let config = VisualizeConfig { steps: 64, ..VisualizeConfig::default() };
    let objective = "channel:b/output:0";
    // The more is taken off it, the more silent it is: at some bias noise does not reach it, and what noise becomes does.
    let woken = (1..24).map(|tenths| biased(-0.1 * tenths as f32)).find_map(|weights| {
        let seen = see(machine, &weights, objective, &config);
        seen.map_or_else(
            |error| Some(Err(error)),
            |seen| (seen.pictures[0].spark != Spark::First).then_some(Ok(seen)),
        )
    });
    let seen = woken.ok_or("noise reaches it, whatever the bias")??.pictures.remove(0);
    ensure(seen.found[0].magnitude > 0.0 && seen.found[63].value > seen.found[0].value, || {
        format!("it was woken by {:?} and did not rise", seen.spark)
    })?;
    ensure(matches!(seen.spark, Spark::BeforeRelu(_)), || format!("woken by {:?}", seen.spark))?;
    // A search may be stopped.
    let (weights, references) = (biased(-1e6), References::default());
    let sum = objective.parse().expect("an objective");
    let mut searching =
        Visualization::prepare(machine, &weights, Extent::new(40, 37), &sum, &config, &references)?;
    let mut stop = |done| if done == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let seen = searching.run(Start::Noise, &mut stop, &mut |_, _| Ok(()))?;
    ensure(!seen.complete && seen.pictures[0].found.is_empty(), || {
        "it was not stopped as it searched".to_owned()
    })?;
    // One that nothing wakes.
    match see(machine, &biased(-1e6), objective, &config) {
        Err(VisualizeError::Silent { starts: 4, steps: 64, .. }) => Ok(()),
        other => {
            Err(format!("a channel that is dead became {:?}", other.map(|seen| seen.pictures[0].spark))
                .into())
        }
    }
}
