//! `puppyslug replay`: the dream of a picture's recipe once more, compared with the picture.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::visualize::carry_out;
use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::{destination, open_picture, with_ending};
use crate::cli::flags::references::ReferenceArguments;
use crate::cli::flags::way::WayArguments;
use crate::cli::terminal::say;
use crate::cli::watch::perform;
use crate::picture::{Format, ReadOptions, WantedSize};
use crate::studio::replay::Verdict;
use crate::studio::{Delivery, Replay, Request, VisualizeReplay, VisualizeRequest, read_options};

#[derive(Args)]
#[command(after_help = "\
Exit code 0 if the picture came out the same bit for bit; 1 if it differs or cannot be dreamed again.

Examples:
  puppyslug replay sky-dream.png               a dream over a sky needs nothing else
  puppyslug replay cat-dream.jpg cat.jpg       the picture it was dreamed over, by whatever name
  puppyslug replay cat-dream.jpg cat.jpg --guide flowers.jpg      all that it was steered by too")]
pub(crate) struct Arguments {
    /// A dreamed picture
    dreamed: PathBuf,

    /// The picture it was dreamed over; a sky is painted anew
    source: Option<PathBuf>,

    /// Where the dream goes [default: NAME-replay, in the format that the recipe says]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    references: ReferenceArguments,
    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
    #[command(flatten)]
    way: WayArguments,
}

impl Arguments {
    /// The files that are read.
    fn reads(&self) -> Vec<PathBuf> {
        let pictures = [&self.dreamed].into_iter().chain(&self.source).chain(self.references.files());
        pictures.cloned().chain(self.weights.file()).collect()
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = &arguments.dreamed;
    if let Some(replay) = VisualizeReplay::open(path)? {
        return visualize_again(arguments, &replay);
    }
    let replay = Replay::open(path)?;
    let recipe = replay.recipe();
    let network = arguments.weights.network_of(&recipe.weights)?;
    let whole = read_options(WantedSize::Own, None);
    let fitted = ReadOptions { size: WantedSize::Exactly(recipe.extent()), ..whole };
    let source = arguments.source.as_deref().map(|path| open_picture(path, &fitted)).transpose()?;
    let given = arguments.references.open(&whole)?;
    let to = destination(arguments.out.clone().unwrap_or_else(|| replay_of(path, recipe.file.format)))?;
    let request = replay.request(network, source, given, to)?;
    let reads = arguments.reads();
    let steps = arguments.way.steps_out.clone();
    let request = Request { delivery: Delivery { reads, steps, ..request.delivery }, ..request };
    request.check()?;
    let machine = arguments.device.open_like(&recipe.device)?;
    let mut differences = Vec::new();
    let product = perform(request, machine, &arguments.way, &mut |planned| {
        differences = recipe.differences(&planned.recipe);
    })?;
    let verdict = replay.judge(&product.picture)?;
    announce(verdict, path, &differences)
}

/// The same of a visualisation.
fn visualize_again(arguments: &Arguments, replay: &VisualizeReplay) -> Result<(), Failure> {
    let (path, recipe) = (&arguments.dreamed, replay.recipe());
    let network = arguments.weights.network_of(&recipe.weights)?;
    let whole = read_options(WantedSize::Own, None);
    let start = arguments.source.as_deref().map(|path| open_picture(path, &whole)).transpose()?;
    let given = arguments.references.open(&whole)?;
    let to = destination(arguments.out.clone().unwrap_or_else(|| replay_of(path, recipe.file.format)))?;
    let request = replay.request(network, start, given, to)?;
    let (reads, steps) = (arguments.reads(), arguments.way.steps_out.clone());
    let request = VisualizeRequest { delivery: Delivery { reads, steps, ..request.delivery }, ..request };
    request.check()?;
    let machine = arguments.device.open_like(&recipe.device)?;
    let product = carry_out(request, &*machine, arguments.way.verbose)?;
    announce(replay.judge(&product.picture)?, path, &recipe.differences(&product.recipe))
}

fn replay_of(path: &Path, format: Format) -> PathBuf {
    let stem = path.file_stem().unwrap_or(OsStr::new("dream"));
    PathBuf::from(with_ending(stem, &format!("-replay.{}", format.extension())))
}

fn announce(verdict: Verdict, path: &Path, differences: &[String]) -> Result<(), Failure> {
    let name = path.display();
    match verdict {
        Verdict::Same => {
            say(format_args!("the same as {name}, bit for bit"));
            Ok(())
        }
        Verdict::OtherSize => {
            Err(Failure::because(format_args!("{name} no longer has the size that its recipe says")))
        }
        Verdict::Different { samples, of, most } => {
            let why = match differences {
                [] => "the file was changed, or the machine or its driver was".to_owned(),
                differences => differences.join("; "),
            };
            Err(Failure::because(format_args!(
                "{samples} of {of} samples differ from {name}, by at most {most} of 255: {why}"
            )))
        }
    }
}
