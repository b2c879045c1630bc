//! A machine with little memory, for tests.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::lock;
use crate::cpu::Cpu;
use crate::machine::{Ceiling, Execution, Kind, Machine, MachineError, Next, Turn, TurnTimes, Turned};
use crate::net::Weights;
use crate::plan::{PhaseId, Plan, View};

/// When it becomes known how much memory there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::studio) enum Knows {
    /// The machine reports it beforehand, as the CPU does.
    Beforehand,
    /// It only becomes known when there is none left, as on a GPU.
    TooLate,
}

/// A machine with this many bytes of memory.
#[derive(Debug, Clone)]
pub(in crate::studio) struct Small {
    bytes: u64,
    knows: Knows,
    use_of: Arc<Mutex<Use>>,
    /// Notified whenever memory is requested that may be, or is, unavailable.
    asked: Arc<Mutex<Sender<()>>>,
}

#[derive(Debug, Default)]
struct Use {
    now: u64,
    most: u64,
}

pub(in crate::studio) fn small(bytes: u64, knows: Knows) -> (Small, Receiver<()>) {
    let (asked, hears) = channel();
    (Small { bytes, knows, use_of: Arc::default(), asked: Arc::new(Mutex::new(asked)) }, hears)
}

impl Small {
    pub(in crate::studio) fn tell(&self) {
        lock(&self.asked).send(()).expect("the test listens");
    }

    pub(in crate::studio) fn most(&self) -> u64 {
        lock(&self.use_of).most
    }
}

impl Machine for Small {
    fn name(&self) -> String {
        "small".to_owned()
    }

    fn kind(&self) -> Kind {
        Kind::Cpu
    }

    fn weight_bytes(&self, _: &Plan, _: &Weights) -> u64 {
        0
    }

    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
        let mut used = lock(&self.use_of);
        if self.knows == Knows::TooLate && used.now + plan.bytes() > self.bytes {
            self.tell();
            return Err(MachineError::TooLarge("nothing is left".to_owned()));
        }
        used.now += plan.bytes();
        used.most = used.most.max(used.now);
        let execution = Cpu::new().load(plan, weights)?;
        Ok(Box::new(Loaded { execution, bytes: plan.bytes(), use_of: Arc::clone(&self.use_of) }))
    }

    fn check(&self, plan: &Plan) -> Result<(), MachineError> {
        match self.knows {
            Knows::Beforehand if plan.bytes() > self.bytes => {
                Err(MachineError::TooLarge("it is small".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn room(&self) -> Option<u64> {
        self.tell();
        // What is free at this moment, as if dreams used all of their memory at once.
        (self.knows == Knows::Beforehand).then(|| self.bytes - lock(&self.use_of).now)
    }

    fn ceiling(&self) -> Result<Ceiling, MachineError> {
        Cpu::new().ceiling()
    }
}

/// A plan loaded on it; dropping this releases its memory.
#[derive(Debug)]
struct Loaded {
    execution: Box<dyn Execution>,
    bytes: u64,
    use_of: Arc<Mutex<Use>>,
}

impl Drop for Loaded {
    fn drop(&mut self) {
        lock(&self.use_of).now -= self.bytes;
    }
}

impl Execution for Loaded {
    fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError> {
        self.execution.write(view, data)
    }

    fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError> {
        self.execution.read(view)
    }

    fn run(
        &mut self,
        phase: PhaseId,
        turns: &[Turn<'_>],
        report: View,
        look: View,
        watch: &mut dyn FnMut(Turned) -> Next,
    ) -> Result<Vec<Vec<f32>>, MachineError> {
        self.execution.run(phase, turns, report, look, watch)
    }

    fn run_once(&mut self, phase: PhaseId, dials: &[f32]) -> Result<(), MachineError> {
        self.execution.run_once(phase, dials)
    }

    fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError> {
        self.execution.time(phase, dials)
    }
}
