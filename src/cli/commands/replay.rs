//! `puppyslug replay`: repeats a dream from the recipe of a picture or film, and compares the two.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::visualize::carry_out;
use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::inputs::inputs;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::{destination, open_picture, with_ending};
use crate::cli::flags::references::ReferenceArguments;
use crate::cli::flags::way::WayArguments;
use crate::cli::shoot::shoot;
use crate::cli::terminal::say;
use crate::cli::watch::perform;
use crate::film::Container;
use crate::picture::{Format, ReadOptions, WantedSize};
use crate::studio::replay::Verdict;
use crate::studio::{
    Delivery, FilmReplay, FilmVerdict, Replay, Request, Stage, VisualizeReplay, VisualizeRequest,
    read_options,
};

#[derive(Args)]
#[command(after_help = "\
The exit code is 0 if the picture or film came out the same bit for bit, and 1 if it differs or
cannot be repeated.

Examples:
  puppyslug replay sky-dream.png               a dream over a sky needs nothing else
  puppyslug replay cat-dream.jpg cat.jpg       the picture it was dreamed over, by whatever name
  puppyslug replay cat-dream.jpg cat.jpg --guide flowers.jpg      with everything that steered it
  puppyslug replay cat-dream.mp4 cat.mp4       a film; says whether decoder, dream or encoder differ")]
pub(crate) struct Arguments {
    /// A dreamed picture or film
    dreamed: PathBuf,

    /// What it was dreamed over; a sky is painted again
    source: Option<PathBuf>,

    /// Output file [default: NAME-replay, in the format named by the recipe, or the film's]
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
    if Container::of_path(path).is_some()
        && let Some(film) = FilmReplay::open(path)?
    {
        return replay_film(&film, arguments);
    }
    if let Some(replay) = VisualizeReplay::open(path)? {
        return visualize_again(arguments, &replay);
    }
    let replay = Replay::open(path)?;
    let recipe = replay.recipe();
    let network = arguments.weights.network_of(&recipe.weights)?;
    let whole = read_options(WantedSize::Own, None);
    let fitted = ReadOptions { size: WantedSize::Exactly(recipe.extent()), ..whole };
    let source = arguments.source.as_deref().map(|path| open_picture(path, &fitted)).transpose()?;
    let given = arguments.references.open(&whole)?.with_directions(&recipe.dream.objectives)?;
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

/// Repeats a visualisation, and compares the two.
fn visualize_again(arguments: &Arguments, replay: &VisualizeReplay) -> Result<(), Failure> {
    let (path, recipe) = (&arguments.dreamed, replay.recipe());
    let network = arguments.weights.network_of(&recipe.weights)?;
    let whole = read_options(WantedSize::Own, None);
    let start = arguments.source.as_deref().map(|path| open_picture(path, &whole)).transpose()?;
    let objectives = recipe.pictures.iter().flat_map(|sum| &sum.0);
    let given = arguments.references.open(&whole)?.with_directions(objectives)?;
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

/// Dreams a film again, and reports the differences.
fn replay_film(film: &FilmReplay, arguments: &Arguments) -> Result<(), Failure> {
    let path = &arguments.dreamed;
    if arguments.way.asks_for_more() {
        return Err(Failure::usage("--steps-out and --preview are for pictures; leave them out"));
    }
    let Some(source) = &arguments.source else {
        let name = path.display();
        return Err(Failure::because(format_args!("'{name}' was dreamed over a film. Name its file too")));
    };
    let out = arguments.out.clone().unwrap_or_else(|| {
        let ending = path.extension().unwrap_or_default().display();
        let stem = path.file_stem().unwrap_or(OsStr::new("dream"));
        with_ending(stem, &format!("-replay.{ending}")).into()
    });
    let recipe = film.recipe();
    let network = arguments.weights.network_of(&recipe.weights)?;
    let options = arguments.device.read_options(WantedSize::Own, &recipe.dream);
    let given = arguments.references.open_moving(&options)?.with_directions(&recipe.dream.objectives)?;
    let inputs = inputs(source, &arguments.references, &arguments.weights)?;
    let mut request = film.request(network, given, inputs, &out)?;
    request.reads.push(path.clone());
    request.check()?;
    let machine = arguments.device.open_like(&recipe.device)?;
    let mut differences = Vec::new();
    let again = shoot(request, machine, (arguments.way.verbose, None), &mut |planned| {
        differences = recipe.differences(&planned.recipe);
    })?;
    announce_film(&film.judge(&again, &out)?, path, &differences)
}

fn announce_film(verdict: &FilmVerdict, path: &Path, differences: &[String]) -> Result<(), Failure> {
    let name = path.display();
    let because = match differences {
        [] => String::new(),
        differences => format!(" ({})", differences.join("; ")),
    };
    let what = match verdict {
        FilmVerdict::Same => {
            say(format_args!("the same as {name}, packet by packet"));
            return Ok(());
        }
        FilmVerdict::OtherFrames => {
            "it has other frames or other cuts: the decoder reads a different film".to_owned()
        }
        FilmVerdict::Different { frames: (first, end), stage: Stage::Decoder } => {
            format!("the decoder: frames {first} to {} of the source have different pixels", end - 1)
        }
        FilmVerdict::Different { frames: (first, end), stage: Stage::Dream } => {
            format!("the dream: frames {first} to {} came out differently{because}", end - 1)
        }
        FilmVerdict::Encoder => "the encoder: the frames are the same, but not the packets".to_owned(),
    };
    Err(Failure::because(format_args!("it differs from {name} in {what}")))
}
