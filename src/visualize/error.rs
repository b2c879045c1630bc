//! Errors of visualisations.

use crate::dream::DreamError;
use crate::extent::Extent;
use crate::remedy::{Fault, Remedy};

/// Why a visualisation failed.
#[derive(Debug, thiserror::Error)]
pub enum VisualizeError {
    /// An error that can prevent a dream too.
    #[error(transparent)]
    Dream(DreamError),
    /// An objective names octaves or a mask.
    #[error("'{objective}' names octaves or a mask, but a visualisation has none; leave out @ and #")]
    Placed {
        /// The objective.
        objective: String,
    },
    /// The picture has a single column.
    #[error("a picture of {size} is too narrow to be made of frequencies; 2 columns are needed")]
    Narrow {
        /// Its size.
        size: Extent,
    },
    /// There is nothing to climb.
    #[error(
        "nothing was found that moves {objective}: its gradient is zero in {starts} different starts{}",
        prelude(*.steps)
    )]
    Silent {
        /// What was to be climbed.
        objective: String,
        /// How many starts were tried.
        starts: usize,
        /// How many steps towards the value before the ReLU were tried; 0 if there is no such value.
        steps: usize,
    },
    /// The numbers overflowed.
    #[error("the gradient of {objective} is not finite: the weights or the objective's weight are too large")]
    NotFinite {
        /// What was climbed.
        objective: String,
    },
}

fn prelude(steps: usize) -> String {
    match steps {
        0 => String::new(),
        steps => format!(", and still after {steps} steps towards its value before ReLU"),
    }
}

impl<E: Into<DreamError>> From<E> for VisualizeError {
    fn from(error: E) -> Self {
        Self::Dream(error.into())
    }
}

impl Fault for VisualizeError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Dream(error) => error.remedy(),
            _ => None,
        }
    }

    fn is_usage(&self) -> bool {
        match self {
            Self::Dream(error) => error.is_usage(),
            Self::Placed { .. } | Self::Narrow { .. } => true,
            Self::Silent { .. } | Self::NotFinite { .. } => false,
        }
    }
}
