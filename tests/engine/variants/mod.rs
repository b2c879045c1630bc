//! inception5h and torchvision's GoogLeNet against PyTorch in float64, and all that is done with a network
//! done with them. `make.py` beside this file says how the fixtures were made.

mod seeded;

use std::ops::ControlFlow;
use std::sync::Arc;

use libtest_mimic::Failed;
use puppyslug::cpu::Cpu;
use puppyslug::dream::probe::{network_input, probe};
use puppyslug::dream::{Config, Dream, Objective};
use puppyslug::extent::Extent;
use puppyslug::machine::{Jitter, Machine};
use puppyslug::net::{Op, Variant, Weights};
use puppyslug::picture::sky::sky;
use puppyslug::plan::probe::{ProbePlan, plan_probe};
use testkit::{
    ACTIVATION, GRADIENT, Golden, Trial, oracle::Memory, relative_distance, run_along_branches, unshared,
};

/// A picture of one of the networks with everything that is known about it.
#[derive(Clone)]
struct Case {
    fixtures: Arc<Golden>,
    weights: Arc<Weights>,
    /// `inception5h/even`.
    name: String,
}

/// Of probabilities: an absolute error of a logit is a relative one of its probability, and the largest logits of the
/// seeded networks are about 50, where half a unit in the last place alone is 2e-6.
const PROBABILITY: f64 = 50.0 * ACTIVATION;

pub(crate) fn trials() -> Vec<Trial> {
    let path = testkit::project().join("tests/fixtures/variants/fixtures.safetensors");
    let fixtures = Arc::new(Golden::open(&path));
    let mut trials = vec![Trial::test("the graph is known by its shapes", graphs_are_known_by_their_shapes)];
    for variant in [Variant::Inception5h, Variant::Torchvision] {
        let weights = Arc::new(read(variant, true).expect("a good file"));
        for case in ["even", "odd"] {
            let name = format!("{}/{case}", variant.name());
            let case = Case { fixtures: fixtures.clone(), weights: weights.clone(), name };
            trials.extend(case.trials());
        }
        let negative = (fixtures.clone(), weights.clone());
        trials.push(Trial::test(format!("{}: a shifted picture is noticed", variant.name()), move || {
            a_shifted_picture_is_noticed(negative.0.clone(), negative.1.clone())
        }));
        trials.extend(testkit::on_each_machine(&format!("{}: a dream", variant.name()), move |machine| {
            dreams(machine, &weights)
        }));
    }
    trials
}

fn read(variant: Variant, told: bool) -> Result<Weights, String> {
    Weights::from_bytes("made by a formula", &seeded::weights_file(variant, told))
        .map_err(|error| error.to_string())
}

fn graphs_are_known_by_their_shapes() -> Result<(), Failed> {
    for variant in Variant::ALL {
        let weights = read(variant, false)?;
        ensure(weights.variant() == variant, || format!("{variant:?} is taken for {:?}", weights.variant()))?;
        ensure(weights.mean() == variant.mean(), || format!("{variant:?} has {:?}", weights.mean()))?;
        ensure(weights.favourite_layer() == variant.favourite_layer(), || format!("{variant:?}"))?;
    }
    Ok(())
}

impl Case {
    fn trials(&self) -> Vec<Trial> {
        let case = self.clone();
        let mut trials = testkit::on_each_kernel(&format!("{}/activation", self.name), move |machine| {
            case.activations(machine)
        });
        for objective in self.known("gradient") {
            let case = self.clone();
            let name = format!("{}/gradient/{objective}", self.name);
            trials.extend(testkit::on_each_kernel(&name, move |machine| case.gradient(machine, &objective)));
        }
        trials
    }

    fn size(&self) -> Extent {
        let size = self.fixtures.values(&format!("{}/size", self.name));
        Extent::new(size[0] as usize, size[1] as usize)
    }

    fn input(&self) -> Vec<f32> {
        let mean = self.weights.mean()[0];
        seeded::picture(&self.name, self.size()).into_iter().map(|level| level - mean).collect()
    }

    /// What the file has of this case under `kind`.
    fn known(&self, kind: &str) -> Vec<String> {
        let prefix = format!("{}/{kind}/", self.name);
        let names = self.fixtures.names();
        names.iter().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned)).collect()
    }

    fn activations(&self, machine: &dyn Machine) -> Result<(), Failed> {
        let layers = self.known("activation");
        assert!(!layers.is_empty(), "{} has activations", self.name);
        let network = self.weights.network();
        let wanted: Result<Vec<_>, _> = layers.iter().map(|name| network.find(name)).collect();
        let plan = plan_probe(network, self.size(), &wanted?, &[])?;
        let found = self.run(machine, &plan)?;
        for (layer, found) in layers.iter().zip(found) {
            let limit = match network[network.find(layer)?].op {
                Op::Softmax => PROBABILITY,
                _ => ACTIVATION,
            };
            accept(&format!("activation/{layer}"), self.distance("activation", layer, &found), limit)?;
        }
        Ok(())
    }

    /// Where the gradient is not PyTorch's, it is judged along the branches that the machine took.
    fn gradient(&self, machine: &dyn Machine, objective: &str) -> Result<(), Failed> {
        let plan = self.plan(objective)?;
        let found = self.run(machine, &plan)?.remove(0);
        let distance = self.distance("gradient", objective, &found);
        let Err(error) = accept(objective, distance, GRADIENT) else { return Ok(()) };
        let unshared = unshared(&plan.plan);
        let mut execution = machine.load(&unshared, &self.weights)?;
        execution.write(plan.input, &self.input())?;
        execution.run_once(plan.phase, &[])?;
        let mut memory = Memory::separate(&unshared);
        memory.write(plan.input, self.input().into_iter().map(f64::from));
        let (jitter, execution) = (Jitter::default(), execution.as_mut());
        let forks = run_along_branches(unshared.steps(), &mut memory, &self.weights, jitter, execution)?;
        if forks == 0 {
            return Err(error);
        }
        let expected = memory.read(plan.gradient.expect("there is a target"));
        let expected: Vec<f32> = expected.iter().map(|&value| value as f32).collect();
        eprintln!("{}/{objective}: {distance:.1e}, {forks} branches differ", self.name);
        accept(&format!("{objective} along branches"), relative_distance(&found, &expected), GRADIENT)
    }

    fn plan(&self, objective: &str) -> Result<ProbePlan, Failed> {
        let objective: Objective = objective.parse()?;
        let targets = objective.resolve(&self.weights)?;
        Ok(plan_probe(self.weights.network(), self.size(), &[], &targets)?)
    }

    /// The wanted values, then the gradient.
    fn run(&self, machine: &dyn Machine, plan: &ProbePlan) -> Result<Vec<Vec<f32>>, Failed> {
        let mut execution = machine.load(&plan.plan, &self.weights)?;
        execution.write(plan.input, &self.input())?;
        execution.run_once(plan.phase, &[])?;
        let views = plan.values.iter().chain(&plan.gradient);
        Ok(views.map(|&view| execution.read(view)).collect::<Result<_, _>>()?)
    }

    /// From the sample that was kept: about a thousand cells, an odd number apart.
    fn distance(&self, kind: &str, name: &str, found: &[f32]) -> f64 {
        let stride = (found.len() / 1000).max(1) | 1;
        let found: Vec<f32> = found.iter().copied().step_by(stride).collect();
        let distance =
            relative_distance(&found, &self.fixtures.values(&format!("{}/{kind}/{name}", self.name)));
        eprintln!("{}/{kind}/{name}: {distance:.1e}", self.name);
        distance
    }
}

/// NaN is within no limit.
fn accept(what: &str, distance: f64, limit: f64) -> Result<(), Failed> {
    ensure(distance <= limit, || format!("{what}: relative distance {distance:e}, limit {limit:e}"))
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint().into()) }
}

/// The negative control: padding in the wrong place is noticed.
fn a_shifted_picture_is_noticed(fixtures: Arc<Golden>, weights: Arc<Weights>) -> Result<(), Failed> {
    let name = format!("{}/even", weights.variant().name());
    let case = Case { fixtures, weights, name };
    let plan = plan_probe(
        case.weights.network(),
        case.size(),
        &[case.weights.network().find("conv1/7x7_s2")?],
        &[],
    )?;
    let mut execution = Cpu::new().load(&plan.plan, &case.weights)?;
    let mut input = case.input();
    let width = case.size().width;
    let layer = case.weights.network()[case.weights.network().find("conv1/7x7_s2")?].name.clone();
    for wrong in [false, true] {
        if wrong {
            input.rotate_right(width + 1); // as if the padding were a cell wider above and to the left
        }
        execution.write(plan.input, &input)?;
        execution.run_once(plan.phase, &[])?;
        let distance = case.distance("activation", &layer, &execution.read(plan.values[0])?);
        ensure((distance <= ACTIVATION) != wrong, || format!("wrong: {wrong}, and {distance:e} away"))?;
    }
    Ok(())
}

/// A dream with nothing said moves the picture, and the network sees in it what the dream was of.
fn dreams(machine: &dyn Machine, weights: &Weights) -> Result<(), Failed> {
    let config = Config { octaves: 2.into(), iterations: 2.into(), ..Config::for_weights(weights) };
    let picture = sky(Extent::new(77, 90), 5)?;
    let mut dream = Dream::prepare(machine, weights, Extent::new(77, 90), &config)?;
    let mut iterations = 0;
    let dreamed = dream.run(&picture, &mut |_| {
        iterations += 1;
        ControlFlow::Continue(())
    })?;
    ensure(dreamed.complete && iterations == 4, || "not the whole dream".to_owned())?;
    let moved = relative_distance(dreamed.picture.rgb(), picture.rgb());
    ensure(moved > 1e-3, || format!("the dream moved by {moved:e}"))?;

    // The favourite layer by both its names.
    let favourite = weights.network().find(weights.favourite_layer())?;
    let layer = &weights.network()[favourite];
    let names = [layer.name.clone(), layer.caffe_name().to_owned()];
    let input = |picture| network_input(picture, weights.mean());
    let before = probe(machine, weights, &input(&picture), &names, &config.objectives)?;
    let after = probe(machine, weights, &input(&dreamed.picture), &names, &config.objectives)?;
    ensure(after.value > before.value, || format!("{:?} after {:?}", after.value, before.value))?;
    let [(own, one), (caffe, other)] = &after.activations[..] else { return Err("two layers".into()) };
    ensure([own, caffe] == [&names[0], &names[1]], || "names are kept as they were given".to_owned())?;
    ensure(one.cells == other.cells, || "two names, two values".to_owned())?;
    ensure(after.gradient.is_some_and(|gradient| gradient.cells.iter().any(|&cell| cell != 0.0)), || {
        "no gradient".to_owned()
    })
}
