//! Whole passes against PyTorch in float64, with the weights of 2015.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::machine::{Jitter, Machine};
use puppyslug::net::{LayerId, Weights};
use puppyslug::plan::network::{Aim, LowerError, Target};
use puppyslug::plan::probe::{ProbePlan, plan_probe};
use testkit::{
    ACTIVATION, GRADIENT, Golden, Trial,
    oracle::{self, Memory},
    relative_distance, run_along_branches, unshared,
};

/// Relative distance of the oracle: golden values and what is compared are each rounded once to f32.
const ORACLE: f64 = 2.0 * oracle::EPSILON;

/// A golden input with everything that is known about it.
#[derive(Clone)]
struct Case {
    golden: Arc<Golden>,
    weights: Arc<Weights>,
    name: String,
}

/// What computes a plan: a machine or the oracle.
type Runner<'a> = &'a dyn Fn(&ProbePlan, &Weights, &[f32]) -> Result<Vec<Vec<f32>>, Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("a wrong map is noticed", a_wrong_map_is_noticed)];
    match (
        testkit::shared("golden/network.safetensors"),
        testkit::shared("weights/bvlc_googlenet.safetensors"),
    ) {
        (Ok(golden), Ok(weights)) => trials.extend(comparisons(&golden, &weights)),
        (Err(why), _) | (_, Err(why)) => trials.push(Trial::missing("golden values", why)),
    }
    trials
}

fn comparisons(golden: &Path, weights: &Path) -> Vec<Trial> {
    let golden = Arc::new(Golden::open(golden));
    let weights = Arc::new(Weights::open(weights).expect("the original weights are in our format"));
    let names = golden.names();
    let inputs = names.iter().filter_map(|name| name.strip_suffix("/input"));
    let cases =
        inputs.map(|name| Case { golden: golden.clone(), weights: weights.clone(), name: name.to_owned() });
    let cases: Vec<Case> = cases.collect();
    let smallest = cases.iter().min_by_key(|case| case.input().len()).expect("a golden case").clone();
    let mut trials = vec![Trial::test(format!("{} by the oracle", smallest.name), move || {
        smallest.activations(&by_oracle, ORACLE)?;
        smallest
            .objectives()
            .iter()
            .try_for_each(|objective| smallest.gradient(objective, &by_oracle, ORACLE))
    })];
    for case in cases {
        trials.extend(case.trials());
    }
    trials
}

impl Case {
    fn trials(&self) -> Vec<Trial> {
        let case = self.clone();
        let mut trials = testkit::on_each_kernel(&format!("{}/activation", self.name), move |machine| {
            case.activations(&|probe, weights, input| by_machine(machine, probe, weights, input), ACTIVATION)
        });
        for objective in self.objectives() {
            let case = self.clone();
            let name = format!("{}/gradient/{objective}", self.name);
            trials.extend(testkit::on_each_kernel(&name, move |machine| {
                case.gradient_of_machine(machine, &objective)
            }));
        }
        trials
    }

    fn input(&self) -> Vec<f32> {
        self.golden.values(&format!("{}/input", self.name))
    }

    fn size(&self) -> Extent {
        let shape = self.golden.shape(&format!("{}/input", self.name));
        Extent::new(shape[1], shape[2])
    }

    /// What the file has of this case under `kind`.
    fn known(&self, kind: &str) -> Vec<String> {
        let prefix = format!("{}/{kind}/", self.name);
        self.golden.names().iter().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned)).collect()
    }

    fn objectives(&self) -> Vec<String> {
        self.known("gradient")
    }

    fn layer(&self, name: &str) -> LayerId {
        self.weights.network().find(name).expect("golden layers exist")
    }

    /// All known activations, from one pass.
    fn activations(&self, run: Runner, limit: f64) -> Result<(), Failed> {
        let layers = self.known("activation");
        assert!(!layers.is_empty(), "{} has activations", self.name);
        let wanted: Vec<LayerId> = layers.iter().map(|name| self.layer(name)).collect();
        let probe = plan_probe(self.weights.network(), self.size(), &wanted, &[])?;
        let results = run(&probe, &self.weights, &self.input())?;
        for (layer, found) in layers.iter().zip(results) {
            self.compare(&format!("activation/{layer}"), &found, limit)?;
        }
        Ok(())
    }

    /// The picture's gradient of one objective.
    fn gradient(&self, objective: &str, run: Runner, limit: f64) -> Result<(), Failed> {
        let results = run(&self.probe(objective)?, &self.weights, &self.input())?;
        self.compare(&format!("gradient/{objective}"), &results[0], limit)
    }

    /// The same; and where it is not the golden one, judged on the path that the machine took.
    fn gradient_of_machine(&self, machine: &dyn Machine, objective: &str) -> Result<(), Failed> {
        let probe = self.probe(objective)?;
        let found = by_machine(machine, &probe, &self.weights, &self.input())?.remove(0);
        let Err(error) = self.compare(&format!("gradient/{objective}"), &found, GRADIENT) else {
            return Ok(());
        };
        let (expected, forks) = self.gradient_along_branches(machine, &probe)?;
        if forks == 0 {
            return Err(error);
        }
        let distance = relative_distance(&found, &expected);
        eprintln!("  {forks} branches differ; along them {distance:.1e} of {GRADIENT:.1e}");
        Ok(accept(distance, GRADIENT)?)
    }

    /// The oracle's gradient along the machine's branches, and at how many cells they fork.
    fn gradient_along_branches(
        &self,
        machine: &dyn Machine,
        probe: &ProbePlan,
    ) -> Result<(Vec<f32>, usize), Failed> {
        let plan = unshared(&probe.plan);
        let mut execution = machine.load(&plan, &self.weights)?;
        execution.write(probe.input, &self.input())?;
        execution.run_once(probe.phase, &[])?;
        let mut memory = Memory::separate(&plan);
        memory.write(probe.input, self.input().into_iter().map(f64::from));
        let (jitter, machine) = (Jitter::default(), execution.as_mut());
        let forks = run_along_branches(plan.steps(), &mut memory, &self.weights, jitter, machine)?;
        let gradient = memory.read(probe.gradient.expect("there is a target"));
        Ok((gradient.iter().map(|&value| value as f32).collect(), forks))
    }

    fn probe(&self, objective: &str) -> Result<ProbePlan, LowerError> {
        plan_probe(self.weights.network(), self.size(), &[], &[self.target(objective)])
    }

    /// `l2:LAYER`, `channel:LAYER:N`, `neuron:LAYER:N` or `logit:LAYER:N`; layers' names have no colon.
    fn target(&self, objective: &str) -> Target {
        let parts: Vec<&str> = objective.split(':').collect();
        let number = || parts[2].parse().expect("a channel");
        let aim = match parts[0] {
            "l2" => Aim::HalfSquares,
            "channel" => Aim::Channel(number()),
            "neuron" | "logit" => Aim::Neuron(number(), None),
            other => panic!("golden objective '{other}'"),
        };
        Target { layer: self.layer(parts[1]), aim, weight: 1.0 }
    }

    fn compare(&self, key: &str, found: &[f32], limit: f64) -> Result<(), Failed> {
        let key = format!("{}/{key}", self.name);
        let distance = relative_distance(found, &self.golden.values(&key));
        eprintln!("{key}: {distance:.1e} of {limit:.1e}");
        accept(distance, limit).map_err(|error| format!("{key}: {error}").into())
    }
}

/// NaN is within no limit.
fn accept(distance: f64, limit: f64) -> Result<(), String> {
    if distance <= limit { Ok(()) } else { Err(format!("relative distance {distance:e}, limit {limit:e}")) }
}

/// The wanted values, then the gradient.
fn by_machine(
    machine: &dyn Machine,
    probe: &ProbePlan,
    weights: &Weights,
    input: &[f32],
) -> Result<Vec<Vec<f32>>, Failed> {
    let mut execution = machine.load(&probe.plan, weights)?;
    execution.write(probe.input, input)?;
    execution.run_once(probe.phase, &[])?;
    let views = probe.values.iter().chain(&probe.gradient);
    Ok(views.map(|&view| execution.read(view)).collect::<Result<_, _>>()?)
}

fn by_oracle(probe: &ProbePlan, weights: &Weights, input: &[f32]) -> Result<Vec<Vec<f32>>, Failed> {
    let mut memory = Memory::separate(&probe.plan);
    memory.write(probe.input, input.iter().copied().map(f64::from));
    for step in probe.plan.steps() {
        oracle::run(step, &mut memory, weights, Jitter::default());
    }
    let read = |&view| memory.read(view).iter().map(|&value| value as f32).collect();
    Ok(probe.values.iter().chain(&probe.gradient).map(read).collect())
}

/// The negative control: one cell in a thousand off by a percent, or NaN.
fn a_wrong_map_is_noticed() -> Result<(), Failed> {
    let mut random = testkit::Random::named("a map");
    let golden = random.fill(1000, testkit::Random::unit);
    accept(relative_distance(&golden, &golden), ORACLE)?;
    let largest = (0..1000).max_by(|&a, &b| golden[a].abs().total_cmp(&golden[b].abs())).expect("not empty");
    for wrong in [golden[largest] * 1.01, f32::NAN] {
        let mut map = golden.clone();
        map[largest] = wrong;
        if accept(relative_distance(&map, &golden), GRADIENT).is_ok() {
            return Err(format!("{wrong} for {} was not noticed", golden[largest]).into());
        }
    }
    Ok(())
}
