//! One step alone on a machine, between canaries.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use puppyslug::machine::{Jitter, Machine, MachineError, Next, Turn, whole};
use puppyslug::net::{PlacedWindow, Shape, Weights};
use puppyslug::plan::dials::{Rule, Share};
use puppyslug::plan::{Builder, Gradient, Number, PhaseId, Plan, Step, View, step};
use testkit::{
    Random,
    oracle::{self, Memory, Written},
    relocate, within,
};

use super::inputs::inputs;

/// Cells behind the end of every buffer that nobody may touch: more than a tile of any kernel.
const MARGIN: usize = 300;

/// A step, in a plan of its own.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) step: Step,
    plan: Plan,
    phase: PhaseId,
    report: View,
    weights: Arc<Weights>,
    jitter: Jitter,
    /// Numbers of the step that its plan leaves open.
    dials: Vec<f32>,
    /// Replaces what [`inputs`] would give the views of a single cell.
    scalar: Option<f32>,
    /// What the oracle makes of it: once, for every machine that is judged by it.
    expected: Arc<OnceLock<Vec<Written>>>,
}

impl Case {
    /// The step as it is in `plan`, its views where they were in buffers of the same size and a margin.
    pub(crate) fn isolate(plan: &Plan, step: &Step, weights: &Arc<Weights>, jitter: Jitter) -> Self {
        let mut builder = Builder::new();
        let report = builder.buffer("report", Shape::new(1, 1, 1));
        builder.keep(report);
        let mut homes = HashMap::new();
        for view in step.reads().into_iter().chain(step.writes()) {
            homes.entry(view.buffer).or_insert_with(|| {
                let old = &plan.buffers[view.buffer.index()];
                let new = builder.buffer(old.label.clone(), Shape::new(1, 1, old.cells + MARGIN));
                builder.keep(new);
                new.buffer
            });
        }
        let home =
            |view: View| View { buffer: homes.get(&view.buffer).copied().unwrap_or(report.buffer), ..view };
        let step = relocate(step, home);
        let phase = builder.phase("step", vec![step.clone()]);
        let (plan, weights) = (builder.finish(), weights.clone());
        Self {
            name: describe(&step, jitter),
            step,
            plan,
            phase,
            report,
            weights,
            jitter,
            dials: Vec::new(),
            scalar: None,
            expected: Arc::default(),
        }
    }

    /// The same with a given number in views of one cell.
    pub(crate) fn with_scalar(self, scalar: f32) -> Self {
        let name = format!("{} scalar {scalar}", self.name);
        Self { name, scalar: Some(scalar), expected: Arc::default(), ..self }
    }

    /// The same with dials in the place of its numbers; nothing, if it has none.
    pub(crate) fn dialled(&self) -> Option<Self> {
        let mut case = Self { expected: Arc::default(), ..self.clone() };
        for number in case.step.numbers_mut() {
            case.dials.push(number.at(&[]));
            let rule = Rule::Weight(case.dials.len(), Share::WHOLE); // any that tells them apart
            *number = Number::Dial(case.plan.dials.dial(rule));
        }
        case.plan.phases[case.phase.index()].steps = vec![case.step.clone()];
        (!case.dials.is_empty()).then_some(case)
    }

    /// Runs the step on the machine and in the oracle and compares all memory. Returns the share of the tolerance that the
    /// worst cell uses, and the machine's memory.
    pub(crate) fn check(&self, machine: &dyn Machine) -> Result<(f64, Vec<Vec<f32>>), String> {
        let before = self.prepare();
        let after = self.run(machine, &before).map_err(|error| error.to_string())?;
        Ok((judge(&before, &after, self.expect(&before))?, after))
    }

    /// What the step leaves in the machine's memory.
    pub(crate) fn left_by(&self, machine: &dyn Machine) -> Result<Vec<Vec<f32>>, String> {
        self.run(machine, &self.prepare()).map_err(|error| error.to_string())
    }

    /// The contents of every buffer: random where the step reads, NaN where it must write, else canaries.
    pub(crate) fn prepare(&self) -> Vec<Vec<f32>> {
        let canary = |index: usize| -1e30 - 1e25 * (index % 1009) as f32;
        let mut buffers: Vec<Vec<f32>> =
            self.plan.buffers.iter().map(|buffer| (0..buffer.cells).map(canary).collect()).collect();
        for view in self.step.writes() {
            buffers[view.buffer.index()][view.range()].fill(f32::NAN);
        }
        let mut random = Random::named(&self.name);
        let mut filled = Vec::new();
        for view in self.step.reads() {
            if !filled.contains(&view) {
                let values = match self.scalar {
                    Some(scalar) if view.shape.len() == 1 => vec![scalar],
                    _ => inputs(&self.step, view, &mut random),
                };
                buffers[view.buffer.index()][view.range()].copy_from_slice(&values);
                filled.push(view);
            }
        }
        buffers
    }

    /// What the oracle makes of what [`prepare`](Self::prepare) has made.
    pub(crate) fn expect(&self, before: &[Vec<f32>]) -> &[Written] {
        self.expected.get_or_init(|| {
            let mut memory = Memory::separate(&self.plan);
            for (view, values) in self.buffers().zip(before) {
                memory.write(view, values.iter().copied().map(f64::from));
            }
            oracle::run(&self.step, &mut memory, &self.weights, self.turn())
        })
    }

    fn run(&self, machine: &dyn Machine, before: &[Vec<f32>]) -> Result<Vec<Vec<f32>>, MachineError> {
        let mut execution = machine.load(&self.plan, &self.weights)?;
        for (view, values) in self.buffers().zip(before) {
            execution.write(view, values)?;
        }
        // Maps as maps: a machine may lay their cells out in an order of its own.
        for view in self.maps() {
            execution.write(view, &before[view.buffer.index()][view.range()])?;
        }
        match self.turn() {
            Turn { jitter: Jitter { down: 0, right: 0 }, dials } => execution.run_once(self.phase, dials)?,
            turn => {
                let reports =
                    execution.run(self.phase, &[turn], self.report, self.report, &mut |_| Next::Go)?;
                assert_eq!(reports.len(), 1, "one jitter is one turn");
            }
        }
        let mut after: Vec<Vec<f32>> =
            self.buffers().map(|view| execution.read(view)).collect::<Result<_, _>>()?;
        for view in self.maps() {
            after[view.buffer.index()][view.range()].copy_from_slice(&execution.read(view)?);
        }
        Ok(after)
    }

    fn turn(&self) -> Turn<'_> {
        Turn { jitter: self.jitter, dials: &self.dials }
    }

    fn maps(&self) -> Vec<View> {
        [self.step.reads(), self.step.writes()].concat()
    }

    fn buffers(&self) -> impl Iterator<Item = View> {
        // Views are the only source of ids; the report's is the first.
        let mut views = vec![self.report];
        views.extend(self.step.reads());
        views.extend(self.step.writes());
        views.sort_by_key(|view| view.buffer);
        views.dedup_by_key(|view| view.buffer);
        views.into_iter().map(|view| whole(&self.plan, view.buffer))
    }
}

/// Compares the whole memory with what the step should have written. Returns the share of the tolerance
/// that the worst cell uses.
pub(crate) fn judge(before: &[Vec<f32>], after: &[Vec<f32>], written: &[Written]) -> Result<f64, String> {
    let mut untouched: Vec<Vec<bool>> = before.iter().map(|cells| vec![true; cells.len()]).collect();
    let mut worst: f64 = 0.0;
    for Written { view, cells } in written {
        let share = within(&after[view.buffer.index()][view.range()], cells)
            .map_err(|error| format!("in the output {}: {error}", place(*view)))?;
        worst = worst.max(share);
        untouched[view.buffer.index()][view.range()].fill(false);
    }
    for (buffer, cells) in untouched.iter().enumerate() {
        let touched = |&index: &usize| {
            cells[index] && before[buffer][index].to_bits() != after[buffer][index].to_bits()
        };
        if let Some(index) = (0..cells.len()).find(touched) {
            let (was, is) = (before[buffer][index], after[buffer][index]);
            return Err(format!("buffer {buffer}, cell {index}, beside the output: was {was:e}, is {is:e}"));
        }
    }
    Ok(worst)
}

/// The step and its geometry, enough to tell any two cases apart.
fn describe(step: &Step, jitter: Jitter) -> String {
    let places = |views: Vec<View>| views.into_iter().map(place).collect::<Vec<_>>().join(", ");
    let mut name = format!("{}{}", step.name(), details(step));
    if jitter != Jitter::default() {
        write!(name, " by {},{}", jitter.down, jitter.right).expect("a string takes everything");
    }
    format!("{name}: {} -> {}", places(step.reads()), places(step.writes()))
}

fn place(view: View) -> String {
    if view.offset == 0 { view.shape.to_string() } else { format!("{}@{}", view.shape, view.offset) }
}

fn details(step: &Step) -> String {
    let square = |PlacedWindow { kernel, stride, pad }: PlacedWindow| {
        format!(" k{kernel} s{stride} p{},{}", pad.0, pad.1)
    };
    let flags = |dx: &Gradient| {
        let mask = if dx.mask.is_some() { " mask" } else { "" };
        format!("{mask}{}", if dx.add { " add" } else { "" })
    };
    match step {
        Step::Conv(conv) => format!("{}{}", square(conv.window), if conv.relu { " relu" } else { "" }),
        Step::ConvGradient(conv) => format!("{}{}", square(conv.window), flags(&conv.dx)),
        Step::MaxPool(step::MaxPool { window, .. }) => square(*window),
        Step::MaxPoolGradient(step::MaxPoolGradient { window, dx, .. }) => {
            format!("{}{}", square(*window), flags(dx))
        }
        Step::Lrn(step::Lrn { lrn, .. }) => format!(" n{} b{}", lrn.size, lrn.beta),
        Step::LrnGradient(step::LrnGradient { lrn, dx, .. }) => {
            format!(" n{} b{}{}", lrn.size, lrn.beta, flags(dx))
        }
        Step::WarpGradient(step::WarpGradient { dx, .. }) => flags(dx),
        Step::Sample(step::Sample { flow, first, pitch, .. }) => {
            format!(" {first}+{pitch}i{}", if flow.is_some() { " moved" } else { "" })
        }
        Step::Search(step::Search { stride, .. }) | Step::Densify(step::Densify { stride, .. }) => {
            format!(" s{stride}")
        }
        Step::Propagate(step::Propagate { stride, reach, .. }) => format!(" s{stride} r{reach}"),
        Step::Relax(step::Relax { odd, .. }) => (if *odd { " odd" } else { " even" }).to_owned(),
        Step::Judge(step::Judge { border, .. }) => format!(" {border}"),
        Step::Blur(step::Blur { deviation, down, .. }) => {
            format!(" {deviation}{}", if *down { " down" } else { " across" })
        }
        Step::Means(step::Means { squared: true, .. }) => " squared".to_owned(),
        Step::AverageGradient(step::AverageGradient { dx, .. })
        | Step::SoftmaxGradient(step::SoftmaxGradient { dx, .. }) => flags(dx),
        Step::Gate(step::Gate { y, .. }) => flags(y),
        Step::Seed(step::Seed { functional, scale, dx, .. }) => {
            format!(" {functional:?} {scale:?}{}", flags(dx))
        }
        Step::Contrast(step::Contrast { own, .. }) => format!(" own {own}"),
        Step::Align(step::Align { power, .. }) => format!(" ^{power}"),
        Step::MatchGradient(step::MatchGradient { scale, dx, .. })
        | Step::GramGradient(step::GramGradient { scale, dx, .. })
        | Step::AlignGradient(step::AlignGradient { scale, dx, .. }) => format!(" {scale:?}{}", flags(dx)),
        Step::Measure(step::Measure { functional, scale, add, .. }) => {
            format!(" {functional:?} {scale:?}{}", if *add { " add" } else { "" })
        }
        Step::Ascend(step::Ascend { mask, .. }) => if mask.is_some() { " mask" } else { "" }.to_owned(),
        Step::Smooth(step::Smooth { sigma, .. }) => format!(" {sigma:?}"),
        Step::Expand(step::Expand { factor, .. }) => format!(" {factor}"),
        Step::Variation(step::Variation { weight, exponent, .. }) => format!(" {weight:?} {exponent:?}"),
        Step::Affine(step::Affine { scale, offset, .. }) => format!(" {scale} {offset}"),
        Step::DftColumns(step::DftColumns { back, .. }) => (if *back { " back" } else { "" }).to_owned(),
        Step::Transform(step::Transform { matrix, .. })
        | Step::TransformGradient(step::TransformGradient { matrix, .. }) => format!(" {matrix:?}"),
        Step::Pull(step::Pull { luma, chroma, .. }) => format!(" {luma:?} {chroma:?}"),
        _ => String::new(),
    }
}
