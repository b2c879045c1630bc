//! The processor machine: runs any plan on the cores of the computer, without a driver or a GPU.
//!
//! Every step spreads over the threads of rayon. What a cell receives, and in which order, never depends on
//! how many threads there are or which is faster: the same plan gives the same bits.

mod blur;
mod ceiling;
mod convolution;
mod gemm;
mod gradient;
mod likeness;
mod lrn;
mod memory;
mod picture;
mod pool;
mod resident;
mod shaping;
mod spread;
mod tap;

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::machine::{Ceiling, Execution, Jitter, Kind, Machine, MachineError, TurnTimes};
use crate::net::{DeviceId, Weights};
use crate::plan::convolution::FilterKey;
use crate::plan::{Gradient, PhaseId, Plan, Step, View};
use convolution::Filter;
use gradient::Destination;
use memory::{Memory, Scratch};
use resident::Resident;

/// The processor as a machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

impl Cpu {
    /// All cores, or as many as `RAYON_NUM_THREADS` says.
    pub fn new() -> Self {
        Self
    }
}

impl Machine for Cpu {
    fn name(&self) -> String {
        match rayon::current_num_threads() {
            1 => "cpu (1 thread)".to_owned(),
            threads => format!("cpu ({threads} threads)"),
        }
    }

    fn kind(&self) -> Kind {
        Kind::Cpu
    }

    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
        check_room(plan.bytes() + self.weight_bytes(plan, weights))?;
        Ok(Box::new(CpuExecution {
            plan: plan.clone(),
            filters: resident(weights).of(plan, weights),
            memory: Memory::new(plan),
            scratch: Scratch::default(),
        }))
    }

    // Memory is all there is to fit into, and `room` tells how much.
    fn check(&self, _: &Plan) -> Result<(), MachineError> {
        Ok(())
    }

    fn weight_bytes(&self, plan: &Plan, weights: &Weights) -> u64 {
        resident(weights).missing_bytes(plan)
    }

    fn room(&self) -> Option<u64> {
        available_memory()
    }

    fn ceiling(&self) -> Result<Ceiling, MachineError> {
        Ok(ceiling::measure())
    }
}

/// What the processor keeps of a network's weights.
fn resident(weights: &Weights) -> Arc<Resident> {
    weights.resident(DeviceId::PROCESSOR, Resident::default)
}

/// Whether so many bytes are free at this moment.
fn check_room(needed: u64) -> Result<(), MachineError> {
    let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
    match available_memory() {
        Some(there) if needed > there => Err(MachineError::TooLarge(format!(
            "{} of memory are needed, and {} are free",
            gigabytes(needed),
            gigabytes(there)
        ))),
        _ => Ok(()),
    }
}

/// Bytes that can be had without swapping, where the system says so.
fn available_memory() -> Option<u64> {
    let report = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = report.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

/// A plan and its memory.
struct CpuExecution {
    plan: Plan,
    filters: HashMap<FilterKey, Arc<Filter>>,
    memory: Memory,
    scratch: Scratch,
}

impl Execution for CpuExecution {
    fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError> {
        self.memory.lend(view, |_, cells| cells.copy_from_slice(data));
        Ok(())
    }

    fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError> {
        Ok(self.memory.get(view).to_vec())
    }

    fn run(
        &mut self,
        phase: PhaseId,
        turns: &[Jitter],
        report: View,
        watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Vec<Vec<f32>>, MachineError> {
        let mut reports = Vec::new();
        for (turn, &jitter) in turns.iter().enumerate() {
            self.turn(phase, jitter);
            reports.push(self.memory.get(report).to_vec());
            if watch(turn).is_break() {
                break;
            }
        }
        Ok(reports)
    }

    fn run_once(&mut self, phase: PhaseId) -> Result<(), MachineError> {
        self.turn(phase, Jitter::default());
        Ok(())
    }

    fn time(&mut self, phase: PhaseId) -> Result<TurnTimes, MachineError> {
        let count = self.plan.phases[phase.index()].steps.len();
        let mut steps = Vec::with_capacity(count);
        rayon::scope(|_| {
            for number in 0..count {
                let start = Instant::now();
                self.steps(phase, number..number + 1, Jitter::default());
                steps.push(start.elapsed());
            }
        });
        Ok(TurnTimes { steps, encode: Duration::ZERO })
    }
}

impl CpuExecution {
    /// Runs a phase. All of it inside the thread pool: handing over every step from outside costs more than
    /// the smallest of them.
    fn turn(&mut self, phase: PhaseId, jitter: Jitter) {
        let all = 0..self.plan.phases[phase.index()].steps.len();
        rayon::scope(|_| self.steps(phase, all, jitter));
    }

    fn steps(&mut self, phase: PhaseId, range: Range<usize>, jitter: Jitter) {
        let Self { plan, filters, memory, scratch } = self;
        for step in &plan.phases[phase.index()].steps[range] {
            match step.gemm() {
                Some(gemm) => {
                    let filter = &filters[&gemm.filter];
                    memory.lend_all(&gemm.destinations, |memory, destinations| {
                        convolution::run(&gemm, filter, memory, destinations, scratch);
                    });
                }
                None => run(step, jitter, memory, scratch),
            }
        }
    }
}

/// Runs a step that is no GEMM.
fn run(step: &Step, jitter: Jitter, memory: &mut Memory, scratch: &Scratch) {
    match *step {
        Step::Conv(_) | Step::ConvGradient(_) => unreachable!("these are GEMMs"),
        Step::Relu { x, y } => memory.lend(y, |memory, y| picture::relu(memory.get(x), y)),
        Step::MaxPool { x, y, choice: None, window } => memory.lend(y, |memory, cells| {
            pool::max(window, memory.get(x), x.shape, cells, y.shape, scratch);
        }),
        Step::MaxPool { x, y, choice: Some(choice), window } => memory.lend(y, |memory, cells| {
            memory.lend(choice, |memory, choice| {
                pool::max_and_choice(window, memory.get(x), x.shape, (cells, choice), y.shape, scratch);
            });
        }),
        Step::MaxPoolGradient { dy, choice, window, dx } => with_gradient(memory, &dx, |memory, cells| {
            let (from, to) = (dx.view.shape, dy.shape);
            pool::max_gradient(window, memory.get(dy), memory.get(choice), to, cells, from);
        }),
        Step::Lrn { x, y, lrn } => {
            memory.lend(y, |memory, y| lrn::forward(lrn, memory.get(x), y, x.shape));
        }
        Step::LrnGradient { x, dy, lrn, dx } => with_gradient(memory, &dx, |memory, cells| {
            lrn::gradient(lrn, (memory.get(x), memory.get(dy)), cells, x.shape, scratch);
        }),
        Step::Average { x, y } => {
            memory.lend(y, |memory, y| pool::average(memory.get(x), x.shape.plane(), y));
        }
        Step::AverageGradient { dy, dx } => with_gradient(memory, &dx, |memory, cells| {
            pool::average_gradient(memory.get(dy), cells, dx.view.shape.plane());
        }),
        Step::Softmax { x, y } => memory.lend(y, |memory, y| picture::softmax(memory.get(x), y)),
        Step::SoftmaxGradient { y, dy, dx } => with_gradient(memory, &dx, |memory, cells| {
            picture::softmax_gradient(memory.get(y), memory.get(dy), cells);
        }),
        Step::Seed { x, functional, dx } => with_gradient(memory, &dx, |memory, cells| {
            picture::seed(functional, || memory.get(x), cells, x.shape);
        }),
        Step::Gate { x, gate, y } => with_gradient(memory, &y, |memory, cells| {
            picture::gate(memory.get(x), memory.get(gate), cells);
        }),
        Step::Match { x, guide, choice, score } => memory.lend(choice, |memory, choice| {
            memory.lend(score, |memory, score| {
                let operands = (memory.get(x), memory.get(guide));
                likeness::best(operands, x.shape.channels, choice, score, scratch);
            });
        }),
        Step::MatchGradient { guide, choice, scale, dx } => with_gradient(memory, &dx, |memory, cells| {
            likeness::gradient(memory.get(guide), memory.get(choice), scale, cells);
        }),
        Step::Measure { x, functional, total, add } => memory.lend(total, |memory, total| {
            let value = picture::measure(functional, memory.get(x), x.shape);
            total[0] = if add { total[0] + value as f32 } else { value as f32 };
        }),
        Step::Roll { x, y } => {
            memory.lend(y, |memory, y| picture::roll(jitter, memory.get(x), y, x.shape));
        }
        Step::Ascend { x, dx, magnitude, mask, step, bounds } => memory.lend(x, |memory, cells| {
            let magnitude = memory.get(magnitude)[0];
            if magnitude > 0.0 {
                let mask = mask.map(|mask| memory.get(mask));
                picture::ascend(jitter, cells, memory.get(dx), step / magnitude, mask, bounds, x.shape);
            }
        }),
        Step::Resize { x, y, base } => memory.lend(y, |memory, cells| {
            let base = base.map(|base| memory.get(base));
            picture::resize(memory.get(x), x.shape, cells, y.shape, base);
        }),
        Step::Difference { a, b, y } => {
            memory.lend(y, |memory, y| picture::difference(memory.get(a), memory.get(b), y));
        }
        Step::Affine { x, scale, offset } => memory.lend(x, |_, x| shaping::affine(x, scale, offset)),
        Step::Level { x, levels } => memory.lend(x, |memory, x| shaping::level(x, memory.get(levels))),
        Step::Pull { x, source, luma, chroma } => memory.lend(x, |memory, x| {
            shaping::pull(x, memory.get(source), luma, chroma);
        }),
        Step::Smooth { x, y, age, sigma } => memory.lend(y, |memory, cells| {
            let sigma = sigma.0 + sigma.1 * memory.get(age)[0];
            blur::smooth(memory.get(x), cells, x.shape, sigma);
        }),
        Step::Shrink { x, y } => {
            memory.lend(y, |memory, cells| blur::shrink(memory.get(x), x.shape, cells, y.shape));
        }
        Step::Expand { x, y, factor } => memory.lend(y, |memory, cells| {
            blur::expand(memory.get(x), x.shape, cells, y.shape, factor);
        }),
        Step::Variation { x, dx, weight, exponent } => memory.lend(dx, |memory, dx| {
            shaping::variation(memory.get(x), dx, x.shape, weight, exponent);
        }),
        Step::Adam { dx, first, second, mass } => memory.lend(first, |memory, first| {
            memory.lend(second, |memory, second| {
                memory.lend(dx, |memory, cells| {
                    shaping::adam(jitter, cells, first, second, memory.get(mass), dx.shape);
                });
            });
        }),
    }
}

fn with_gradient(memory: &mut Memory, gradient: &Gradient, work: impl FnOnce(&Memory, Destination<'_>)) {
    memory.lend(gradient.view, |memory, cells| work(memory, Destination::new(memory, cells, gradient)));
}
