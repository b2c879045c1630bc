//! `puppyslug resume`: continues a dream from its checkpoint, or a film from the segments kept beside it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::destination;
use crate::cli::flags::references::ReferenceArguments;
use crate::cli::flags::way::WayArguments;
use crate::cli::shoot::shoot;
use crate::cli::terminal::say;
use crate::cli::watch::perform;
use crate::film::Container;
use crate::picture::WantedSize;
use crate::studio::{BegunFilm, Delivery, Request, Resume};

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug dream cat.jpg --checkpoint cat.safetensors   stopped by Ctrl-C, or by a power cut
  puppyslug resume cat.safetensors                       the rest, as if it had not been stopped
  puppyslug resume cat-dream.mp4                         the rest of a film")]
pub(crate) struct Arguments {
    /// The file written by `dream --checkpoint`, which is kept up to date; or the film that `video` was writing
    checkpoint: PathBuf,

    /// Output file of a picture [default: the original one]
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
    if let Some(film) = BegunFilm::find(&arguments.checkpoint)? {
        return go_on(film, arguments);
    }
    if Container::of_path(&arguments.checkpoint).is_some() {
        let film = arguments.checkpoint.display();
        return Err(Failure::because(format_args!(
            "there is nothing beside the film '{film}' to continue from"
        )));
    }
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
            say(format_args!("not quite the same as without the stop: {difference}"));
        }
    })?;
    Ok(())
}

/// Continues a film to its end.
fn go_on(film: BegunFilm, arguments: &Arguments) -> Result<(), Failure> {
    if arguments.out.is_some() || arguments.way.asks_for_more() {
        return Err(Failure::usage(
            "a film continues where it is and as it was started; leave out -o, --steps-out and --preview",
        ));
    }
    let (recipe, inputs) = (film.recipe().clone(), film.inputs().clone());
    let network = arguments.weights.network_in(&recipe.weights, inputs.weights.as_deref())?;
    let options = arguments.device.read_options(WantedSize::Own, &recipe.dream);
    let given = ReferenceArguments::of(&inputs).open_moving(&options)?;
    let given = given.with_directions(&recipe.dream.objectives)?;
    let request = film.request(network, given)?;
    request.check()?;
    let machine = arguments.device.open_like(&recipe.device)?;
    shoot(request, machine, (arguments.way.verbose, None), &mut |planned| {
        for difference in recipe.differences(&planned.recipe) {
            say(format_args!("not quite the same as without the stop: {difference}"));
        }
    })?;
    Ok(())
}
