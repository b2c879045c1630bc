//! A hash of the packets that pictures were encoded to.

use std::path::Path;

use super::FilmError;
use super::guard::GUARD;
use super::probe::without_name;
use super::process::answer;
use super::programs::{Programs, file};

/// SHA-256 of all packets of a film's pictures, wherever they are in the file.
///
/// # Errors
/// The film cannot be read.
pub fn digest_of_pictures(path: &Path) -> Result<String, FilmError> {
    let mut command = Programs::find()?.ffmpeg();
    command.args(GUARD).arg("-i").arg(file(path)).args(["-map", "0:v:0", "-c", "copy"]);
    command.args(["-f", "streamhash", "-hash", "sha256", "pipe:1"]);
    let said = answer(command)?.map_err(|reason| FilmError::Unreadable {
        path: path.to_owned(),
        reason: without_name(&reason, path),
    })?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}
