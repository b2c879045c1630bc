//! A running ffmpeg program. It never outlives its owner, and its messages are always read.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::FilmError;

/// How many bytes are kept of a program's messages: the last ones.
const LONGEST_COMPLAINT: usize = 4096;

/// The message of ffmpeg 5 if it could not write the end of a file. It then exits as if it had succeeded.
const UNFINISHED: &str = "Error writing trailer";

/// A running program. Dropping this before the program ends kills it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    complaint: Option<JoinHandle<String>>,
}

/// A command that does not inherit our stdin, and that prints only errors.
pub(super) fn quiet(program: &OsStr) -> Command {
    let mut command = Command::new(program);
    command.args(["-hide_banner", "-v", "error"]).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::piped());
    // Ctrl-C must not reach ffmpeg: a film that is stopped still has to be finished.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0000_0200); // CREATE_NEW_PROCESS_GROUP
    command
}

impl Process {
    /// Starts a command.
    pub(super) fn start(mut command: Command) -> Result<Self, FilmError> {
        let mut child = command.spawn().map_err(|source| FilmError::NoProgram {
            program: command.get_program().display().to_string(),
            source,
        })?;
        // Read continuously: a program whose output is not read blocks once the pipe is full.
        let complaint = child.stderr.take().map(|pipe| thread::spawn(move || listen(pipe)));
        Ok(Self { child, complaint })
    }

    /// The pipe to its stdin, if that was requested.
    pub(super) fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The pipe from its stdout, if that was requested.
    pub(super) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for it to end. Returns its messages, as an error if it failed.
    pub(super) fn finish(&mut self) -> Result<String, String> {
        let status = self.child.wait();
        let complaint = self.complaint.take().and_then(|it| it.join().ok()).unwrap_or_default();
        match status {
            Ok(_) if complaint.contains(UNFINISHED) => Err(cause(&complaint).to_owned()),
            Ok(status) if status.success() => Ok(complaint),
            Ok(status) if complaint.is_empty() => Err(format!("ffmpeg ended without a message ({status})")),
            Ok(_) => Err(complaint),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Kills it, whatever it is doing.
    pub(super) fn kill(&mut self) {
        // It may already have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a command until it ends. Returns what it wrote to stdout.
pub(super) fn answer(command: Command) -> Result<Result<Vec<u8>, String>, FilmError> {
    answer_fed(command, drop)
}

/// The same for a command that reads what `feed` writes to its stdin.
pub(super) fn answer_fed(
    mut command: Command,
    feed: impl FnOnce(ChildStdin) + Send,
) -> Result<Result<Vec<u8>, String>, FilmError> {
    command.stdout(Stdio::piped());
    let mut process = Process::start(command)?;
    let mut answer = Vec::new();
    let (input, output) = (process.input(), process.output());
    let read = thread::scope(|scope| {
        scope.spawn(|| input.map(feed));
        output.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut answer))
    });
    Ok(process.finish().and_then(|_| read.map(|_| answer).map_err(|error| error.to_string())))
}

/// The whole message as one line, or its end if it is long.
fn listen(mut pipe: impl Read) -> String {
    let (mut said, mut more) = (Vec::new(), [0; 1024]);
    loop {
        match pipe.read(&mut more) {
            Ok(0) => break,
            Ok(count) => said.extend(&more[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        said.drain(..said.len().saturating_sub(LONGEST_COMPLAINT));
    }
    one_line(&String::from_utf8_lossy(&said))
}

/// The last few lines joined into one, without the addresses that ffmpeg puts before them.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(without_address).filter(|line| !line.is_empty());
    let mut lines: Vec<&str> = lines.collect();
    lines.dedup();
    lines[lines.len().saturating_sub(3)..].join("; ")
}

/// The system's error: `Error writing trailer of a.mp4: No space left on device`
fn cause(complaint: &str) -> &str {
    complaint.rsplit(": ").next().unwrap_or(complaint)
}

/// Removes the address from `[mov,mp4 @ 0x55d0] what was said`.
fn without_address(line: &str) -> &str {
    let rest = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    match rest {
        // There may be several addresses.
        Some((before, after)) if before.contains(" @ ") => without_address(after),
        _ => line.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_one_line_without_addresses() {
        let said = "[mov,mp4 @ 0x5581] moov atom not found\n\nfile:a.mp4: Invalid data\n";
        assert_eq!(listen(said.as_bytes()), "moov atom not found; file:a.mp4: Invalid data");
        assert_eq!(listen(&b"[mpeg4 @ 0x55d0] [IMGUTILS @ 0x7ffe] Picture size"[..]), "Picture size");
        let long = "x".repeat(10_000) + "\nthe end";
        assert!(listen(long.as_bytes()).ends_with("x; the end"));
        assert!(listen(long.as_bytes()).len() <= LONGEST_COMPLAINT + 1);
    }
}
