//! What ffmpeg reads a film from.

use std::io::{self, Read};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use super::FilmError;
use super::guard::GUARD;
use super::process::answer_fed;
use super::programs::file;

/// What ffmpeg reads a film from.
pub(super) enum Input<'a> {
    /// A file.
    File(&'a Path),
    /// A pipe that this comes through, as NUT.
    Pipe(&'a mut (dyn Read + Send)),
}

impl Input<'_> {
    /// Has a command read it, which looks for options on it before its name.
    pub(super) fn name_to(&self, command: &mut Command, options: &[&str]) {
        command.args(GUARD).args(options);
        match self {
            Self::File(path) => command.arg("-i").arg(file(path)),
            Self::Pipe(_) => command.args(["-f", "nut", "-i", "pipe:0"]).stdin(Stdio::piped()),
        };
    }

    /// What a command says about it.
    pub(super) fn ask(self, mut command: Command) -> Result<Result<Vec<u8>, String>, FilmError> {
        self.name_to(&mut command, &[]);
        match self {
            Self::File(_) => answer_fed(command, drop),
            Self::Pipe(from) => answer_fed(command, |to| feed(from, to)),
        }
    }
}

/// Hands over what comes, until it ends or nobody takes it any more.
pub(super) fn feed(from: &mut dyn Read, mut to: ChildStdin) {
    // Whoever reads on finds out by itself why it ends.
    let _ = io::copy(from, &mut to);
}
