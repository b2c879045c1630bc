//! Planning, one iteration and single kernels, for those who change them: `cargo bench --bench engine`.
//!
//! `puppyslug bench` tells where the time of an iteration goes; this tells whether a change made one part
//! faster. A name after `--` filters: `cargo bench --bench engine -- "conv 3x3"`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use divan::{Bencher, black_box};
use puppyslug::cpu::Cpu;
use puppyslug::dream::{Config, Dream, References};
use puppyslug::extent::Extent;
use puppyslug::flow::FlowFinder;
use puppyslug::gpu::Gpu;
use puppyslug::machine::Machine;
use puppyslug::net::{Shape, Weights};
use puppyslug::picture::sky::sky;
use puppyslug::plan::carry::{CarrySettings, plan_carry};
use puppyslug::plan::flow::FlowSettings;
use puppyslug::plan::motion::{MotionSettings, plan_motion};
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::probe::{ProbePlan, plan_probe};
use puppyslug::plan::visualize::{VisualizeSettings, plan_visualization};
use puppyslug::plan::{Builder, IN_PLACE, Number, Plan, Step};
use puppyslug::visualize::{Parametrisation, Robustness, Start, Visualization, VisualizeConfig};

/// The size of the picture.
const SIZE: Extent = Extent::square(224);
const LAYER: &str = "inception_4c/output";

static WEIGHTS: LazyLock<Weights> = LazyLock::new(Weights::embedded);

fn main() {
    divan::main();
}

/// The classic pass: forward to the layer, and back to the picture.
fn classic() -> ProbePlan {
    let network = WEIGHTS.network();
    let layer = network.find(LAYER).expect("a layer of GoogLeNet");
    let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
    plan_probe(network, SIZE, &[], &[target]).expect("large enough")
}

/// The machines that are there.
fn machines() -> Vec<&'static str> {
    if Gpu::any().is_ok() { vec!["cpu", "gpu"] } else { vec!["cpu"] }
}

fn open(name: &str) -> Box<dyn Machine> {
    match name {
        "cpu" => Box::new(Cpu::new()),
        _ => Box::new(Gpu::any().expect("it was there when the names were listed")),
    }
}

#[divan::bench]
fn plan() -> ProbePlan {
    classic()
}

/// The first plan on a device: weights are packed and brought there, kernels compiled.
#[divan::bench(args = machines(), sample_count = 5)]
fn load_first(bencher: Bencher, machine: &str) {
    let plan = classic().plan;
    // Weights of their own and, where there is one, a device of its own: nothing is there yet.
    let fresh = || (open(machine), Weights::embedded());
    bencher.with_inputs(fresh).bench_local_values(|(machine, weights)| {
        (machine.load(&plan, &weights).map(drop).is_ok(), machine, weights)
    });
}

/// Another plan on the same device, of another size.
#[divan::bench(args = machines(), sample_count = 20)]
fn load_second(bencher: Bencher, machine: &str) {
    let machine = open(machine);
    let _first = machine.load(&classic().plan, &WEIGHTS).expect("a small plan");
    let layer = WEIGHTS.network().find(LAYER).expect("a layer of GoogLeNet");
    let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
    let other =
        plan_probe(WEIGHTS.network(), Extent::new(256, 192), &[], &[target]).expect("large enough").plan;
    bencher.bench_local(|| machine.load(black_box(&other), &WEIGHTS).map(drop).is_ok());
}

#[divan::bench(args = machines(), sample_count = 10)]
fn iteration(bencher: Bencher, machine: &str) {
    let config = Config { octaves: 1.into(), iterations: 1.into(), ..Config::default() };
    let picture = sky(SIZE, 0).expect("a small picture");
    let machine = open(machine);
    let mut dream = Dream::prepare(&*machine, &WEIGHTS, SIZE, &config).expect("a small dream");
    bencher.bench_local(|| dream.run(black_box(&picture), &mut |_| ControlFlow::Continue(())).is_ok());
}

/// Sixteen iterations of a dream in the size that the network sees a visualisation of 224 pixels in.
#[divan::bench(args = machines(), sample_count = 5)]
fn dream_16(bencher: Bencher, machine: &str) {
    let objectives = vec!["channel:inception_4c/output:447".parse().expect("an objective")];
    let config = Config { objectives, octaves: 1.into(), iterations: 16.into(), ..Config::default() };
    let size = Robustness::Lucid.canvas(SIZE);
    let picture = sky(size, 0).expect("a small picture");
    let machine = open(machine);
    let mut dream = Dream::prepare(&*machine, &WEIGHTS, size, &config).expect("a small dream");
    bencher.bench_local(|| dream.run(black_box(&picture), &mut |_| ControlFlow::Continue(())).is_ok());
}

/// Sixteen steps of a visualisation.
#[divan::bench(args = machines(), sample_count = 5)]
fn visualize_16(bencher: Bencher, machine: &str) {
    let sum = "channel:inception_4c/output:447".parse().expect("an objective");
    let config = VisualizeConfig { steps: 16, ..VisualizeConfig::default() };
    let (machine, references) = (open(machine), References::default());
    let mut visualization = Visualization::prepare(&*machine, &WEIGHTS, SIZE, &sum, &config, &references)
        .expect("a small visualisation");
    let mut go = |_| ControlFlow::Continue(());
    bencher.bench_local(|| visualization.run(Start::Noise, &mut go, &mut |_, _| Ok(())).is_ok());
}

/// The classic pass alone: no loop around it, nothing read.
#[divan::bench(args = machines(), sample_count = 10)]
fn gradient(bencher: Bencher, machine: &str) {
    let ProbePlan { plan, phase, input, .. } = classic();
    let picture = vec![1.0; input.shape.len()];
    let mut execution = open(machine).load(&plan, &WEIGHTS).expect("a small plan");
    bencher.bench_local(|| {
        execution.write(input, black_box(&picture))?;
        execution.run_once(phase, &[])
    });
}

/// The whole network once, from a picture on the host to its probabilities there.
#[divan::bench(args = machines(), sample_count = 10)]
fn forward(bencher: Bencher, machine: &str) {
    let last = WEIGHTS.network().ids().next_back().expect("a network has layers");
    let ProbePlan { plan, phase, input, values, .. } =
        plan_probe(WEIGHTS.network(), SIZE, &[last], &[]).expect("large enough");
    let picture = vec![1.0; input.shape.len()];
    let mut execution = open(machine).load(&plan, &WEIGHTS).expect("a small plan");
    bencher.bench_local(|| {
        execution.write(input, black_box(&picture))?;
        execution.run_once(phase, &[])?;
        execution.read(values[0])
    });
}

/// Flow from one picture to another, in the size of a small film.
#[divan::bench(args = machines(), sample_count = 20)]
fn flow(bencher: Bencher, machine: &str) {
    let size = Extent::new(272, 640);
    let [first, second] = [0, 1].map(|seed| sky(size, seed).expect("a small picture"));
    let machine = open(machine);
    let mut finder = FlowFinder::new(&*machine, size, &FlowSettings::default()).expect("a small plan");
    bencher.bench_local(|| finder.find(black_box(&first), &second).is_ok());
}

/// Each distinct step of the classic pass, of a film's motion and carrying, and of a visualisation, alone.
static STEPS: LazyLock<BTreeMap<String, Step>> = LazyLock::new(|| {
    let (probe, seen) = (classic(), visualization());
    let (motion, carry) = (plan_motion(SIZE, &MotionSettings::default()), plan_carry(&carrying()));
    let steps = probe.plan.steps().chain(motion.plan.steps()).chain(carry.plan.steps()).chain(seen.steps());
    steps.map(|step| (step.to_string(), in_place(step.clone()))).collect()
});

fn carrying() -> CarrySettings {
    let octaves = [114, 160].map(Extent::square).into_iter().chain([SIZE]).collect();
    CarrySettings { octaves, bounds: [(-128.0, 127.0); 3] }
}

fn visualization() -> Plan {
    let layer = WEIGHTS.network().find(LAYER).expect("a layer of GoogLeNet");
    let settings = VisualizeSettings {
        size: SIZE,
        canvas: Robustness::Lucid.canvas(SIZE),
        parametrisation: Parametrisation::Fourier,
        targets: [Aim::Channel(447), Aim::Aligned(Given { number: 0, columns: 1 }, 2), Aim::Diversity]
            .map(|aim| Target { layer, aim, weight: 1.0 })
            .to_vec(),
        batch: 1,
        rate: 0.05,
        mean: WEIGHTS.mean(),
    };
    plan_visualization(WEIGHTS.network(), &settings).expect("large enough").plan
}

/// The only numbers here that a turn brings are those of transforms: a matrix that changes nothing.
fn in_place(mut step: Step) -> Step {
    if step.has_dials() {
        step.numbers_mut()
            .into_iter()
            .zip(IN_PLACE)
            .for_each(|(number, value)| *number = Number::Fixed(value));
    }
    step
}

/// Machine and step.
fn kernels() -> Vec<String> {
    let names =
        machines().into_iter().flat_map(|machine| STEPS.keys().map(move |step| format!("{machine} {step}")));
    names.collect()
}

#[divan::bench(args = kernels(), sample_count = 20)]
fn kernel(bencher: Bencher, name: &str) {
    let (machine, step) = name.split_once(' ').expect("a machine and a step");
    let (plan, phase) = alone(&STEPS[step]);
    let mut execution = open(machine).load(&plan, &WEIGHTS).expect("a small plan");
    bencher.bench_local(|| execution.run_once(phase, &[]).is_ok());
}

/// A plan of one step, each of its buffers its own.
fn alone(step: &Step) -> (Plan, puppyslug::plan::PhaseId) {
    let mut builder = Builder::new();
    let mut ends: BTreeMap<_, usize> = BTreeMap::new();
    for view in step.reads().into_iter().chain(step.writes()) {
        let end = ends.entry(view.buffer).or_default();
        *end = view.range().end.max(*end);
    }
    let buffers: BTreeMap<_, _> = ends
        .into_iter()
        .map(|(buffer, cells)| (buffer, builder.buffer("", Shape::new(1, 1, cells))))
        .collect();
    buffers.values().for_each(|&view| builder.keep(view));
    let moved = testkit::relocate(step, |view| puppyslug::plan::View {
        buffer: buffers[&view.buffer].buffer,
        ..view
    });
    let phase = builder.phase("alone", vec![moved]);
    (builder.finish(), phase)
}
