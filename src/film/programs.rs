//! Finds ffmpeg's two programs, and what they support.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use super::FilmError;
use super::process::{answer, quiet};

/// The variable that selects an ffmpeg other than that of the search path: the program, or the folder that
/// contains both programs.
const CHOICE: &str = "PUPPYSLUG_FFMPEG";

/// The libavcodec version of ffmpeg 5.1, the first whose `-fps_mode` passes times through unchanged. Builds
/// between two releases have no version number of their own except this one.
const OLDEST: (u32, u32) = (59, 37);

/// ffmpeg and ffprobe.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    ffmpeg: OsString,
    ffprobe: OsString,
}

impl Programs {
    /// The programs on the search path, or those that `PUPPYSLUG_FFMPEG` selects.
    ///
    /// # Errors
    /// One of them is missing or too old.
    pub(super) fn find() -> Result<Self, FilmError> {
        static FOUND: OnceLock<Programs> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(found.clone());
        }
        let found = Self::look()?;
        Ok(FOUND.get_or_init(|| found).clone())
    }

    fn look() -> Result<Self, FilmError> {
        let choice = env::var_os(CHOICE).filter(|choice| !choice.is_empty());
        let found = choice.map_or_else(Self::of_path, |choice| Self::at(Path::new(&choice)));
        // Each takes a while to start.
        let (ffmpeg, ffprobe) = thread::scope(|scope| {
            let ffprobe = scope.spawn(|| found.check(&found.ffprobe));
            (found.check(&found.ffmpeg), ffprobe.join())
        });
        ffmpeg?;
        ffprobe.unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(found)
    }

    fn of_path() -> Self {
        Self { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into() }
    }

    fn at(choice: &Path) -> Self {
        let named = |name: &str| name.to_owned() + env::consts::EXE_SUFFIX;
        let (ffmpeg, folder) = match choice.is_dir() {
            true => (choice.join(named("ffmpeg")), choice),
            false => (choice.to_owned(), choice.parent().unwrap_or(Path::new(""))),
        };
        Self { ffmpeg: ffmpeg.into(), ffprobe: folder.join(named("ffprobe")).into() }
    }

    fn check(&self, program: &OsStr) -> Result<(), FilmError> {
        let mut command = quiet(program);
        command.arg("-version");
        let name = program.display().to_string();
        let said = answer(command)?.unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let Some(codec) = version_of_codec(&said) else { return Err(FilmError::NotFfmpeg { program: name }) };
        if codec >= OLDEST {
            return Ok(());
        }
        let version = said.split_whitespace().nth(2).unwrap_or_default().to_owned();
        Err(FilmError::TooOld { program: name, version })
    }

    /// Checks that ffmpeg has an encoder, a filter, or another part that `-h` describes.
    pub(super) fn check_part(
        &self,
        kind: &str,
        part: &'static str,
        purpose: &'static str,
    ) -> Result<(), FilmError> {
        static FOUND: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let found = || FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        let described = format!("{kind} {part}");
        if found().contains(&described) {
            return Ok(());
        }
        let mut command = self.ffmpeg();
        command.args(["-h", &format!("{kind}={part}")]);
        let help = answer(command)?.unwrap_or_default();
        if !String::from_utf8_lossy(&help).to_ascii_lowercase().contains(&described) {
            return Err(FilmError::NoPart { part, purpose });
        }
        found().insert(described);
        Ok(())
    }

    /// A command for encoding or decoding.
    pub(super) fn ffmpeg(&self) -> Command {
        let mut command = quiet(&self.ffmpeg);
        command.args(["-nostdin", "-nostats"]);
        command
    }

    /// A command for probing a file.
    pub(super) fn ffprobe(&self) -> Command {
        quiet(&self.ffprobe)
    }
}

/// A file name that ffmpeg cannot mistake for anything else, whatever characters it contains.
pub(super) fn file(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(PathBuf::from(path));
    name
}

/// Reads the version from the line `libavcodec     59. 37.100 / 59. 37.100`.
fn version_of_codec(said: &str) -> Option<(u32, u32)> {
    let line = said.lines().find_map(|line| line.strip_prefix("libavcodec"))?;
    let mut parts = line.split('/').next()?.split('.').map(|part| part.trim().parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_codecs() {
        let said = "ffmpeg version N-109542-g1bf1ca5 Copyright\nlibavutil 57. 43.100 / 57. 43.100\n\
                    libavcodec     59. 54.100 / 59. 54.100\n";
        assert_eq!(version_of_codec(said), Some((59, 54)));
        assert_eq!(version_of_codec("puppyslug 0.1.0\n"), None);
    }

    #[test]
    fn a_choice_is_a_program_or_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let programs = Programs::at(folder.path());
        assert!(Path::new(&programs.ffmpeg).starts_with(folder.path()));
        let named = Programs::at(&folder.path().join("ffmpeg-7"));
        assert_eq!((named.ffmpeg, named.ffprobe), (folder.path().join("ffmpeg-7").into(), programs.ffprobe));
    }
}
