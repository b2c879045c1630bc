//! Messages and results: what goes to stderr, stdout and the terminal, and what comes from its keyboard.

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

/// Talk goes to stderr, in one line each. A closed stderr does not stop the program.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", in_one_line(&line.to_string()));
}

/// The same to a person, once ever. To a pipe it is not said: who reads there, if anyone does, is most often a script, and
/// what it keeps of stderr is for errors. What was not said is not remembered as said.
#[cfg(all(feature = "fetch", feature = "import"))]
pub(crate) fn say_once(mark: &str, line: &str) {
    if io::stderr().is_terminal() && crate::store::is_first(mark) {
        say(line);
    }
}

/// Results go to stdout, as they are into files and pipes. A reader that has seen enough (`| head`) is not an error.
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

/// A text in which whatever a file or its name put there to break the line or to steer the terminal is made visible.
pub(crate) fn in_one_line(text: &str) -> String {
    shown(text, "")
}

/// The same of a result, whose lines and columns stay.
fn harmless(result: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(result) {
        Ok(text) => shown(text, "\n\t").into_bytes().into(),
        Err(_) => result.into(),
    }
}

/// A text whose control characters are made visible, apart from some.
fn shown(text: &str, apart_from: &str) -> String {
    let visible = |char: char| match char.is_control() && !apart_from.contains(char) {
        true => char.escape_default().to_string(),
        false => char.into(),
    };
    text.chars().map(visible).collect()
}

/// Does something that may make a driver look for windows.
#[cfg(not(unix))]
pub(crate) fn without_window_complaints<R>(work: impl FnOnce() -> R) -> R {
    work()
}
