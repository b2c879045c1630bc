//! Films: reading and writing moving pictures, with the sound and the other streams.
//!
//! ffmpeg's programs read and write films in files. They run as separate processes, and pixels go through pipes.
//! Folders of pictures and animations need no ffmpeg.
//!
//! ```text
//!   Source: Footage, by ffprobe    Sequence: files, animation    Piped: nut
//!     │            │                   │                          │
//!   Frames:     Decoder            Projector                    Inlet
//!     └─ ffmpeg ──► nut ──►  Frame ◄───┴──────────────────────────┘
//!                              │
//!                   whatever is done to it
//!                              │
//!             ┌──────────────  Reel  ──────────────┬──────────────┐
//!          FileReel                 FolderReel, AnimatedReel   PipeReel
//!   nut ──► ffmpeg, pictures alone, in segments;                  nut
//!   in the end these joined, sound, subtitles, chapters, title
//! ```
//!
//! This module knows nothing of dreams.

mod animated;
mod clusters;
mod codec;
mod colour;
mod companion;
mod container;
mod cuts;
mod decoder;
mod encoder;
mod error;
mod file_reel;
mod file_target;
mod folder;
mod frame;
mod frames;
mod guard;
mod hdr;
mod input;
mod mastering;
mod newest;
mod nut;
mod outlet;
mod packets;
mod piped;
mod probe;
mod process;
mod programs;
mod reel;
mod segment;
mod sequence;
mod source;
mod span;
mod target;
mod time;

pub use codec::{Codec, CodecError, Encoding};
pub use container::Container;
pub use cuts::{Cuts, CutsError, Marks};
pub use encoder::Digests;
pub use error::FilmError;
pub use frame::{Facts, Frame};
pub use frames::Frames;
pub use hdr::{Hdr, HdrError};
pub use packets::digest_of_pictures;
pub use piped::Dropping;
pub use reel::Reel;
pub use segment::part_of;
pub use source::Source;
pub use span::{Moment, MomentError, Span};
pub use target::Target;
pub use time::{RateError, TimeBase};

/// How many frames are decoded ahead, and how many wait for the encoder.
const AHEAD: usize = 2;
