//! Pictures that are climbed together and differ: against a number of lucid's formula, their slope, and what becomes of
//! them.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::dream::References;
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Turn};
use puppyslug::net::{Network, Op, Shape, Weights};
use puppyslug::picture::Picture;
use puppyslug::plan::network::{Aim, Crowd, Goal, Target, lower};
use puppyslug::plan::{Builder, PhaseId, Plan, View};
use puppyslug::visualize::{Seen, Start, Visualization, VisualizeConfig, VisualizeError};
use testkit::oracle::{self, Memory};
use testkit::{Random, Trial, on_each_machine, small_weights};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("the slope is that of all values", a_crowd_has_this_slope)];
    trials.extend(on_each_machine("the values are lucid's", lucids_diversity));
    trials.extend(on_each_machine("pictures come to differ", pictures_come_to_differ));
    trials.extend(on_each_machine("the first of several is the one alone", the_first_is_the_one_alone));
    trials
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint().into()) }
}

/// Maps that are to differ, with nothing before them.
struct Maps {
    plan: Plan,
    phase: PhaseId,
    x: Vec<View>,
    dx: Vec<View>,
    values: View,
}

impl Maps {
    fn new(shape: Shape, count: usize, weight: f32) -> (Self, Weights) {
        let mut network = Network::new();
        let layer = network.push("data", Op::Input { channels: shape.channels }, &[]);
        let (mut builder, target) = (Builder::new(), Target { layer, aim: Aim::Diversity, weight });
        let values = builder.buffer("values", Shape::new(count, 1, 1));
        let x: Vec<View> = (0..count).map(|_| builder.buffer("map", shape)).collect();
        let crowd = Crowd::new(&mut builder, &network, [layer], count);
        let (mut steps, mut back, mut dx) = (Vec::new(), Vec::new(), Vec::new());
        for (number, &x) in x.iter().enumerate() {
            let goal = Goal {
                member: Some(crowd.member(number)),
                ..Goal::whole(&[target], values.channels(number, 1))
            };
            let mut lowered = lower(&mut builder, &network, x, &[], &[goal]).expect("large enough");
            steps.extend(lowered.forward);
            let (own, gradient) = lowered.backward.remove(0);
            back.extend(own);
            dx.push(gradient);
        }
        [values].iter().chain(&x).chain(&dx).for_each(|&view| builder.keep(view));
        steps.extend(back);
        let phase = builder.phase("all", steps);
        let maps = Self { plan: builder.finish(), phase, x, dx, values };
        (maps, Weights::from_filters(network, Default::default()))
    }
}

/// Against a float64 computation of lucid's formula: activations `sin(0.7 k + 0.3)` of two pictures of 3x3 cells and 4
/// channels, `k` counting channels first. Lucid's is the cosine of both Gram matrices; each picture's own is 1 less that.
/// The matrices are rounded to 6e-8 of their length and some 3e-3 apart, which makes 4e-10 of half the square of that.
fn lucids_diversity(machine: &dyn Machine) -> Result<(), Failed> {
    let expected = 1.0 - 0.999_995_612_462_505_7;
    let (maps, weights) = Maps::new(Shape::new(4, 3, 3), 2, 1.0);
    let mut execution = machine.load(&maps.plan, &weights)?;
    for (picture, &x) in (0..).zip(&maps.x) {
        let numbers = (0..4).flat_map(|channel| (0..9).map(move |cell| 36 * picture + 4 * cell + channel));
        let cells: Vec<f32> = numbers.map(|k| (0.7 * f64::from(k) + 0.3).sin() as f32).collect();
        execution.write(x, &cells)?;
    }
    execution.run_once(maps.phase, &[])?;
    for value in execution.read(maps.values)? {
        let near = |value: f64| (value - expected).abs() <= 2e-9;
        ensure(near(f64::from(value)), || format!("the value is {value:e}, not {expected:e}"))?;
        ensure(!near(f64::from(value) + 5e-9), || "a wrong value passes".to_owned())?;
    }
    Ok(())
}

/// By central differences in `f64`: along any way of one map the sum of all values changes as its gradient says.
fn a_crowd_has_this_slope() -> Result<(), Failed> {
    let (maps, weights) = Maps::new(Shape::new(5, 4, 3), 3, -1.5);
    let mut random = Random::named("a crowd");
    let mut draw = || (0..60).map(|_| f64::from(random.unit())).collect::<Vec<f64>>();
    let (cells, way): (Vec<_>, Vec<_>) = maps.x.iter().map(|_| (draw(), draw())).unzip();
    for moved in 0..maps.x.len() {
        let value = |away: f64| {
            let mut memory = Memory::separate(&maps.plan);
            for (number, &x) in maps.x.iter().enumerate() {
                let away = if number == moved { away } else { 0.0 };
                memory.write(x, cells[number].iter().zip(&way[number]).map(|(cell, by)| cell + away * by));
            }
            for step in &maps.plan.phases[maps.phase.index()].steps {
                oracle::run(step, &mut memory, &weights, Turn::default());
            }
            (memory.read(maps.values).iter().sum::<f64>(), memory)
        };
        let slope: f64 = value(0.0).1.read(maps.dx[moved]).iter().zip(&way[moved]).map(|(a, b)| a * b).sum();
        let tiny = 1e-5;
        let rise = (value(tiny).0 - value(-tiny).0) / (2.0 * tiny);
        // Third derivatives of about 100, which the square of the way makes 1e-8, and of values of 1 as much rounding.
        let near = |rise: f64| (rise - slope).abs() <= 1e-6 * slope.abs().max(0.01);
        ensure(near(rise), || format!("map {moved}: it rises by {rise}, and the slope is {slope}"))?;
        ensure(!near(1.001 * rise), || format!("map {moved}: a wrong slope passes"))?;
    }
    Ok(())
}

fn see(
    machine: &dyn Machine,
    objective: &str,
    batch: usize,
    start: Start<'_>,
) -> Result<Seen, VisualizeError> {
    let (weights, references) = (small_weights(), References::default());
    let config = VisualizeConfig { batch, steps: 30, ..VisualizeConfig::default() };
    let (sum, size) = (objective.parse().expect("an objective"), Extent::new(40, 37));
    Visualization::prepare(machine, &weights, size, &sum, &config, &references)?.run(
        start,
        &mut |_| ControlFlow::Continue(()),
        &mut |_, _| Ok(()),
    )
}

/// All pictures' values at first and in the end.
fn values(seen: &Seen) -> [f32; 2] {
    [0, 29].map(|step| seen.pictures.iter().map(|picture| picture.found[step].value).sum())
}

fn pictures_come_to_differ(machine: &dyn Machine) -> Result<(), Failed> {
    let level = |at: usize| 20.0 + ((at * at * 7 + at * 13) % 211) as f32;
    let size = Extent::new(40, 37);
    let shown = Picture::from_rgb(size, (0..3 * size.plane()).map(level).collect())?;
    // From a picture, too: the others have noise beside.
    for start in [Start::Noise, Start::Picture(&shown)] {
        let [first, last] = values(&see(machine, "diversity:b/output", 3, start)?);
        ensure(last > 1.1 * first, || format!("{start:?}: from {first} to {last}"))?;
        // Downhill, as lucid's has to be subtracted, they differ less in the end.
        let [_, less] = values(&see(machine, "diversity:b/output*-1", 3, start)?);
        ensure(-less < 0.9 * last, || format!("{start:?}: {last} uphill, {} downhill", -less))?;
    }
    match see(machine, "diversity:b/output", 1, Start::Noise) {
        Err(error) if error.to_string().contains("optimised together") => Ok(()),
        other => Err(format!("alone it became {other:?}").into()),
    }
}

fn the_first_is_the_one_alone(machine: &dyn Machine) -> Result<(), Failed> {
    let objective = "channel:b/output:2 - 0.5*channel:b/output:1";
    let (two, one) = (see(machine, objective, 2, Start::Noise)?, see(machine, objective, 1, Start::Noise)?);
    let pictures = |seen: &Seen| seen.pictures.iter().map(|seen| seen.picture.clone()).collect::<Vec<_>>();
    let (two, one) = (pictures(&two), pictures(&one));
    ensure(two[0] == one[0], || "beside another it is another picture".to_owned())?;
    ensure(two[0] != two[1], || "two of the same".to_owned())
}
