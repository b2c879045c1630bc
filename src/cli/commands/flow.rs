//! `puppyslug flow`: where each pixel of one picture has moved in another.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::terminal::say;
use crate::files::output::Output;
use crate::flow::{Borders, Flow, FlowFinder, draw, reliability, write_flo};
use crate::picture::{Picture, SaveOptions};
use crate::plan::flow::FlowSettings;
use crate::studio::keep_inputs;

#[derive(Args)]
#[command(after_help = "\
The flow is estimated from the brightness of both pictures, which must have the same size. In the
picture, hue shows the direction (red is to the right) and saturation the length, relative to the
longest. The mask is white where the way back from the second picture leads home, and black where
a pixel is hidden there, leaves the picture, or lies at the border of something that moves.

Examples:
  puppyslug flow a.png b.png -o flow.flo
  puppyslug flow a.png b.png -o colours.png --mask reliable.png")]
pub(crate) struct Arguments {
    /// The picture whose pixels move
    first: PathBuf,

    /// The picture they move to, of the same size
    second: PathBuf,

    /// Output file: .flo for numbers (Middlebury's format), or a picture of them
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,

    /// Write a picture that shows where the flow can be relied on
    #[arg(long, value_name = "FILE")]
    mask: Option<PathBuf>,

    /// Report how long it took
    #[arg(long)]
    verbose: bool,

    #[command(flatten)]
    device: DeviceArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { first, second, out, mask, verbose, device } = arguments;
    for output in [out].into_iter().chain(mask) {
        keep_inputs([first, second], output)?;
    }
    check_outputs(out, mask.as_deref())?;
    let [first, second] = [Picture::open(first)?, Picture::open(second)?];
    let machine = device.open()?;
    let mut finder = FlowFinder::new(&*machine, first.extent(), &FlowSettings::default())?;
    let mut find = |first: &Picture, second: &Picture| -> Result<Flow, Failure> {
        let start = Instant::now();
        let flow = finder.find(first, second)?;
        if *verbose {
            let (size, name) = (first.extent(), machine.name());
            say(format_args!("{size}: {:.1} ms on {name}", 1e3 * start.elapsed().as_secs_f64()));
        }
        Ok(flow)
    };
    let flow = find(&first, &second)?;
    if let Some(path) = mask {
        let reliable = reliability(&*machine, &flow, &find(&second, &first)?, Borders::DoNot)?;
        Picture::from_rgb(flow.extent(), reliable.repeat(3))?.save(path)?;
        say(format_args!("{}", path.display()));
    }
    write(&flow, out)?;
    say(format_args!("{}", out.display()));
    Ok(())
}

fn holds_numbers(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("flo"))
}

/// Checks before any work that the results can be written.
fn check_outputs(out: &Path, mask: Option<&Path>) -> Result<(), Failure> {
    if holds_numbers(out) {
        Output::at(out)?;
    }
    let pictures = [out].into_iter().filter(|out| !holds_numbers(out)).chain(mask);
    for path in pictures {
        SaveOptions::default().check(path)?;
    }
    Ok(())
}

fn write(flow: &Flow, path: &Path) -> Result<(), Failure> {
    if holds_numbers(path) {
        return Ok(write_flo(flow, path)?);
    }
    Ok(draw(flow)?.save(path)?)
}
