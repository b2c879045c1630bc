//! Why there is no dream.

use super::config::ConfigError;
use super::objective::ObjectiveError;
use super::reference::error::ReferenceError;
use super::tiles::MosaicError;
use crate::extent::Extent;
use crate::machine::MachineError;
use crate::picture::PictureError;
use crate::plan::network::LowerError;
use crate::remedy::{Fault, Remedy};

/// Why there is no dream.
#[derive(Debug, thiserror::Error)]
pub enum DreamError {
    /// A setting makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An objective names something that is not there.
    #[error(transparent)]
    Objective(#[from] ObjectiveError),
    /// The picture cannot be made in the size that is needed.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A picture to be steered by is of no use.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The picture does not fit the network.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The picture cannot be cut into tiles like these.
    #[error(transparent)]
    Mosaic(#[from] MosaicError),
    /// The machine failed.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The picture does not fit the machine.
    #[error("a dream of {size} is too large: {reason}{}", hopeless(*.fitting))]
    TooLarge {
        /// The picture's size.
        size: Extent,
        /// What the machine said.
        reason: String,
        /// What would fit.
        fitting: Option<Fitting>,
    },
    /// There is nothing to climb.
    #[error(
        "the gradient is zero in octave {octave} ({size}): nothing in this picture moves {objective}. \
         Try another layer, a picture with more in it, or fewer octaves"
    )]
    ZeroGradient {
        /// Which octave, from 1.
        octave: usize,
        /// Its size.
        size: Extent,
        /// What was to be climbed.
        objective: String,
        /// The same objective before its ReLU, where the layer comes after one.
        before_relu: Vec<String>,
    },
    /// No class depends on the layer.
    #[error("layer '{layer}' says nothing about classes: none of them depends on it")]
    Mute {
        /// Layer name.
        layer: String,
    },
    /// A setting that cannot be changed while the dream is loaded.
    #[error(
        "{setting} is fixed at {loaded} while this dream is loaded, but {asked} was asked for; load another dream for that"
    )]
    Fixed {
        /// The setting.
        setting: String,
        /// Its value.
        loaded: String,
        /// The value that was asked for.
        asked: String,
    },
    /// The state to continue from belongs to another dream.
    #[error("the state after octave {done} does not belong to this dream, which has {octaves} octaves")]
    Standing {
        /// How many octaves the state says are done.
        done: usize,
        /// How many octaves there are.
        octaves: usize,
    },
    /// The numbers overflowed.
    #[error(
        "the gradient is not finite in octave {octave}: the weights or the objective's weight are too large"
    )]
    NotFinite {
        /// Which octave, from 1.
        octave: usize,
    },
}

/// What would fit the machine instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitting {
    /// The largest picture of the same shape.
    Picture(Extent),
    /// The longest side of fast tiles of the same picture. That would be a different dream.
    Tiles(usize),
}

/// What the message adds if nothing would fit.
fn hopeless(fitting: Option<Fitting>) -> &'static str {
    match fitting {
        Some(_) => "",
        None => "; no picture of this shape is small enough for the device and large enough for the layer",
    }
}

impl Fault for DreamError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Objective(error) => error.remedy(),
            Self::Picture(error) => error.remedy(),
            Self::Mosaic(error) => error.remedy(),
            Self::ZeroGradient { before_relu, .. } if !before_relu.is_empty() => {
                Some(Remedy::ClimbBeforeRelu(before_relu.clone()))
            }
            Self::Machine(error) => error.remedy(),
            Self::TooLarge { fitting: Some(Fitting::Picture(largest)), .. } => {
                Some(Remedy::SmallerPicture { largest: Some(*largest) })
            }
            Self::TooLarge { fitting: Some(Fitting::Tiles(largest)), .. } => {
                Some(Remedy::SmallerTiles { largest: *largest })
            }
            _ => None,
        }
    }

    fn is_usage(&self) -> bool {
        match self {
            Self::Config(_) | Self::Mute { .. } => true,
            Self::Objective(error) => error.is_usage(),
            Self::Picture(error) => error.is_usage(),
            Self::Reference(error) => error.is_usage(),
            Self::Machine(error) => error.is_usage(),
            _ => false,
        }
    }
}
