//! Films: moving pictures in, moving pictures out, with the sound and what else comes with them.
//!
//! ffmpeg's programs read and write the files; they are processes beside this one, and pixels go through pipes.
//!
//! ```text
//!   Source ── what a file holds, by ffprobe
//!     │
//!   Decoder ── ffmpeg ──► nut ──► Frame ──►  whatever is done to it  ──► Frame ──► nut ──► ffmpeg ── Encoder
//!     │                                                                                               │
//!     └── sound, subtitles, chapters, title ────────────────────────►  Film  ◄──── pictures alone ────┘
//! ```
//!
//! Nothing here knows of dreams.

mod codec;
mod colour;
mod companion;
mod container;
mod cuts;
mod decoder;
mod encoder;
mod error;
mod frame;
mod guard;
mod nut;
mod probe;
mod process;
mod programs;
mod reel;
mod span;
mod target;
mod time;

pub use codec::{Codec, CodecError, Encoding};
pub use container::Container;
pub use cuts::{Cuts, CutsError, Marks};
pub use decoder::{Decoder, Facts};
pub use encoder::Encoder;
pub use error::FilmError;
pub use frame::Frame;
pub use probe::Source;
pub use programs::Programs;
pub use reel::Reel;
pub use span::{Moment, MomentError, Span};
pub use target::Target;
pub use time::TimeBase;

/// How many frames are decoded ahead, and how many wait for the encoder.
const AHEAD: usize = 2;
