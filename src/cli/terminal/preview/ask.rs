//! Asks the terminal what it can do, if the environment does not tell.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// The query for the terminal's primary device attributes.
const QUESTION: &[u8] = b"\x1b[c";

/// How long an answer may take. It comes within milliseconds, plus the delay of the connection to a remote
/// terminal.
const PATIENCE: Duration = Duration::from_millis(500);

/// The longest input read, in bytes: more than any answer, even after something typed in the meantime.
const LONGEST_ANSWER: usize = 4096;

/// The attribute that stands for sixels.
const SIXELS: u16 = 4;

/// Whether the terminal on stderr reports that it draws sixels.
pub(super) fn draws_sixels() -> bool {
    ask(io::stderr(), PATIENCE).is_ok_and(|attributes| attributes.contains(&SIXELS))
}

/// The attributes that a terminal reports; none if it does not answer in time.
fn ask(terminal: impl AsFd, patience: Duration) -> io::Result<Vec<u16>> {
    if !in_foreground(&terminal) {
        return Ok(Vec::new());
    }
    let _quiet = Quiet::make(&terminal)?;
    rustix::io::write(&terminal, QUESTION)?;
    let deadline = Instant::now() + patience;
    let mut answer = Vec::new();
    loop {
        if let Some(attributes) = attributes(&answer) {
            return Ok(attributes);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = left.try_into().map_err(io::Error::other)?;
        let mut waiting = [PollFd::new(&terminal, PollFlags::IN)];
        if left.is_zero() || answer.len() > LONGEST_ANSWER || poll(&mut waiting, Some(&timeout))? == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = [0; 256];
        match rustix::io::read(&terminal, &mut bytes)? {
            0 => return Ok(Vec::new()),
            count => answer.extend(&bytes[..count]),
        }
    }
}

/// Whether this program may read from the terminal: the system would stop a background process for reading. A
/// terminal that does not control the session stops no process.
fn in_foreground(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).map_or(true, |group| group == getpgrp())
}

/// The attributes in an answer, if it is complete, as in `ESC [ ? 62 ; 4 ; 22 c`. The first number is the kind of
/// terminal, not an attribute.
fn attributes(answer: &[u8]) -> Option<Vec<u16>> {
    let text = String::from_utf8_lossy(answer);
    let (_, numbers) = text.split_once("\x1b[?")?;
    let (numbers, _) = numbers.split_once('c')?;
    Some(numbers.split(';').skip(1).filter_map(|number| number.parse().ok()).collect())
}

/// Switches off echo and line buffering of a terminal, until this is dropped.
struct Quiet<'a, T: AsFd> {
    terminal: &'a T,
    before: Termios,
}

impl<'a, T: AsFd> Quiet<'a, T> {
    fn make(terminal: &'a T) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
        tcsetattr(terminal, OptionalActions::Now, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl<T: AsFd> Drop for Quiet<'_, T> {
    fn drop(&mut self) {
        // If the terminal is gone, there is nothing to restore.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{Mode, OFlags, open};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::os::fd::OwnedFd;

    /// A pseudo-terminal: the terminal's end, and the end that programs see.
    fn terminal() -> (OwnedFd, OwnedFd) {
        let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&own).expect("granted");
        unlockpt(&own).expect("unlocked");
        let name = ptsname(&own, Vec::new()).expect("a name");
        let seen = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the other end");
        (own, seen)
    }

    /// The attributes found if a terminal answers with these pieces.
    fn asked(pieces: &'static [&'static str]) -> Vec<u16> {
        let (own, seen) = terminal();
        let answers = std::thread::spawn(move || {
            let mut question = [0; 16];
            let count = rustix::io::read(&own, &mut question).expect("a question");
            assert_eq!(&question[..count], QUESTION);
            for piece in pieces {
                rustix::io::write(&own, piece.as_bytes()).expect("answered");
            }
            own
        });
        // Longer than any test machine stalls.
        let found = ask(&seen, Duration::from_secs(60)).expect("asked");
        // The terminal's end stays open until here; none of the answer was echoed to it.
        let own = answers.join().expect("no panic");
        let mut waiting = [PollFd::new(&own, PollFlags::IN)];
        assert_eq!(poll(&mut waiting, Some(&Duration::ZERO.try_into().expect("zero"))), Ok(0));
        found
    }

    #[test]
    fn terminals_answer() {
        assert_eq!(asked(&["\x1b[?63;1;2;4;6;9;15;22c"]), [1, 2, 4, 6, 9, 15, 22]);
        // The kind is not an attribute: a VT132 has no sixels.
        assert_eq!(asked(&["\x1b[?4;6c"]), [6]);
        assert!(asked(&["\x1b[?6c"]).is_empty());
        assert_eq!(asked(&["typed ahead\x1b[", "?62", ";4c"]), [4]);
    }

    #[test]
    fn a_silent_terminal_is_not_waited_for() {
        let (_own, seen) = terminal();
        let before = tcgetattr(&seen).expect("modes").local_modes;
        assert!(ask(&seen, Duration::ZERO).expect("asked").is_empty());
        assert_eq!(tcgetattr(&seen).expect("modes").local_modes, before);
    }

    #[test]
    fn who_talks_without_end_is_not_listened_to_without_end() {
        let (own, seen) = terminal();
        let talks = std::thread::spawn(move || {
            // Writes without blocking, since the other end may be closed, or the queue full and nobody reading it.
            rustix::io::ioctl_fionbio(&own, true).expect("set");
            for _ in 0..LONGEST_ANSWER {
                let _ = rustix::io::write(&own, b"no answer");
            }
            own
        });
        assert!(ask(&seen, Duration::from_millis(1)).expect("asked").is_empty());
        talks.join().expect("no panic");
    }

    #[test]
    fn what_is_no_terminal_is_not_asked() {
        let (_reader, writer) = rustix::pipe::pipe().expect("a pipe");
        ask(&writer, Duration::ZERO).expect_err("a pipe has no modes");
    }
}
