//! The `puppyslug` program: a thin client of the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    puppyslug::cli::main()
}
