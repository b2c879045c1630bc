//! Why a reference cannot be used. This is a file of its own to avoid an import cycle: the errors of dreams
//! contain these errors, and making references can fail with errors of dreams.

use crate::dream::objective::{Role, accepted_after};
use crate::extent::Extent;
use crate::picture::PictureError;
use crate::remedy::Fault;

/// A reference that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// It is given, but no objective uses it.
    #[error("a {role} is given, but no objective uses it; one that does is {}", accepted_after(*role))]
    Unused {
        /// What the picture is for.
        role: Role,
    },
    /// Its box lies outside the picture.
    #[error("the box {x},{y},{width},{height} does not lie inside its picture of {picture}")]
    Outside {
        /// First column.
        x: usize,
        /// First row.
        y: usize,
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// The picture's size.
        picture: Extent,
    },
    /// Its features have no direction.
    #[error(
        "layer '{layer}' responds to nothing in the region, so there is no direction to grow towards; give another box or layer"
    )]
    Nothing {
        /// Layer name.
        layer: String,
    },
    /// Something is wrong with a direction.
    #[error("the direction '{file}': {reason}")]
    Direction {
        /// Its file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The network cannot process it.
    #[error("the {role}: {reason}")]
    Unseen {
        /// What the picture is for.
        role: Role,
        /// Why not.
        reason: String,
    },
    /// It cannot be read or resized.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

impl Fault for ReferenceError {
    fn is_usage(&self) -> bool {
        match self {
            Self::Unused { .. } | Self::Outside { .. } | Self::Direction { .. } => true,
            Self::Picture(error) => error.is_usage(),
            Self::Nothing { .. } | Self::Unseen { .. } => false,
        }
    }
}
