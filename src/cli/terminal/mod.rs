//! Talk and results: what goes to stderr, to stdout and onto the terminal, and what comes from its keyboard.

#[cfg(all(feature = "fetch", feature = "import"))]
pub(crate) mod download;
mod interrupt;
pub(crate) mod preview;
pub(crate) mod progress;

use std::fmt::Display;
use std::io::{self, Write};

use super::failure::Failure;

pub(crate) use interrupt::stop_on_interrupt;

/// Talk goes to stderr. A closed stderr does not stop the program.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Results go to stdout. A reader that has seen enough (`| head`) is not an error.
pub(crate) fn print(result: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    match stdout.write_all(result.as_ref()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::because(format_args!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// A message in which whatever a file or its name put there to break the line or to steer the terminal is made visible.
pub(crate) fn in_one_line(message: &str) -> String {
    let visible =
        |char: char| if char.is_control() { char.escape_default().to_string() } else { char.into() };
    message.chars().map(visible).collect()
}
