//! What can go wrong with a picture, in messages for its owner.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::format::extensions;
use super::{MAX_PIXELS, MAX_SIDE};
use crate::extent::Extent;
use crate::files::bytes::ByteSize;
use crate::files::output::OutputError;
use crate::remedy::{Fault, Remedy};

/// Why a picture could not be opened, made or saved. Every message is one line and names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There is no such file.
    #[error("there is no picture at '{}'", .path.display())]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// There is a folder where a picture is expected.
    #[error("'{}' is a folder; name a picture file in it", .path.display())]
    Folder {
        /// The path as given.
        path: PathBuf,
    },
    /// The file is there, but the system does not allow reading it.
    #[error("cannot read '{}': {source}", .path.display())]
    Read {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no bytes.
    #[error("'{}' is empty (0 bytes)", .path.display())]
    Empty {
        /// The path as given.
        path: PathBuf,
    },
    /// The content is in no known format, whatever the name says.
    #[error("'{}' is not a picture in a known format; accepted: {}", .path.display(), extensions())]
    NotAPicture {
        /// The path as given.
        path: PathBuf,
    },
    /// It is a picture, but its format or its variant of the format cannot be decoded.
    #[error(
        "'{}' cannot be decoded: {reason}; convert it to an 8-bit or 16-bit picture, one of: {}",
        .path.display(), extensions()
    )]
    Unsupported {
        /// The path as given.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// A known kind of file that cannot be read here.
    #[error("'{}' is {what}; accepted: {}", .path.display(), extensions())]
    Stranger {
        /// The path as given.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The decoder of the format panicked.
    #[error(
        "'{}' cannot be decoded: its decoder crashes on it, which is a bug of the decoder; save it again, as one \
         of: {}", .path.display(), extensions()
    )]
    BrokenDecoder {
        /// The path as given.
        path: PathBuf,
    },
    /// The file starts like a picture but its content is wrong or stops early.
    #[error("'{}' is damaged or cut short: {reason}", .path.display())]
    Damaged {
        /// The path as given.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The size of the picture in the file is not acceptable.
    #[error("'{}': {source}", .path.display())]
    FileSize {
        /// The path as given.
        path: PathBuf,
        /// The size, and what is accepted.
        source: Box<Self>,
    },
    /// The file asks for more memory than the largest accepted picture takes.
    #[error(
        "'{}' is too large; at most {MAX_SIDE} a side and {MAX_PIXELS} pixels in all are accepted",
        .path.display()
    )]
    Memory {
        /// The path as given.
        path: PathBuf,
    },
    /// Reading it takes more memory than there is.
    #[error("'{}' is {size}, which takes {needed} of memory to read, and there are {memory}", .path.display())]
    NoRoom {
        /// The path as given.
        path: PathBuf,
        /// The size of the picture in the file.
        size: Extent,
        /// What reading it takes.
        needed: ByteSize,
        /// The memory that there is, or that is allowed.
        memory: ByteSize,
    },
    /// A picture needs at least one pixel.
    #[error("a picture of {size} has no pixels; each side must be at least 1")]
    NoPixels {
        /// Its size in pixels.
        size: Extent,
    },
    /// More pixels than this program handles.
    #[error(
        "a picture of {size} is too large; at most {MAX_SIDE} a side and {MAX_PIXELS} pixels \
         in all are accepted"
    )]
    TooLarge {
        /// Its size in pixels.
        size: Extent,
    },
    /// The number of samples does not match the size.
    #[error("{given} samples were given for {what} of a {size} picture, which needs {needed}")]
    Samples {
        /// Which samples: the colour planes or the alpha plane.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many the size asks for.
        needed: usize,
        /// Its size in pixels.
        size: Extent,
    },
    /// The extension of the file name is not that of a format that can be written.
    #[error("'{}' does not end in a format that can be written; accepted: {}", .path.display(), extensions())]
    Extension {
        /// The path as given.
        path: PathBuf,
    },
    /// The way the picture is to be saved does not fit its format.
    #[error("cannot save '{}': {reason}", .path.display())]
    Unsuitable {
        /// The path as given.
        path: PathBuf,
        /// What does not fit, and what would.
        reason: String,
    },
    /// The picture is larger than the format of the file name allows.
    #[error(
        "cannot save '{}': {size} is too large for this format, which allows at most {limit} a side; \
         save as png or tiff", .path.display()
    )]
    LargerThanFormat {
        /// The path as given.
        path: PathBuf,
        /// Its size in pixels.
        size: Extent,
        /// The longest side of the format, in pixels.
        limit: usize,
    },
    /// The file cannot be written; the old one, if any, is untouched.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Fault for PictureError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NoRoom { .. } => Some(Remedy::SmallerPicture { largest: None }),
            Self::NotAPicture { path } if is_film(path) => Some(Remedy::DreamFilm),
            _ => None,
        }
    }

    fn is_usage(&self) -> bool {
        match self {
            Self::Output(error) => error.is_usage(),
            Self::Extension { .. } | Self::Unsuitable { .. } => true,
            _ => false,
        }
    }
}

/// Whether a file is a film by its name.
fn is_film(path: &Path) -> bool {
    let films = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "flv", "ogv", "nut"];
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| films.contains(&ending.to_ascii_lowercase().as_str()))
}

/// What a decoder, an encoder or the system said, joined into one line.
pub(super) fn one_line(said: &impl fmt::Display) -> String {
    let said = said.to_string();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}
