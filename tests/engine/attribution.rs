//! What speaks for a class: sums of value times gradient are slopes along the values.

use libtest_mimic::Failed;
use puppyslug::dream::DreamError;
use puppyslug::dream::attribution::{Attribution, attribute};
use puppyslug::dream::probe::Map;
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Turn};
use puppyslug::net::{LayerId, Shape, Weights};
use puppyslug::plan::network::{Aim, Target};
use puppyslug::plan::probe::{ProbePlan, plan_probe};
use puppyslug::plan::{Step, View};
use testkit::oracle::{self, Memory};
use testkit::{Random, Trial, on_each_machine, small_weights};

const SIZE: Extent = Extent::new(41, 38);
const CLASS: usize = 4;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_each_machine("the sum is the slope along the layer", the_sum_is_the_slope);
    trials.extend(on_each_machine("behind the last module the sum is the logit", the_logit_without_its_bias));
    trials.extend(on_each_machine("what no class depends on is mute", a_mute_layer));
    trials
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint().into()) }
}

fn find(weights: &Weights, name: &str) -> LayerId {
    weights.network().find(name).expect("a layer of the small network")
}

fn class(weights: &Weights) -> Target {
    Target { layer: find(weights, "classifier"), aim: Aim::Neuron(CLASS, None), weight: 1.0 }
}

fn input() -> Map {
    let shape = Shape::of(3, SIZE);
    Map { shape, cells: Random::named("attribution").fill(shape.len(), |random| 3.0 * random.unit()) }
}

fn spoken(machine: &dyn Machine, weights: &Weights, layer: LayerId) -> Result<Attribution, DreamError> {
    attribute(machine, weights, &input(), &[layer], &[class(weights)])
}

/// The class where all of a layer is so many times as large, in `f64`.
struct Turned<'a> {
    plan: ProbePlan,
    weights: &'a Weights,
    input: Vec<f64>,
}

impl Turned<'_> {
    fn logit(&self, factor: f64) -> f64 {
        let ProbePlan { plan, phase, input, values, .. } = &self.plan;
        let (mut memory, layer) = (Memory::separate(plan), values[0]);
        memory.write(*input, self.input.iter().copied());
        let steps = &plan.phases[phase.index()].steps;
        // The class is measured first of all on the way back.
        let end = steps.iter().position(|step| matches!(step, Step::Measure(_))).expect("it is measured") + 1;
        let (before, behind) = steps[..end].split_at(written_by(steps, layer, end));
        before.iter().for_each(|step| drop(oracle::run(step, &mut memory, self.weights, Turn::default())));
        let turned: Vec<f64> = memory.read(layer).iter().map(|cell| factor * cell).collect();
        memory.write(layer, turned);
        behind.iter().for_each(|step| drop(oracle::run(step, &mut memory, self.weights, Turn::default())));
        memory.read(self.plan.value)[0]
    }
}

/// One past the last step that writes a part of a layer on the way there.
fn written_by(steps: &[Step], layer: View, end: usize) -> usize {
    let inside = |view: &View| {
        let (own, other) = (layer.range(), view.range());
        view.buffer == layer.buffer && other.start < own.end && own.start < other.end
    };
    let last = steps[..end].iter().rposition(|step| step.writes().iter().any(inside));
    last.expect("somebody writes it") + 1
}

/// By central differences in `f64` with the oracle, whose own error is of third order in 1e-6 wherever no ReLU or maximum
/// turns on the way. The machines round values and slopes to some 1e-6 of themselves, as `golden` tells: their sum may
/// err by as much of the sum of all magnitudes, and the logit by as much of what it is made of, which is about 1.
fn the_sum_is_the_slope(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = small_weights();
    for name in
        ["conv1", "pool1", "norm1", "a/3x3_reduce", "a/output", "pool2", "b/relu_5x5", "b/output", "average"]
    {
        let layer = find(&weights, name);
        let attribution = spoken(machine, &weights, layer)?;
        let speech = &attribution.layers[0];
        let input = input().cells.into_iter().map(f64::from).collect();
        let plan = plan_probe(weights.network(), SIZE, &[layer], &[class(&weights)]).expect("large enough");
        let turned = Turned { plan, weights: &weights, input };
        let tiny = 1e-6;
        let slope = (turned.logit(1.0 + tiny) - turned.logit(1.0 - tiny)) / (2.0 * tiny);
        let size: f64 = speech.products.iter().map(|product| f64::from(product.abs())).sum();
        let sum = speech.sum();
        ensure((sum - slope).abs() <= 1e-5 * size, || {
            format!("{name}: {sum} in sum, and the slope is {slope}")
        })?;
        ensure((1.01 * sum - slope).abs() > 1e-5 * size, || format!("{name}: a wrong sum passes"))?;
        let [places, channels]: [f64; 2] =
            [speech.places().iter().sum(), speech.voices().iter().map(|voice| voice.speaks).sum()];
        ensure((places - sum).abs() + (channels - sum).abs() <= 1e-12 * size, || {
            format!("{name}: {places} in all places, {channels} in all channels, {sum} in sum")
        })?;
        let logit = f64::from(attribution.logit);
        ensure((logit - turned.logit(1.0)).abs() <= 1e-5 * (1.0 + size), || {
            format!("{name}: the class is {logit}")
        })?;
    }
    Ok(())
}

/// A mean and a matrix are linear: what is not in the sum is the bias. To the rounding of a few sums in `f32`.
fn the_logit_without_its_bias(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = small_weights();
    let Attribution { logit, layers } = spoken(machine, &weights, find(&weights, "b/output"))?;
    let bias = weights.filter(find(&weights, "classifier")).bias[CLASS];
    let size: f64 = layers[0].products.iter().map(|product| f64::from(product.abs())).sum();
    let rest = f64::from(logit) - layers[0].sum() - f64::from(bias);
    ensure(rest.abs() <= 1e-6 * (size + 1.0), || format!("{rest} of {logit} come from nowhere"))?;
    ensure(f64::from(bias).abs() > 1e-3, || "a bias so small that it would not be missed".to_owned())
}

fn a_mute_layer(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = small_weights();
    match spoken(machine, &weights, find(&weights, "prob")) {
        Err(DreamError::Mute { layer }) if layer == "prob" => Ok(()),
        other => Err(format!("a layer behind the classes: {other:?}").into()),
    }
}
