//! Published weights, fetched once: a table of their addresses, a download that can continue where it stopped,
//! and hashes to tell that the file is the right one.

pub mod download;
pub mod hash;
pub mod sources;

pub use download::{Download, DownloadError};
pub use hash::Hash;
pub use sources::{SOURCES, Source};
