//! Reads `state_dict`s as PyTorch saves them: a pickle that lists the tensors, and storages with their numbers.
//! Since version 1.6, both are members of a zip archive; before that, they were written one after the other.
//!
//! ```text
//!     archive.rs   zip:     PREFIX/data.pkl, PREFIX/data/KEY ...     \   [`state::Tensors`]: name, storage,
//!     stream.rs    legacy:  magic, version, system, pickle, keys,    /     layout; each storage is read once
//!                           then length and numbers for each key
//!     pickle/      a pickle is read as data; globals.rs is the closed list of what it may name
//! ```

mod archive;
mod globals;
mod pickle;
mod state;
mod stream;

use super::Raw;
use super::zip;

/// Recognised as a pickle, or as a zip archive with a pickle where `torch.save` puts it.
pub(super) fn is(bytes: &[u8]) -> bool {
    if zip::is(bytes) { archive::is(bytes) } else { pickle::is(bytes) }
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    if zip::is(bytes) { archive::read(bytes) } else { stream::read(bytes) }
}
