//! What Mesa's RADV makes of every pipeline of the plans, as a table: `cargo bench --bench isa`.
//!
//! `PUPPYSLUG_ISA_TEXT=FOLDER` also leaves the assembly there.

#[path = "isa/mod.rs"]
mod isa;

use std::process::ExitCode;

use isa::{FAMILIES, HEADING, Missing, in_parent, measure};

fn main() -> ExitCode {
    in_parent(|| FAMILIES.into_iter().map(print).find(|&code| code != ExitCode::SUCCESS).unwrap_or_default())
}

fn print(family: &str) -> ExitCode {
    match measure(family) {
        Ok(reports) => {
            println!("{family}\n{HEADING}");
            reports.iter().for_each(|report| println!("{report}"));
            println!();
            ExitCode::SUCCESS
        }
        Err(Missing::Driver(reason)) => {
            println!("{family}: not measured, {reason}");
            ExitCode::SUCCESS
        }
        Err(Missing::Result(reason)) => {
            eprintln!("{family}: {reason}");
            ExitCode::FAILURE
        }
    }
}
