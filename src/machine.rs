//! The contract of a machine, which loads a plan and runs its phases. There are two: `cpu` and `gpu`.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::net::Weights;
use crate::plan::{BufferId, PhaseId, Plan, View};
use crate::remedy::{Fault, Remedy};

/// The circular shift of one iteration, in pixels: how far the network's picture is moved down and right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jitter {
    /// Rows.
    pub down: i32,
    /// Columns.
    pub right: i32,
}

/// The two kinds of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The processor.
    Cpu,
    /// A GPU, or a driver that emulates one.
    Gpu,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        })
    }
}

/// What a device may measure and remember about itself. By default nothing: it then chooses tiles by rule.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// Folder for what is remembered from run to run: tiles and compiled kernels.
    pub cache: Option<PathBuf>,
    /// Whether to measure which tiles are fastest when a plan has convolutions not measured before, which takes
    /// some seconds in all. Tiles change the speed, but not a single bit of the result.
    pub tune: bool,
}

/// The inputs of an iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Turn<'a> {
    /// The circular shift.
    pub jitter: Jitter,
    /// The numbers that the plan left open: [`Dials::values`](crate::plan::Dials::values) of its table. Empty for
    /// a plan whose numbers are fixed.
    pub dials: &'a [f32],
}

/// A turn of a plan whose numbers are fixed.
impl From<Jitter> for Turn<'static> {
    fn from(jitter: Jitter) -> Self {
        Self { jitter, dials: &[] }
    }
}

/// What the host learns about a finished turn.
#[derive(Clone, Debug)]
pub struct Turned {
    /// Its number, from 0.
    pub turn: usize,
    /// The cells that [`Next::Look`] asked for, as this turn left them.
    pub seen: Option<Vec<f32>>,
}

/// What to do after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Run the next turn.
    Go,
    /// Run the next turn, and bring some cells to the host with one of the following turns, as soon as possible.
    /// Nothing waits for them.
    Look,
    /// Run no further turns beyond those already submitted.
    Stop,
}

impl From<ControlFlow<()>> for Next {
    fn from(flow: ControlFlow<()>) -> Self {
        if flow.is_break() { Self::Stop } else { Self::Go }
    }
}

/// Why a machine failed.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// A device was named that does not exist.
    #[error("{0}")]
    UnknownDevice(String),
    /// No adapter fits the request, or the one that does cannot be opened.
    #[error("{0}")]
    NoDevice(String),
    /// The machine exists, but not in this build of the library.
    #[error("{reason}, and this build leaves out the {kind} machine")]
    NotBuilt {
        /// The kind of machine that is missing.
        kind: Kind,
        /// What it was needed for.
        reason: String,
    },
    /// The system did not let the program start a thread; holds the system's message.
    #[error("no thread can be started to compute on: {0}; raise the limit on the number of processes")]
    NoThread(String),
    /// The plan does not fit the device.
    #[error("too large for the device: {0}")]
    TooLarge(String),
    /// The device failed while it ran.
    #[error("the device failed: {0}; another run may work")]
    Device(String),
}

impl Fault for MachineError {
    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::NoThread(_) => return None,
            Self::UnknownDevice(_) => Remedy::ListDevices,
            Self::NotBuilt { kind: Kind::Cpu, .. } => Remedy::BuildWith("cpu"),
            Self::NotBuilt { kind: Kind::Gpu, .. } => Remedy::BuildWith("gpu"),
            Self::NoDevice(_) | Self::Device(_) if cfg!(not(feature = "cpu")) => Remedy::BuildWith("cpu"),
            Self::NoDevice(_) | Self::Device(_) => Remedy::UseProcessor,
            Self::TooLarge(_) => Remedy::SmallerPicture { largest: None },
        })
    }

    fn is_usage(&self) -> bool {
        matches!(self, Self::UnknownDevice(_))
    }
}

/// The peak performance of a device, as measured on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    /// Floating-point operations per second; a multiply-add counts as two.
    pub flops: f64,
    /// Bytes read and written per second.
    pub bytes: f64,
}

/// Where the time of one turn goes.
#[derive(Clone, Debug)]
pub struct TurnTimes {
    /// The time of each step of the phase, by the device's own clock; 0 for a step that is skipped.
    pub steps: Vec<Duration>,
    /// The time that the host needs to submit the turn.
    pub encode: Duration,
}

/// A device that can run plans.
pub trait Machine: fmt::Debug + Send + Sync {
    /// The name for people: `cpu (2 threads)`, `NVIDIA ... (Vulkan)`.
    fn name(&self) -> String;

    /// The kind of machine.
    fn kind(&self) -> Kind;

    /// Allocates memory for the plan, uploads the weights it uses that are not on the device yet, and prepares
    /// every step. Nothing is compiled or allocated later. Weights stay on the device for as long as there is a
    /// handle to them.
    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError>;

    /// Checks whether the device can hold a plan's buffers at all, before anything is allocated; the error says
    /// what is needed and what there is. This does not consider how much memory is free: see [`Machine::room`] for
    /// that; loading a plan checks it too.
    fn check(&self, plan: &Plan) -> Result<(), MachineError>;

    /// The bytes of memory that a plan takes on this device, not counting weights: its buffers, and the working
    /// memory of the machine.
    fn bytes(&self, plan: &Plan) -> u64 {
        plan.bytes()
    }

    /// The bytes of weights that loading a plan would upload: those that are not on the device yet.
    fn weight_bytes(&self, plan: &Plan, weights: &Weights) -> u64;

    /// The bytes of memory that are free for plans, if known.
    fn room(&self) -> Option<u64>;

    /// Measures the peak performance of the device; this takes some tenths of a second.
    fn ceiling(&self) -> Result<Ceiling, MachineError>;
}

/// Cells that are passed from one plan to another, wherever they are: within a device, they are passed without
/// going through the host.
#[derive(Clone, Debug)]
pub enum Parcel {
    /// In the host's memory.
    Host(Arc<Vec<f32>>),
    /// On a device.
    Device(Arc<dyn Held>),
}

/// Cells that a device keeps, for as long as there is a handle to them.
pub trait Held: Any + fmt::Debug + Send + Sync {
    /// How many cells there are.
    fn cells(&self) -> usize;

    /// Copies them to the host.
    fn read(&self) -> Result<Vec<f32>, MachineError>;
}

impl From<Vec<f32>> for Parcel {
    fn from(cells: Vec<f32>) -> Self {
        Self::Host(Arc::new(cells))
    }
}

impl Parcel {
    /// How many cells there are.
    pub fn cells(&self) -> usize {
        match self {
            Self::Host(cells) => cells.len(),
            Self::Device(held) => held.cells(),
        }
    }

    /// Reads them, copying them to the host if they are not there.
    pub fn read(&self) -> Result<Cow<'_, [f32]>, MachineError> {
        Ok(match self {
            Self::Host(cells) => Cow::Borrowed(cells),
            Self::Device(held) => Cow::Owned(held.read()?),
        })
    }
}

/// Cells on their way to the host, as they were when they were asked for. Until they are waited for, their device is
/// free to do other work.
#[derive(Debug)]
pub enum Reading {
    /// They are in the host's memory.
    Here(Vec<f32>),
    /// A device is copying them there.
    Coming(Box<dyn Coming>),
}

/// Cells that a device is copying to the host.
pub trait Coming: fmt::Debug + Send {
    /// Waits for the copy, but not for work that the device was given later.
    fn wait(self: Box<Self>) -> Result<Vec<f32>, MachineError>;
}

impl Reading {
    /// Waits for the cells.
    ///
    /// # Errors
    /// The device's, if it has failed in the meantime.
    pub fn wait(self) -> Result<Vec<f32>, MachineError> {
        match self {
            Self::Here(cells) => Ok(cells),
            Self::Coming(coming) => coming.wait(),
        }
    }
}

/// A loaded plan. It may be moved to another thread.
pub trait Execution: fmt::Debug + Send {
    /// Fills a view from the host.
    ///
    /// # Panics
    /// If `data` is not as long as the view.
    fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError>;

    /// Copies a view to the host.
    fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError>;

    /// Asks for the present contents of a view without waiting for them. Whatever is done to the view afterwards makes
    /// no difference to them.
    fn request(&mut self, view: View) -> Result<Reading, MachineError> {
        self.read(view).map(Reading::Here)
    }

    /// Copies the present contents of a view, to be passed on.
    fn lift(&mut self, view: View) -> Result<Parcel, MachineError> {
        self.read(view).map(Parcel::from)
    }

    /// Fills a view with cells copied from another.
    ///
    /// # Panics
    /// If the parcel does not have as many cells as the view.
    fn lay(&mut self, view: View, parcel: &Parcel) -> Result<(), MachineError> {
        self.write(view, &parcel.read()?)
    }

    /// Runs a phase once for each turn. After each turn, `watch` is called and returns what to do next. The call
    /// may come some turns late, because the device is not kept waiting. If `watch` asks for a look, a later turn
    /// brings the cells of `look`. Returns, for each turn that was run, the values of `report` after it.
    ///
    /// # Panics
    /// If a turn and the plan do not have the same number of dials.
    fn run(
        &mut self,
        phase: PhaseId,
        turns: &[Turn<'_>],
        report: View,
        look: View,
        watch: &mut dyn FnMut(Turned) -> Next,
    ) -> Result<Vec<Vec<f32>>, MachineError>;

    /// Runs a phase once, without jitter and without a report.
    fn run_once(&mut self, phase: PhaseId, dials: &[f32]) -> Result<(), MachineError>;

    /// Runs a phase once, step by step, and returns how long each step took.
    fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError>;
}

/// A view of a whole buffer of a plan as one row of cells, in the order in which its machine stores them: for
/// tests that compare every byte.
pub fn whole(plan: &Plan, buffer: BufferId) -> View {
    let shape = crate::net::Shape::new(1, 1, plan.buffers[buffer.index()].cells);
    View { buffer, offset: 0, shape }
}
