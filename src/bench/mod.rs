//! How fast a machine dreams, kernel by kernel, compared with the most it could do.

mod roofline;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::dream::Objective;
use crate::dream::{DreamError, to_network};
use crate::extent::Extent;
use crate::machine::{Ceiling, Execution, Machine, Next, Turn};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::Step;
use crate::plan::dream::{DreamPlan, DreamSettings, OctaveSettings, plan_dream};
use crate::plan::iteration::Iteration;
use crate::remedy::{Fault, Remedy};

pub use roofline::roofline;

/// One kernel at one geometry.
#[derive(Clone, Debug)]
pub struct Row {
    /// Kind and geometry.
    pub step: String,
    /// Part of the iteration.
    pub part: Part,
    /// How often it runs in an iteration.
    pub count: usize,
    /// Of one run: the middle of all.
    pub median: Duration,
    /// Of one run: the shortest.
    pub minimum: Duration,
    /// Operations of one run, as the algorithm needs them.
    pub flops: u64,
    /// Bytes of one run, as the algorithm needs them.
    pub bytes: u64,
}

/// A part of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Picture to target.
    Forward,
    /// Target to picture.
    Backward,
    /// Roll, measure, ascend.
    Loop,
}

/// All that was measured.
#[derive(Clone, Debug)]
pub struct Report {
    /// The machine.
    pub device: String,
    /// What is climbed.
    pub objective: String,
    /// The size of the picture.
    pub size: Extent,
    /// What the machine can do at most, measured in the same run.
    pub ceiling: Ceiling,
    /// In order of their first run.
    pub rows: Vec<Row>,
    /// One iteration as the dream runs it, several under way: the middle of all.
    pub iteration: Duration,
    /// What the host spends on handing an iteration over: the middle of all.
    pub encode: Duration,
}

impl Row {
    /// Operations a second, by the median.
    pub fn rate(&self) -> f64 {
        self.flops as f64 / self.median.as_secs_f64().max(1e-9)
    }

    /// Bytes a second, by the median.
    pub fn bandwidth(&self) -> f64 {
        self.bytes as f64 / self.median.as_secs_f64().max(1e-9)
    }

    /// Operations a byte.
    pub fn intensity(&self) -> f64 {
        self.flops as f64 / self.bytes as f64
    }

    /// Share of what the machine could do at this intensity: the nearer roof of the two.
    pub fn share(&self, ceiling: &Ceiling) -> f64 {
        self.rate() / ceiling.flops.min(ceiling.bytes * self.intensity())
    }
}

impl Report {
    /// Device time of a part of the iteration.
    pub fn part(&self, part: Part) -> Duration {
        self.rows.iter().filter(|row| row.part == part).map(|row| row.median * row.count as u32).sum()
    }

    /// Device time of all steps.
    pub fn steps(&self) -> Duration {
        [Part::Forward, Part::Backward, Part::Loop].map(|part| self.part(part)).iter().sum()
    }

    /// What an iteration takes beyond its steps.
    pub fn gaps(&self) -> Duration {
        self.iteration.saturating_sub(self.steps())
    }

    /// Share of the arithmetic ceiling over the whole iteration.
    pub fn share(&self) -> f64 {
        let flops: u64 = self.rows.iter().map(|row| row.flops * row.count as u64).sum();
        flops as f64 / self.iteration.as_secs_f64() / self.ceiling.flops
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// There is nothing to measure.
    #[error(transparent)]
    Dream(#[from] DreamError),
    /// The machine computes something else than another one does.
    #[error(
        "one step on {device} ends {distance:.1e} away from the same step on {other}, so its times would mean nothing"
    )]
    Wrong {
        /// The machine.
        device: String,
        /// The machine it was compared with.
        other: String,
        /// Relative distance.
        distance: f64,
    },
}

impl Fault for BenchError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Dream(error) => error.remedy(),
            Self::Wrong { .. } => None,
        }
    }

    fn is_usage(&self) -> bool {
        matches!(self, Self::Dream(error) if error.is_usage())
    }
}

impl From<crate::machine::MachineError> for BenchError {
    fn from(error: crate::machine::MachineError) -> Self {
        Self::Dream(error.into())
    }
}

/// Largest relative distance between two machines' gradients that may be rounding and a few maxima that fell
/// the other way; a wrong kernel is off by its whole size.
const RIGHT: f64 = 0.05;

/// Measures `turns` iterations over `picture`, after a check that the machine dreams as another one does.
pub fn measure(
    machine: &dyn Machine,
    other: Option<&dyn Machine>,
    weights: &Weights,
    picture: &Picture,
    objectives: &[Objective],
    turns: usize,
) -> Result<Report, BenchError> {
    let size = picture.extent();
    let plan = plan(weights, size, objectives)?;
    let input = to_network(picture, weights.mean());
    if let Some(other) = other {
        check(machine, other, weights, &plan, &input)?;
    }
    let mut execution = start(machine, weights, &plan, &input)?;
    let climb = plan.octaves[0].climb;
    let mut times = Vec::new();
    for _ in 0..turns {
        times.push(execution.time(climb, &[])?);
    }
    let steps = &plan.plan.phases[climb.index()].steps;
    let median = |number: usize| middle(times.iter().map(|turn| turn.steps[number]).collect());
    let shortest = |number: usize| times.iter().map(|turn| turn.steps[number]).min().unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut medians: Vec<Vec<Duration>> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let name = step.to_string();
        let at = *known.entry(name.clone()).or_insert_with(|| {
            rows.push(Row {
                step: name,
                part: part_of(steps, number),
                count: 0,
                median: Duration::ZERO,
                minimum: Duration::MAX,
                flops: step.flops(),
                bytes: step.bytes(weights),
            });
            medians.push(Vec::new());
            rows.len() - 1
        });
        rows[at].count += 1;
        rows[at].minimum = rows[at].minimum.min(shortest(number));
        medians[at].push(median(number));
    }
    for (row, medians) in rows.iter_mut().zip(medians) {
        row.median = medians.iter().sum::<Duration>() / medians.len() as u32;
    }
    Ok(Report {
        device: machine.name(),
        objective: objectives.iter().map(Objective::to_string).collect::<Vec<_>>().join(" + "),
        size,
        ceiling: machine.ceiling()?,
        rows,
        iteration: iteration(&mut *execution, &plan, turns)?,
        encode: middle(times.iter().map(|turn| turn.encode).collect()),
    })
}

fn plan(weights: &Weights, size: Extent, objectives: &[Objective]) -> Result<DreamPlan, DreamError> {
    let resolved = objectives.iter().map(|objective| objective.resolve(weights));
    let targets = resolved.collect::<Result<Vec<_>, _>>()?.concat();
    let config = crate::dream::Config::default();
    let settings = DreamSettings {
        octaves: vec![OctaveSettings::plain(size, targets, *config.step.at(0))],
        bounds: config.bounds(),
        masks: 0,
        moving: false,
        carried: false,
        iteration: Iteration::default(),
    };
    Ok(plan_dream(weights.network(), &settings)?)
}

/// Loads the plan and brings the picture to the start of its only octave.
fn start(
    machine: &dyn Machine,
    weights: &Weights,
    plan: &DreamPlan,
    input: &[f32],
) -> Result<Box<dyn Execution>, BenchError> {
    let mut execution = machine.load(&plan.plan, weights)?;
    execution.write(plan.input, input)?;
    execution.run_once(plan.bases, &[])?;
    execution.run_once(plan.octaves[0].enter, &[])?;
    Ok(execution)
}

/// One iteration on the machine against the same on another.
fn check(
    machine: &dyn Machine,
    other: &dyn Machine,
    weights: &Weights,
    plan: &DreamPlan,
    input: &[f32],
) -> Result<(), BenchError> {
    let dreamed = |machine: &dyn Machine| -> Result<Vec<f32>, BenchError> {
        let mut execution = start(machine, weights, plan, input)?;
        execution.run_once(plan.octaves[0].climb, &[])?;
        Ok(execution.read(plan.output)?)
    };
    let (found, expected) = (dreamed(machine)?, dreamed(other)?);
    let square =
        |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum() };
    let distance = (square(&found, &expected) / square(&expected, input)).sqrt();
    if distance <= RIGHT {
        Ok(())
    } else {
        Err(BenchError::Wrong { device: machine.name(), other: other.name(), distance })
    }
}

/// Time of one iteration when several are handed over at once.
fn iteration(execution: &mut dyn Execution, plan: &DreamPlan, turns: usize) -> Result<Duration, BenchError> {
    let mut ends = vec![Instant::now()];
    let (octave, turns) = (&plan.octaves[0], vec![Turn::default(); turns + 2]);
    execution.run(octave.climb, &turns, plan.report, octave.picture, &mut |_| {
        ends.push(Instant::now());
        Next::Go
    })?;
    // The first one also waits for what was under way before.
    Ok(middle(ends.windows(2).skip(1).map(|pair| pair[1] - pair[0]).collect()))
}

fn part_of(steps: &[Step], number: usize) -> Part {
    let first_seed = steps.iter().position(|step| matches!(step, Step::Seed(_))).unwrap_or(steps.len());
    match &steps[number] {
        Step::Roll(_) | Step::Ascend(_) => Part::Loop,
        // The objective's value is measured just before its seed, the gradient's magnitude at the end.
        Step::Measure(_) => Part::Loop,
        _ if number < first_seed => Part::Forward,
        _ => Part::Backward,
    }
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
