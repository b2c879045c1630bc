//! Published weights, fetched once: a table of where they lie, a download that can go on where it stopped,
//! and hashes to tell that the file is the right one.

pub mod download;
pub mod hash;
pub mod sources;

pub use download::{Download, DownloadError};
pub use hash::Hash;
pub use sources::{SOURCES, Source};
