//! Reads a whole file, unless it never ends, and keeps streams: the content of a pipe can only be read once.

use super::bytes::ByteSize;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek};
use std::path::Path;

/// Reads a file of at most `limit` bytes. The size on disk is not used: pipes and devices have none.
pub(crate) fn read_whole(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

/// Whether a path leads to a pipe or a device (`/dev/stdin` may be either): it can be read once, from its beginning.
pub(crate) fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// The content of a stream, as an unnamed file in which one can seek. Fails on a terminal, where somebody would
/// have to type it.
pub(crate) fn keep_stream(path: &Path, limit: u64) -> io::Result<File> {
    let mut stream = File::open(path)?;
    if stream.is_terminal() {
        return Err(io::Error::other("it is a terminal; pipe a file in"));
    }
    let mut kept = tempfile::tempfile()?;
    let length = io::copy(&mut (&mut stream).take(limit + 1), &mut kept)?;
    if length > limit {
        return Err(too_large(limit));
    }
    kept.rewind()?;
    Ok(kept)
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {}", ByteSize(limit)))
}
