//! Why a picture of a batch is not dreamed over.

use std::path::PathBuf;

/// Why a picture cannot be dreamed over.
#[derive(Debug, thiserror::Error)]
pub enum Objection {
    /// The folder for the dreams is also a folder of pictures.
    #[error("the dreams would be saved among the pictures; choose another folder for them")]
    AmongPictures,
    /// Another picture's dream has the same path.
    #[error("'{}' is the dream of '{}'; dream it on its own", out.display(), other.display())]
    Taken {
        /// The path.
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
    /// The content of a folder cannot be listed.
    #[error("cannot list the folder: {0}")]
    Unlistable(#[source] std::io::Error),
}
