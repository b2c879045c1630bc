//! What a machine is: something that loads a plan and runs its phases. `cpu` and `gpu` are the two.

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

/// Which of the two machines.
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

/// What a device may measure and remember about itself. By default nothing: it chooses by rule.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// Folder for what is remembered from run to run: tiles and compiled kernels.
    pub cache: Option<PathBuf>,
    /// Whether to look for the fastest tiles when a plan has convolutions that nothing is known about, which
    /// takes some seconds in all. Tiles change the speed, but no bit of the result.
    pub tune: bool,
}

/// What an iteration is given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Turn<'a> {
    /// The circular shift.
    pub jitter: Jitter,
    /// The numbers that the plan left open: [`Dials::values`](crate::plan::Dials::values) of its table.
    /// None for a plan whose numbers are fixed.
    pub dials: &'a [f32],
}

/// A turn of a plan whose numbers are fixed.
impl From<Jitter> for Turn<'static> {
    fn from(jitter: Jitter) -> Self {
        Self { jitter, dials: &[] }
    }
}

/// What the host learns of a finished turn.
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
    /// The next turn.
    Go,
    /// The next turn, and bring along some cells with one of the coming turns, as soon as possible. Nothing
    /// waits for them.
    Look,
    /// No further turns beyond those under way.
    Stop,
}

impl From<ControlFlow<()>> for Next {
    fn from(flow: ControlFlow<()>) -> Self {
        if flow.is_break() { Self::Stop } else { Self::Go }
    }
}

/// Why a machine could not do what it was asked.
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
        /// Which one.
        kind: Kind,
        /// What it was wanted for.
        reason: String,
    },
    /// The system does not let the program start a thread; its message.
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

/// What a device can do at most, as measured on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    /// Floating-point operations a second; a multiply-add counts as two.
    pub flops: f64,
    /// Bytes read and written a second.
    pub bytes: f64,
}

/// Where the time of one turn goes.
#[derive(Clone, Debug)]
pub struct TurnTimes {
    /// Each step of the phase, on the device's own clock; 0 for one that is left out.
    pub steps: Vec<Duration>,
    /// What the host needs to hand the turn over.
    pub encode: Duration,
}

/// A device that can run plans.
pub trait Machine: fmt::Debug + Send + Sync {
    /// For people: `cpu (2 threads)`, `NVIDIA ... (Vulkan)`.
    fn name(&self) -> String;

    /// Which machine it is.
    fn kind(&self) -> Kind;

    /// Takes memory for the plan, brings the weights it uses that are not on the device yet, and
    /// prepares every step. Nothing is compiled or allocated later. Weights stay on the device for
    /// as long as anybody has a handle to them.
    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError>;

    /// Whether the device can hold a plan's buffers at all, before anything is allocated; the error says
    /// what is needed and what there is. How much memory is free is not looked at here, but in
    /// [`Machine::room`] and when a plan is loaded.
    fn check(&self, plan: &Plan) -> Result<(), MachineError>;

    /// Bytes of memory that a plan takes here, weights aside: its buffers, and
    /// what this machine works with beside them.
    fn bytes(&self, plan: &Plan) -> u64 {
        plan.bytes()
    }

    /// Bytes of weights that loading a plan would bring here: those that no plan has brought before.
    fn weight_bytes(&self, plan: &Plan, weights: &Weights) -> u64;

    /// Bytes of memory that are free for plans, where that is known.
    fn room(&self) -> Option<u64>;

    /// Measures what the device can do at most; takes some tenths of a second.
    fn ceiling(&self) -> Result<Ceiling, MachineError>;
}

/// Cells that one plan hands to another, wherever they are: a device hands them to itself without the host.
#[derive(Clone, Debug)]
pub enum Parcel {
    /// In the computer's memory.
    Host(Arc<Vec<f32>>),
    /// On a device.
    Device(Arc<dyn Held>),
}

/// Cells that a device keeps, for as long as anybody has a handle to them.
pub trait Held: Any + fmt::Debug + Send + Sync {
    /// How many.
    fn cells(&self) -> usize;

    /// Brings them to the host.
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

    /// Brings them to the host, if they are not there.
    pub fn read(&self) -> Result<Cow<'_, [f32]>, MachineError> {
        Ok(match self {
            Self::Host(cells) => Cow::Borrowed(cells),
            Self::Device(held) => Cow::Owned(held.read()?),
        })
    }
}

/// A loaded plan. It may move from thread to thread.
pub trait Execution: fmt::Debug + Send {
    /// Fills a view from the host.
    ///
    /// # Panics
    /// If `data` is not as long as the view.
    fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError>;

    /// Brings a view to the host.
    fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError>;

    /// Takes a copy of a view along, as it is now.
    fn lift(&mut self, view: View) -> Result<Parcel, MachineError> {
        self.read(view).map(Parcel::from)
    }

    /// Fills a view with what was taken along from another.
    ///
    /// # Panics
    /// If there are not as many cells as the view has.
    fn lay(&mut self, view: View, parcel: &Parcel) -> Result<(), MachineError> {
        self.write(view, &parcel.read()?)
    }

    /// Runs a phase once for each turn. After each, `watch` is called (perhaps some turns late: the device is
    /// not kept waiting) and says what is to come; where it asks for a look, a later turn brings the cells of
    /// `look`. Returns, for each turn that was run, the values of `report` as they were then.
    ///
    /// # Panics
    /// If a turn does not have as many dials as the plan.
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

    /// Runs a phase once, step by step, and says how long each took.
    fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError>;
}

/// A whole buffer of a plan as one row of cells, in whatever order its machine has
/// them: for tests that look at every byte.
pub fn whole(plan: &Plan, buffer: BufferId) -> View {
    let shape = crate::net::Shape::new(1, 1, plan.buffers[buffer.index()].cells);
    View { buffer, offset: 0, shape }
}
