//! `puppyslug resume`: from a checkpoint to the end of a dream.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::destination;
use crate::cli::flags::way::WayArguments;
use crate::cli::terminal::say;
use crate::cli::watch::perform;
use crate::studio::{Delivery, Request, Resume};

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug dream cat.jpg --size 4096 --checkpoint cat.safetensors    stopped by Ctrl-C, or by a power cut
  puppyslug resume cat.safetensors                                    the rest of it, as if nothing had been")]
pub(crate) struct Arguments {
    /// What `dream --checkpoint` wrote; it is renewed on the way
    checkpoint: PathBuf,

    /// Where the dream goes [default: where it was to go]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
    #[command(flatten)]
    way: WayArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let resume = Resume::open(&arguments.checkpoint)?;
    let recipe = resume.recipe().clone();
    let network = arguments.weights.network_of(&recipe.weights)?;
    let to = destination(arguments.out.clone().unwrap_or_else(|| resume.out().to_owned()))?;
    let request = resume.request(network, to);
    let (reads, steps) = (arguments.weights.file().into_iter().collect(), arguments.way.steps_out.clone());
    let request = Request { delivery: Delivery { reads, steps, ..request.delivery }, ..request };
    request.check()?;
    let machine = arguments.device.open_like(&recipe.device)?;
    perform(request, machine, &arguments.way, &mut |planned| {
        for difference in recipe.differences(&planned.recipe) {
            say(format_args!("not quite as without the stop: {difference}"));
        }
    })?;
    Ok(())
}
