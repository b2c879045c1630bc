//! Why a film cannot be read or written.

use std::io;
use std::path::PathBuf;

use super::codec::{Codec, CodecError};
use super::container::Container;
use super::guard::ACCEPTED;
use super::span::Moment;
use crate::extent::Extent;
use crate::files::output::OutputError;
use crate::picture::PictureError;
use crate::remedy::{Fault, Remedy};

/// Why a film cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilmError {
    /// One of ffmpeg's programs was not found.
    #[error("cannot start '{program}', which reads and writes films: {source}")]
    NoProgram {
        /// The name it was called by.
        program: String,
        /// The system's error.
        source: io::Error,
    },
    /// A program that is called ffmpeg but is not ffmpeg.
    #[error("'{program}' is not ffmpeg: it does not say its version")]
    NotFfmpeg {
        /// The name it was called by.
        program: String,
    },
    /// An ffmpeg that is too old.
    #[error("'{program}' is ffmpeg {version}, which is too old; 5.1 or newer is needed")]
    TooOld {
        /// The name it was called by.
        program: String,
        /// The version that it reports.
        version: String,
    },
    /// An ffmpeg that was built without a required part.
    #[error("this ffmpeg was built without {part}, which {purpose}")]
    NoPart {
        /// The part, by ffmpeg's name.
        part: &'static str,
        /// What it is needed for.
        purpose: &'static str,
    },
    /// The file does not exist.
    #[error("there is no film '{}'", .path.display())]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder, a device or a pipe.
    #[error("'{}' is not a film: it is {kind}; a file is needed", .path.display())]
    NotAFile {
        /// The path as given.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A file that ffmpeg cannot read, or is not allowed to read.
    #[error("cannot read the film '{}': {reason}; accepted: {}", .path.display(), ACCEPTED)]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// ffmpeg's message.
        reason: String,
    },
    /// A file without a film in it.
    #[error("'{}' has no moving pictures: it holds {holds}", .path.display())]
    NoPictures {
        /// The path as given.
        path: PathBuf,
        /// What it contains.
        holds: String,
    },
    /// HDR without a choice of what to do with it.
    #[error(
        "'{}' is in HDR ({light}), which can be converted to SDR or kept as it is coded; say which", .path.display()
    )]
    Hdr {
        /// The path as given.
        path: PathBuf,
        /// The common name of its HDR format.
        light: &'static str,
    },
    /// An ffmpeg that cannot convert HDR to SDR.
    #[error("this ffmpeg was built without {part}, which converts HDR to SDR")]
    Unmapped {
        /// The part, by ffmpeg's name.
        part: &'static str,
    },
    /// Pictures whose size does not allow dreaming over them.
    #[error("the film '{}' cannot be dreamed over: {source}", .path.display())]
    Size {
        /// The path as given.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<PictureError>,
    },
    /// The film ends early, or contains something that is not a picture.
    #[error("the film '{}' cannot be read beyond frame {frames}: {reason}", .path.display())]
    Damaged {
        /// The path as given.
        path: PathBuf,
        /// How many frames were read.
        frames: usize,
        /// ffmpeg's message.
        reason: String,
    },
    /// A pipe that delivers something other than a film.
    #[error("cannot read a film from '{}': {reason}; raw pictures in RGB are needed, as NUT", .path.display())]
    Stream {
        /// What the pipe is called.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A pipe that accepts no more data.
    #[error("whatever read the film stopped at frame {frames}: {source}")]
    Closed {
        /// How many frames were sent.
        frames: usize,
        /// The system's error.
        source: io::Error,
    },
    /// A folder or a pattern without any pictures.
    #[error("there are no pictures in '{}' to make a film of", .path.display())]
    NoFiles {
        /// The path as given.
        path: PathBuf,
    },
    /// A single picture.
    #[error("'{}' is a single picture, not a film", .path.display())]
    OnePicture {
        /// The path as given.
        path: PathBuf,
    },
    /// A picture whose size differs from the first one's.
    #[error("'{}' is {found}, but the first picture is {size}; all frames of a film must have the same size", .path.display())]
    Mixed {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: Extent,
        /// The size of the first.
        size: Extent,
    },
    /// A frame rate for a source that has its own timing.
    #[error("'{}' has its own timing; a frame rate is for folders and patterns of pictures", .path.display())]
    OwnTimes {
        /// The path as given.
        path: PathBuf,
    },
    /// A picture that cannot be read or written.
    #[error(transparent)]
    Picture(#[from] Box<PictureError>),
    /// A folder that already holds a film.
    #[error("'{}' already holds '{}'; name a folder without frames in it", .path.display(), .picture.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// The frame that would be replaced.
        picture: PathBuf,
    },
    /// A film too large for its file format.
    #[error("'{}' cannot be {size}: its sides are at most {most}", .path.display())]
    TooLarge {
        /// The path as given.
        path: PathBuf,
        /// The film's size.
        size: Extent,
        /// The largest number of pixels on a side.
        most: usize,
    },
    /// A codec or a rate factor for a target that uses none.
    #[error("'{}' is not encoded by ffmpeg; a codec and a rate factor are for films in files", .path.display())]
    NoCodec {
        /// The path as given.
        path: PathBuf,
    },
    /// A film whose output format cannot be determined.
    #[error(
        "cannot tell from '{}' in which format to write the film; the name must end in one of {}, .gif, .png, or in a slash for a folder of pictures",
        .path.display(), Container::endings()
    )]
    Ending {
        /// The path as given.
        path: PathBuf,
    },
    /// A film without frames, or without any in the requested part.
    #[error("there is no frame in '{}', or none in that part of it", .path.display())]
    NoFrames {
        /// The path as given.
        path: PathBuf,
    },
    /// A cut at a frame that cannot be identified.
    #[error(
        "a cut at frame {frame} cannot be found where the part begins at a time ({from} s); give both as frames (250f), or both as times"
    )]
    Uncounted {
        /// Its number in the film, from 0.
        frame: usize,
        /// Where the part begins.
        from: Moment,
    },
    /// Pictures that are matched with a film's frames by number, while the number of its first frame is unknown.
    #[error(
        "the pictures of '{}' go with a film frame by frame, but the part begins at a time ({from} s); give it as a frame (250f)",
        .path.display()
    )]
    Unpaired {
        /// Where the pictures are.
        path: PathBuf,
        /// Where the part begins.
        from: Moment,
    },
    /// A codec that does not fit the other options.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Frames that an encoder does not accept.
    #[error("{codec} cannot encode frames of {size}: {reason}")]
    NotEncoded {
        /// Which codec.
        codec: Codec,
        /// Their size.
        size: Extent,
        /// ffmpeg's message.
        reason: String,
    },
    /// ffmpeg cannot write the film.
    #[error("the film cannot be written: {reason}")]
    Unwritable {
        /// ffmpeg's message.
        reason: String,
    },
    /// A picture whose size differs from its film's.
    #[error("a picture of {found} does not fit a film of {size}")]
    Misfit {
        /// The film's size.
        size: Extent,
        /// The picture's size.
        found: Extent,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Fault for FilmError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NoProgram { .. } | Self::NotFfmpeg { .. } | Self::TooOld { .. } | Self::NoPart { .. } => {
                Some(Remedy::InstallFfmpeg)
            }
            Self::Stream { .. } => Some(Remedy::SendNut),
            Self::OnePicture { .. } => Some(Remedy::DreamPicture),
            Self::Hdr { .. } => Some(Remedy::ChooseHdr),
            Self::Unmapped { .. } => Some(Remedy::KeepHdr),
            _ => None,
        }
    }

    fn is_usage(&self) -> bool {
        match self {
            Self::Ending { .. }
            | Self::Codec(_)
            | Self::Uncounted { .. }
            | Self::Unpaired { .. }
            | Self::OwnTimes { .. }
            | Self::NoCodec { .. } => true,
            Self::Picture(error) => error.is_usage(),
            Self::Output(error) => error.is_usage(),
            _ => false,
        }
    }
}
