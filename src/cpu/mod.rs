//! The processor machine: runs any plan on the cores of the computer, without a driver or a GPU.
//!
//! Every step is spread over the threads of rayon. What is added to a cell, and in which order, never depends on
//! the number of threads or their speed: the same plan gives the same bits.

mod ceiling;
mod convolution;
mod dft;
mod filter;
mod free;
mod functional;
mod gemm;
mod gradient;
mod isa;
mod memory;
mod panel;
mod patch;
mod phases;
mod resident;
mod spread;
mod step;
mod stride;
mod threads;
mod winograd;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::files::bytes::ByteSize;
use crate::machine::{Ceiling, Execution, Kind, Machine, MachineError, Next, Turn, TurnTimes, Turned};
use crate::net::{DeviceId, Weights};
use crate::plan::convolution::FilterKey;
use crate::plan::{PhaseId, Plan, View};
use filter::Filter;
use free::free_memory;
pub use isa::Isa;
use memory::{Memory, Scratch};
use resident::Resident;
use step::Workplace;

/// The processor as a machine.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    isa: Isa,
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new()
    }
}

impl Cpu {
    /// All cores, or as many as `RAYON_NUM_THREADS` says, with the fastest instructions.
    pub fn new() -> Self {
        Self { isa: Isa::best() }
    }

    /// The same with a given instruction set; `None` if this processor does not have it.
    pub fn with(isa: Isa) -> Option<Self> {
        isa.is_there().then_some(Self { isa })
    }

    /// The same, with its threads started. There are fewer threads if the system does not grant more.
    ///
    /// # Errors
    /// [`MachineError::NoThread`] if it grants none at all.
    pub fn open() -> Result<Self, MachineError> {
        threads::start()?;
        Ok(Self::new())
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
        threads::start()?;
        check_room(plan.bytes() + self.weight_bytes(plan, weights))?;
        Ok(Box::new(CpuExecution {
            plan: plan.clone(),
            filters: resident(weights).of(plan, weights),
            memory: Memory::new(plan),
            isa: self.isa,
            scratch: Scratch::default(),
        }))
    }

    // The only limit is memory, and `room` says how much there is.
    fn check(&self, _: &Plan) -> Result<(), MachineError> {
        Ok(())
    }

    fn weight_bytes(&self, plan: &Plan, weights: &Weights) -> u64 {
        resident(weights).missing_bytes(plan)
    }

    fn room(&self) -> Option<u64> {
        free_memory()
    }

    fn ceiling(&self) -> Result<Ceiling, MachineError> {
        threads::start()?;
        Ok(ceiling::measure(self.isa))
    }
}

/// What the processor keeps of a network's weights.
fn resident(weights: &Weights) -> Arc<Resident> {
    weights.resident(DeviceId::PROCESSOR, Resident::default)
}

/// Whether so many bytes are free at this moment.
fn check_room(needed: u64) -> Result<(), MachineError> {
    match free_memory() {
        Some(there) if needed > there => Err(MachineError::TooLarge(format!(
            "{} of memory are needed, and {} are free",
            ByteSize(needed),
            ByteSize(there)
        ))),
        _ => Ok(()),
    }
}

/// A plan and its memory.
#[derive(Debug)]
struct CpuExecution {
    plan: Plan,
    filters: HashMap<FilterKey, Arc<Filter>>,
    memory: Memory,
    isa: Isa,
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
        turns: &[Turn<'_>],
        report: View,
        look: View,
        watch: &mut dyn FnMut(Turned) -> Next,
    ) -> Result<Vec<Vec<f32>>, MachineError> {
        let mut reports = Vec::new();
        let mut next = Next::Go;
        for (number, &turn) in turns.iter().enumerate() {
            self.turn(phase, turn);
            reports.push(self.memory.get(report).to_vec());
            let seen = (next == Next::Look).then(|| self.memory.get(look).to_vec());
            next = watch(Turned { turn: number, seen });
            if next == Next::Stop {
                break;
            }
        }
        Ok(reports)
    }

    fn run_once(&mut self, phase: PhaseId, dials: &[f32]) -> Result<(), MachineError> {
        self.turn(phase, Turn { dials, ..Turn::default() });
        Ok(())
    }

    fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError> {
        let count = self.plan.phases[phase.index()].steps.len();
        let mut steps = Vec::with_capacity(count);
        rayon::scope(|_| {
            for number in 0..count {
                let start = Instant::now();
                self.steps(phase, number..number + 1, Turn { dials, ..Turn::default() });
                steps.push(start.elapsed());
            }
        });
        Ok(TurnTimes { steps, encode: Duration::ZERO })
    }
}

impl CpuExecution {
    /// Runs a phase, entirely inside the thread pool: handing over every step from outside would cost more than
    /// the smallest steps themselves.
    fn turn(&mut self, phase: PhaseId, turn: Turn<'_>) {
        let all = 0..self.plan.phases[phase.index()].steps.len();
        rayon::scope(|_| self.steps(phase, all, turn));
    }

    fn steps(&mut self, phase: PhaseId, range: Range<usize>, turn: Turn<'_>) {
        let &mut Self { ref plan, ref filters, ref mut memory, isa, ref scratch } = self;
        assert_eq!(turn.dials.len(), plan.dials.len(), "a turn has the dials of its plan");
        let phase = &plan.phases[phase.index()];
        let mut at = Workplace { memory, isa, scratch, filters, turn };
        for number in range.filter(|&number| phase.does(number, turn.dials)) {
            step::run(&phase.steps[number], &mut at);
        }
    }
}
