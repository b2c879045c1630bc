//! Optical flow: how each pixel of one picture has moved in another, how far that can be relied on, and the file
//! format for it.
//!
//! The computation is an ordinary plan: see [`plan::flow`](crate::plan::flow).

mod middlebury;
mod reliability;
mod wheel;

use crate::extent::Extent;
use crate::machine::{Execution, Machine, MachineError};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::flow::{FlowPlan, FlowSettings, plan_flow};
use crate::remedy::{Fault, Remedy};

pub use middlebury::{FlowFileError, read_flo, write_flo};
pub use reliability::{Borders, reliability};
pub use wheel::draw;

/// How far each pixel of a picture moves, in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    extent: Extent,
    /// The displacements down, then those to the right.
    cells: Vec<f32>,
}

impl Flow {
    /// Takes how far each pixel moves down, then how far each moves right.
    ///
    /// # Panics
    /// If there are not two numbers for each pixel.
    pub fn new(extent: Extent, cells: Vec<f32>) -> Self {
        assert_eq!(cells.len(), 2 * extent.plane(), "a row and a column for each pixel");
        Self { extent, cells }
    }

    /// The size in rows and columns.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// How far each pixel moves down, row by row.
    pub fn down(&self) -> &[f32] {
        &self.cells[..self.extent.plane()]
    }

    /// How far each pixel moves right, row by row.
    pub fn right(&self) -> &[f32] {
        &self.cells[self.extent.plane()..]
    }

    /// How far each pixel moves, down and right.
    pub fn vectors(&self) -> impl Iterator<Item = [f32; 2]> {
        self.down().iter().zip(self.right()).map(|(&down, &right)| [down, right])
    }
}

/// Why no flow was found.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A flow needs two pictures of the same size.
    #[error("the first picture is {first}, the second {second}; a flow needs two of the same size")]
    Sizes {
        /// The size of the first picture.
        first: Extent,
        /// The size of the second picture.
        second: Extent,
    },
    /// The machine failed.
    #[error(transparent)]
    Machine(#[from] MachineError),
}

impl Fault for FlowError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Sizes { .. } => None,
            Self::Machine(error) => error.remedy(),
        }
    }
}

/// Finds flows between pictures of one size. It is prepared once and used any number of times.
#[derive(Debug)]
pub struct FlowFinder {
    size: Extent,
    plan: FlowPlan,
    execution: Box<dyn Execution>,
}

impl FlowFinder {
    /// Prepares a machine for pictures of this size.
    ///
    /// # Errors
    /// The machine's, for pictures too large for it.
    pub fn new(machine: &dyn Machine, size: Extent, settings: &FlowSettings) -> Result<Self, MachineError> {
        let plan = plan_flow(size, settings);
        let execution = machine.load(&plan.plan, &Weights::none())?;
        Ok(Self { size, plan, execution })
    }

    /// Finds, by brightness, where each pixel of the first picture is in the second.
    ///
    /// # Errors
    /// [`FlowError::Sizes`] for pictures of another size than was prepared for, and the machine's own.
    pub fn find(&mut self, first: &Picture, second: &Picture) -> Result<Flow, FlowError> {
        for picture in [first, second] {
            if picture.extent() != self.size {
                return Err(FlowError::Sizes { first: self.size, second: picture.extent() });
            }
        }
        let Self { plan, execution, .. } = self;
        execution.write(plan.first, &first.luma())?;
        execution.write(plan.second, &second.luma())?;
        execution.run_once(plan.phase, &[])?;
        Ok(Flow { extent: self.size, cells: execution.read(plan.flow)? })
    }
}
