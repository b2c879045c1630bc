//! `puppyslug resume`: from a checkpoint to the end of a dream.

use std::path::PathBuf;

use clap::Args;

use super::dreaming::{Order, WayArguments, announce, file_for, options};
use super::pictures::Destination;
use super::progress::ProgressLine;
use super::recipe::{mark_of_device, open_device, weights_for};
use super::{Failure, WeightsArguments, keep_inputs, say, stop_on_interrupt};
use crate::dream::Dream;
use crate::dream::checkpoint::Checkpoint;

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug dream cat.jpg --size 4096 --checkpoint cat.safetensors    stopped by Ctrl-C, or by a power cut
  puppyslug resume cat.safetensors                                    the rest of it, as if nothing had been")]
pub(super) struct Arguments {
    /// What `dream --checkpoint` wrote; it is renewed on the way
    checkpoint: PathBuf,

    /// Where the dream goes [default: where it was to go]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Save the picture after every octave, in the octave's size, in this folder
    #[arg(long, value_name = "FOLDER", help_heading = "On the way")]
    steps_out: Option<PathBuf>,

    /// Show the picture after every octave, in terminals that can (kitty's or iTerm2's protocol, or sixels)
    #[arg(long, help_heading = "On the way")]
    preview: bool,

    #[command(flatten)]
    weights: WeightsArguments,

    /// auto, gpu, cpu, or a device's number or name [default: the one it was begun on, if it is there]
    #[arg(long, value_name = "DEVICE", help_heading = "Device")]
    device: Option<String>,

    /// Say what is done, where, and how much memory it takes
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Checkpoint { mut recipe, picture, references, standing, out } =
        Checkpoint::open(&arguments.checkpoint)?;
    let weights = weights_for(&recipe.weights, arguments.weights.weights.as_deref())?;
    if let Some(path) = &arguments.out {
        recipe.file = file_for(&recipe.file, path);
    }
    let output = Destination::at(arguments.out.clone().unwrap_or(out))?;
    let file_options = options(&recipe.file, Some(""));
    output.check(&file_options)?;
    output.check_size(&file_options, recipe.width, recipe.height)?;
    if let Some(file) = output.file() {
        keep_inputs([&arguments.checkpoint].into_iter().chain(&arguments.weights.weights), file)?;
    }
    let machine = open_device(arguments.device.as_deref(), &recipe.device)?;
    let mut now = recipe.clone();
    now.device = mark_of_device(&*machine);
    env!("CARGO_PKG_VERSION").clone_into(&mut now.puppyslug);
    let mut dream =
        Dream::prepare_with(&*machine, &weights, (recipe.height, recipe.width), &recipe.dream, &references)?;
    now.dream = dream.config().clone();
    for difference in recipe.differences(&now) {
        say(format_args!("not quite as without the stop: {difference}"));
    }
    let interrupted = stop_on_interrupt()?;
    announce(&dream, &recipe.dream, &*machine, arguments.verbose);
    let progress = ProgressLine::new(&dream.octave_sizes(), &recipe.dream.iterations);
    let way = WayArguments {
        checkpoint: Some(arguments.checkpoint.clone()),
        steps_out: arguments.steps_out.clone(),
        preview: arguments.preview,
    };
    let (output, references, way) = (&output, &references, &way);
    let order = Order { recipe: now, picture, references, start: standing, output, way, saves_part: true };
    order.fulfil(&mut dream, &interrupted, Some(&progress))?;
    if output.file().is_some() {
        say(output);
    }
    Ok(())
}
