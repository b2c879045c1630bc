//! The input that ffmpeg reads a film from.

use std::io::{self, Read};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use super::FilmError;
use super::guard::GUARD;
use super::process::answer_fed;
use super::programs::file;

/// The input that ffmpeg reads a film from.
pub(super) enum Input<'a> {
    /// A file.
    File(&'a Path),
    /// A pipe that carries this data, as NUT.
    Pipe(&'a mut (dyn Read + Send)),
}

impl Input<'_> {
    /// Makes this the input of a command, with these options for it.
    pub(super) fn name_to(&self, command: &mut Command, options: &[&str]) {
        command.args(GUARD).args(options);
        match self {
            Self::File(path) => command.arg("-i").arg(file(path)),
            Self::Pipe(_) => command.args(["-f", "nut", "-i", "pipe:0"]).stdin(Stdio::piped()),
        };
    }

    /// Runs a command on this input and returns its output.
    pub(super) fn ask(self, mut command: Command) -> Result<Result<Vec<u8>, String>, FilmError> {
        self.name_to(&mut command, &[]);
        match self {
            Self::File(_) => answer_fed(command, drop),
            Self::Pipe(from) => answer_fed(command, |to| feed(from, to)),
        }
    }
}

/// Copies the input until it ends or the receiver closes the pipe.
pub(super) fn feed(from: &mut dyn Read, mut to: ChildStdin) {
    // If this fails, whoever reads on will find out why.
    let _ = io::copy(from, &mut to);
}
