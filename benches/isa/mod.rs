//! The machine code of every pipeline of the plans, for GPUs that need not be here.
//!
//! Mesa's RADV compiles for any AMD family on "null hardware" and tells what it made: registers, spills,
//! occupancy, and the text of the code. The driver reads the family from the environment when it is loaded,
//! so each family is measured in a child process: the same program again.

pub(crate) mod assembly;
mod radv;
mod report;
mod spirv;
mod variants;

use std::path::Path;
use std::process::{Command, ExitCode};

use radv::Radv;

pub(crate) use report::{HEADING, Report};

/// The families that are measured: RDNA 2 and RDNA 3.
pub(crate) const FAMILIES: [&str; 2] = ["navi21", "gfx1100"];

/// Why there are no numbers.
#[derive(Clone, Debug)]
pub(crate) enum Missing {
    /// The driver is not installed, or tells too little.
    Driver(String),
    /// Something that should work did not.
    Result(String),
}

/// Tells a child that it is one.
const CHILD: &str = "PUPPYSLUG_ISA_CHILD";
/// A folder for the assembly, if somebody wants to read it.
const TEXT: &str = "PUPPYSLUG_ISA_TEXT";
/// How a child ends that found no driver.
const NO_DRIVER: u8 = 77;

/// Runs `parent`, unless this process is a child: then it measures, and prints a line for each pipeline.
pub(crate) fn in_parent(parent: impl FnOnce() -> ExitCode) -> ExitCode {
    let Some(family) = std::env::var_os(CHILD) else { return parent() };
    let result = print_reports(family.to_string_lossy().as_ref());
    let (code, reason) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Missing::Driver(reason)) => (ExitCode::from(NO_DRIVER), reason),
        Err(Missing::Result(reason)) => (ExitCode::FAILURE, reason),
    };
    eprintln!("{reason}");
    code
}

/// Every pipeline on one family.
pub(crate) fn measure(family: &str) -> Result<Vec<Report>, Missing> {
    let failed = |error: std::io::Error| Missing::Result(error.to_string());
    let child = Command::new(std::env::current_exe().map_err(failed)?)
        .envs([(CHILD, family), ("RADV_FORCE_FAMILY", family), ("MESA_SHADER_CACHE_DISABLE", "true")])
        .output()
        .map_err(failed)?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if child.status.success() {
        return said(&child.stdout).lines().map(|line| line.parse().map_err(Missing::Result)).collect();
    }
    match child.status.code() {
        Some(code) if code == i32::from(NO_DRIVER) => Err(Missing::Driver(said(&child.stderr))),
        _ => Err(Missing::Result(said(&child.stderr))),
    }
}

fn print_reports(family: &str) -> Result<(), Missing> {
    let radv = Radv::open()?;
    for variant in variants::variants() {
        let pipeline = &variant.pipeline;
        let compiled = radv.compile(&spirv::words(pipeline), pipeline.kernel.bindings)?;
        let report = Report::new(&variant, &compiled);
        if let Some(folder) = std::env::var_os(TEXT) {
            let file = format!("{family} {} {}.s", report.kernel, report.constants);
            std::fs::write(Path::new(&folder).join(file), &compiled.assembly)
                .map_err(|error| Missing::Result(error.to_string()))?;
        }
        println!("{}", report.to_line());
    }
    Ok(())
}
