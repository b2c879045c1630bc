//! Why a picture of a batch is left out.

use std::path::PathBuf;

/// Why a picture cannot be dreamed over.
#[derive(Debug, thiserror::Error)]
pub enum Objection {
    /// A folder of pictures is also that for the dreams.
    #[error("the dreams would be saved among the pictures; choose another folder for them")]
    AmongPictures,
    /// Another picture's dream goes to the same place.
    #[error("'{}' is the dream of '{}'; dream it on its own", out.display(), other.display())]
    Taken {
        /// The place.
        out: PathBuf,
        /// The other picture.
        other: PathBuf,
    },
    /// The dream would replace a picture.
    #[error("its dream would overwrite '{}', which is itself to be dreamed over", out.display())]
    Replaces {
        /// The picture.
        out: PathBuf,
    },
    /// What is in a folder is not to be known.
    #[error("cannot list the folder: {0}")]
    Unlistable(#[source] std::io::Error),
}
