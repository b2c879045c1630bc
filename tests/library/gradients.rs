//! Calculus judges the oracle: every gradient against central differences of the forward pass, in f64.

use puppyslug::extent::Extent;
use puppyslug::machine::Jitter;
use puppyslug::net::{LayerId, Lrn, Network, Op, Weights, Window};
use puppyslug::plan::network::{Aim, Target};
use puppyslug::plan::probe::{ProbePlan, plan_probe};
use puppyslug::plan::{Conv, Step, step};
use testkit::{
    Random,
    oracle::{self, Memory},
    random_weights, small_weights,
};

/// Width of a difference. Its error is of the order of `STEP^2` = 1e-10 (the third derivative) plus
/// 1e-16 / `STEP` = 1e-11 (rounding), relative to maps and derivatives of order 1.
const STEP: f64 = 1e-5;
/// Leaves four orders of magnitude to derivatives that are not of order 1.
const LIMIT: f64 = 1e-6;

/// A plan, its weights, and where it is differentiated.
struct Subject {
    probe: ProbePlan,
    weights: Weights,
    picture: Vec<f64>,
}

/// One pass.
struct Pass {
    value: f64,
    gradient: Vec<f64>,
    /// Which branch every ReLU and every maximum took.
    branches: Vec<i64>,
}

impl Subject {
    fn new(name: &str, weights: Weights, size: Extent, targets: &[Target]) -> Self {
        let probe = plan_probe(weights.network(), size, &[], targets).expect("the picture is large enough");
        let mut random = Random::named(name);
        let picture = (0..probe.input.shape.len()).map(|_| f64::from(random.unit())).collect();
        Self { probe, weights, picture }
    }

    fn pass(&self, picture: &[f64]) -> Pass {
        let mut memory = Memory::separate(&self.probe.plan);
        memory.write(self.probe.input, picture.iter().copied());
        for step in self.probe.plan.steps() {
            oracle::run(step, &mut memory, &self.weights, Jitter::default());
        }
        let gradient = self.probe.gradient.expect("there is a target");
        Pass {
            value: memory.read(self.probe.value)[0],
            gradient: memory.read(gradient).to_vec(),
            branches: self.probe.plan.steps().flat_map(|step| branches(step, &memory)).collect(),
        }
    }

    /// The slope along one cell, or nothing where a kink lies between the two points.
    fn slope(&self, cell: usize) -> Option<f64> {
        let [low, high] = [-STEP, STEP].map(|step| {
            let mut picture = self.picture.clone();
            picture[cell] += step;
            self.pass(&picture)
        });
        (low.branches == high.branches).then(|| (high.value - low.value) / (2.0 * STEP))
    }

    /// Compares about `samples` cells; at most one in ten may lie at a kink.
    fn check(&self, samples: usize) {
        let gradient = self.pass(&self.picture).gradient;
        let stride = gradient.len().div_ceil(samples);
        let cells: Vec<usize> = (0..gradient.len()).step_by(stride).collect();
        let slopes: Vec<Option<f64>> = cells.iter().map(|&cell| self.slope(cell)).collect();
        let skipped = slopes.iter().filter(|slope| slope.is_none()).count();
        println!("{} cells compared, {skipped} skipped at kinks", cells.len() - skipped);
        assert!(10 * skipped <= cells.len(), "{skipped} of {} cells lie at kinks", cells.len());
        let gradient: Vec<f64> = cells.iter().map(|&cell| gradient[cell]).collect();
        let distance = disagreement(&gradient, &slopes);
        assert!(distance <= LIMIT, "gradient and slope differ by {distance:e} of the largest");
    }
}

/// The largest difference relative to the largest component; NaN for NaN.
fn disagreement(gradient: &[f64], slopes: &[Option<f64>]) -> f64 {
    let size = gradient.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
    assert!(size > 0.0, "a gradient of nothing proves nothing");
    let pairs = gradient.iter().zip(slopes);
    let distances = pairs.filter_map(|(g, slope)| Some((g - (*slope)?).abs() / size));
    distances.max_by(f64::total_cmp).expect("something was compared")
}

fn branches(step: &Step, memory: &Memory) -> Vec<i64> {
    let signs = |view| memory.read(view).iter().map(|&value| i64::from(value > 0.0)).collect::<Vec<_>>();
    match step {
        Step::Conv(Conv { relu: true, y, .. }) => y.iter().flat_map(|&y| signs(y)).collect(),
        &Step::Relu(step::Relu { y, .. }) => signs(y),
        Step::MaxPool(step::MaxPool { choice: Some(choice), .. }) => {
            memory.read(*choice).iter().map(|&tap| tap as i64).collect()
        }
        _ => Vec::new(),
    }
}

/// A network of the picture and one layer.
fn single(op: Op) -> (Network, LayerId) {
    let mut network = Network::new();
    let data = network.push("data", Op::Input { channels: 3 }, &[]);
    let layer = network.push("layer", op, &[data]);
    (network, layer)
}

fn half_squares(layer: LayerId) -> Target {
    Target { layer, aim: Aim::HalfSquares, weight: 1.0 }
}

fn check_single(op: Op, size: Extent) {
    let name = format!("{op:?} of {}x{}", size.height, size.width);
    println!("{name}");
    let (network, layer) = single(op);
    Subject::new(&name, random_weights(&name, network), size, &[half_squares(layer)]).check(60);
}

#[test]
fn convolutions() {
    for (window, (height, width)) in [
        (Window::new(1, 1, 0), (4, 3)),
        (Window::new(3, 1, 1), (5, 4)),
        (Window::new(3, 1, 1), (1, 1)),
        (Window::new(5, 1, 2), (6, 7)),
        (Window::new(5, 1, 2), (2, 3)),
        (Window::new(7, 2, 3), (1, 1)),
        (Window::new(7, 2, 3), (9, 10)),
        (Window::new(7, 2, 3), (10, 9)),
        (Window::new(3, 2, 0), (8, 7)),
        (Window::new(5, 3, 2), (8, 10)),
        (Window::same(7, 2), (9, 10)),
        (Window::same(7, 2), (10, 9)),
        (Window::same(4, 2), (6, 7)),
    ] {
        check_single(Op::Conv { window, channels: 5 }, Extent::new(height, width));
    }
}

#[test]
fn pools() {
    for (window, (height, width)) in [
        (Window::new(3, 2, 0), (7, 8)),
        (Window::new(3, 2, 0), (2, 2)),
        (Window::new(3, 1, 1), (5, 6)),
        (Window::new(3, 1, 1), (1, 1)),
        (Window::new(2, 2, 0), (7, 8)),
        (Window::same(3, 2), (7, 8)),
    ] {
        check_single(Op::MaxPool(window), Extent::new(height, width));
    }
    check_single(Op::GlobalAverage, Extent::new(5, 4));
}

#[test]
fn normalisations() {
    for lrn in [
        Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 },
        Lrn { size: 5, alpha: 2.0, beta: 0.75, k: 1.0 },
        Lrn { size: 3, alpha: 2.0, beta: 0.5, k: 2.0 },
        Lrn { size: 11, alpha: 11e-4, beta: 0.5, k: 2.0 },
    ] {
        check_single(Op::Lrn(lrn), Extent::new(4, 5));
    }
    check_single(Op::Softmax, Extent::square(1));
    check_single(Op::Relu, Extent::square(5));
}

#[test]
fn every_aim() {
    let (network, layer) = single(Op::Conv { window: Window::new(3, 1, 1), channels: 4 });
    let weights = random_weights("aims", network);
    for aim in [Aim::HalfSquares, Aim::Channel(2), Aim::Neuron(3, None), Aim::Neuron(1, Some((0, 4)))] {
        let target = Target { layer, aim, weight: -1.5 };
        Subject::new("aims", weights.clone(), Extent::new(5, 6), &[target]).check(90);
    }
}

/// Targets at one end, in the middle, before a ReLU and after it, and many at once: all the ways in which
/// gradients meet.
#[test]
fn whole_plans() {
    let weights = small_weights();
    let layer = |name: &str| weights.network().find(name).expect("a layer of the small network");
    for names in [
        &["prob"][..],
        &["classifier"],
        &["drop", "average"],
        &["norm1"],
        &["a/output"],
        &["b/5x5_reduce", "b/output"],
        &["a/3x3", "a/relu_3x3", "b/pool_proj"],
        &["a/relu_1x1", "a/5x5"],
        &["conv1", "relu_conv1", "pool1", "a/1x1", "a/relu_5x5_reduce", "a/pool", "pool2", "b/3x3", "prob"],
        &["data", "a/3x3_reduce"],
    ] {
        println!("{names:?}");
        let targets: Vec<Target> = names.iter().map(|name| half_squares(layer(name))).collect();
        Subject::new(&names.join(" + "), weights.clone(), Extent::new(23, 26), &targets).check(60);
    }
}

/// The memory plan: sharing slots changes no bit of any result.
#[test]
fn buffers_in_shared_memory_do_not_disturb_each_other() {
    let weights = small_weights();
    let layer = |name: &str| weights.network().find(name).expect("a layer of the small network");
    let targets = ["prob", "b/5x5_reduce", "a/output"].map(|name| half_squares(layer(name)));
    let wanted = ["pool1", "a/3x3", "b/output"].map(layer);
    let probe = plan_probe(weights.network(), Extent::new(23, 26), &wanted, &targets).expect("large enough");
    assert!(probe.plan.slots.len() < probe.plan.buffers.len(), "something is shared");
    let results = [Memory::separate(&probe.plan), Memory::shared(&probe.plan)].map(|mut memory| {
        let mut random = Random::named("shared memory");
        memory.write(probe.input, (0..probe.input.shape.len()).map(|_| f64::from(random.unit())));
        for step in probe.plan.steps() {
            oracle::run(step, &mut memory, &weights, Jitter::default());
        }
        let views = probe.values.iter().chain(&probe.gradient).chain([&probe.value]);
        views.flat_map(|&view| memory.read(view).to_vec()).map(f64::to_bits).collect::<Vec<_>>()
    });
    assert!(results[0].iter().all(|&bits| f64::from_bits(bits).is_finite()));
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_wrong_gradient_is_noticed() {
    let slopes = [1.0, -2.0, 0.5].map(Some);
    assert!(disagreement(&[1.0, -2.0, 0.5], &slopes) <= LIMIT);
    assert!(disagreement(&[1.0, -2.0, 0.5 + 2.0 * 10.0 * LIMIT], &slopes) > LIMIT);
    let nan = disagreement(&[1.0, f64::NAN, 0.5], &slopes);
    assert!(nan.is_nan());
}
