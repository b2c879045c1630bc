//! Messages and results: output to stderr, stdout and the terminal, and input from its keyboard.

#[cfg(all(feature = "fetch", feature = "import"))]
pub(crate) mod download;
mod interrupt;
pub(crate) mod preview;
pub(crate) mod progress;
#[cfg(unix)]
mod quiet;

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use super::failure::Failure;

pub(crate) use interrupt::stop_on_interrupt;
#[cfg(unix)]
pub(crate) use quiet::without_window_complaints;

/// Prints a message to stderr, in one line. A closed stderr does not stop the program.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", in_one_line(&line.to_string()));
}

/// The same, but only once ever, and only on a terminal. A pipe is most often read by a script, if at all, which
/// expects errors on stderr. A message that was not shown is not remembered as shown.
#[cfg(all(feature = "fetch", feature = "import"))]
pub(crate) fn say_once(mark: &str, line: &str) {
    if io::stderr().is_terminal() && crate::store::is_first(mark) {
        say(line);
    }
}

/// Prints a result to stdout: unchanged into files and pipes, with control characters escaped on a terminal. A
/// reader that stops early (`| head`) is not an error.
pub(crate) fn print(result: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    let result = if stdout.is_terminal() { harmless(result.as_ref()) } else { result.as_ref().into() };
    match stdout.write_all(&result).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::because(format_args!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Escapes all control characters in a text, so that nothing from a file or its name can break the line or control
/// the terminal.
pub(crate) fn in_one_line(text: &str) -> String {
    shown(text, "")
}

/// The same for a result, whose line breaks and tabs stay.
fn harmless(result: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(result) {
        Ok(text) => shown(text, "\n\t").into_bytes().into(),
        Err(_) => result.into(),
    }
}

/// Escapes the control characters of a text, except those in `apart_from`.
fn shown(text: &str, apart_from: &str) -> String {
    let visible = |char: char| match char.is_control() && !apart_from.contains(char) {
        true => char.escape_default().to_string(),
        false => char.into(),
    };
    text.chars().map(visible).collect()
}

/// Runs `work`, which may make a driver look for a window system. There is nothing to suppress on this system.
#[cfg(not(unix))]
pub(crate) fn without_window_complaints<R>(work: impl FnOnce() -> R) -> R {
    work()
}
