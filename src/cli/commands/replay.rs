//! `puppyslug replay`: the dream of a picture's recipe once more, compared with the picture.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::{destination, open_picture, with_ending};
use crate::cli::flags::references::ReferenceArguments;
use crate::cli::flags::way::WayArguments;
use crate::cli::terminal::say;
use crate::cli::watch::perform;
use crate::dream::recipe::Recipe;
use crate::picture::{ReadOptions, WantedSize};
use crate::studio::replay::Verdict;
use crate::studio::{Delivery, Replay, Request, read_options};

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

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = &arguments.dreamed;
    let replay = Replay::open(path)?;
    let recipe = replay.recipe();
    let network = arguments.weights.network_of(&recipe.weights)?;
    let whole = read_options(WantedSize::Own, None);
    let fitted = ReadOptions { size: WantedSize::Exactly(recipe.extent()), ..whole };
    let source = arguments.source.as_deref().map(|path| open_picture(path, &fitted)).transpose()?;
    let given = arguments.references.open(&whole)?;
    let to = destination(arguments.out.clone().unwrap_or_else(|| replay_of(path, recipe)))?;
    let request = replay.request(network, source, given, to)?;
    let read = [path].into_iter().chain(&arguments.source).chain(arguments.references.files()).cloned();
    let reads = read.chain(arguments.weights.file()).collect();
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

fn replay_of(path: &Path, recipe: &Recipe) -> PathBuf {
    let stem = path.file_stem().unwrap_or(OsStr::new("dream"));
    PathBuf::from(with_ending(stem, &format!("-replay.{}", recipe.file.format.extension())))
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
