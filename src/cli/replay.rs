//! `puppyslug replay`: the dream of a picture's recipe once more, compared with the picture.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::dreaming::{Order, WayArguments, announce, file_for, options};
use super::pictures::Destination;
use super::progress::ProgressLine;
use super::recipe::{mark_of_device, open_device, open_recipe, weights_for};
use super::references::{ReferenceArguments, SOURCE, same_picture};
use super::{Failure, WeightsArguments, keep_inputs, say, stop_on_interrupt, with_ending};
use crate::dream::recipe::{FileMark, Recipe, Source};
use crate::dream::{Dream, Standing};
use crate::picture::sky::sky;
use crate::picture::{Picture, to_byte};

#[derive(Args)]
#[command(after_help = "\
Exit code 0 if the picture came out the same bit for bit; 1 if it differs or cannot be had.

Examples:
  puppyslug replay sky-dream.png               a dream over a sky needs nothing else
  puppyslug replay cat-dream.jpg cat.jpg       the picture it was dreamed over, by whatever name
  puppyslug replay cat-dream.jpg cat.jpg --guide flowers.jpg      all that it was steered by too")]
pub(super) struct Arguments {
    /// A dreamed picture
    dreamed: PathBuf,

    /// The picture it was dreamed over; a sky is painted anew
    source: Option<PathBuf>,

    /// Where the dream goes [default: NAME-replay of the same format]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    references: ReferenceArguments,
    #[command(flatten)]
    weights: WeightsArguments,

    /// auto, gpu, cpu, or a device's number or name [default: the one of the recipe, if it is there]
    #[arg(long, value_name = "DEVICE", help_heading = "Device")]
    device: Option<String>,

    /// Say what is done, where, and how much memory it takes
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = &arguments.dreamed;
    let recipe = open_recipe(path)?;
    if !recipe.complete {
        return Err(failure(format!(
            "'{}' was stopped on its way, and cannot be had again; `dream --recipe` takes its settings",
            path.display()
        )));
    }
    let weights = weights_for(&recipe.weights, arguments.weights.weights.as_deref())?;
    let opened = open_same_source(arguments, &recipe)?;
    let references = arguments.references.open_same(path, &recipe.references)?;
    let output = Destination::at(arguments.out.clone().unwrap_or_else(|| replay_of(path, &recipe)))?;
    let mut now = recipe.clone();
    if let Some(path) = output.file() {
        now.file = file_for(&recipe.file, path);
        let read = [&arguments.dreamed].into_iter().chain(&arguments.source);
        let read = read.chain(arguments.references.files());
        keep_inputs(read.chain(&arguments.weights.weights), path)?;
    }
    output.check(&options(&now.file, Some("")))?;
    output.check_size(&options(&now.file, Some("")), recipe.width, recipe.height)?;
    let machine = open_device(arguments.device.as_deref(), &recipe.device)?;
    now.device = mark_of_device(&*machine);
    env!("CARGO_PKG_VERSION").clone_into(&mut now.puppyslug);

    let (width, height) = (recipe.width, recipe.height);
    let mut dream = Dream::prepare_with(&*machine, &weights, (height, width), &recipe.dream, &references)?;
    let picture = match opened {
        Some(picture) => picture.into_resized(width, height)?,
        None => sky(width, height, recipe.dream.seed)?,
    };
    let interrupted = stop_on_interrupt()?;
    announce(&dream, &recipe.dream, &*machine, arguments.verbose);
    let progress = ProgressLine::new(&dream.octave_sizes(), &recipe.dream.iterations);
    now.dream = dream.config().clone();
    let differences = recipe.differences(&now);
    let (start, way) = (Standing::default(), &WayArguments::default());
    let (output, references) = (&output, &references);
    let order = Order { recipe: now, picture, references, start, output, way, saves_part: false };
    let again = order.fulfil(&mut dream, &interrupted, Some(&progress))?;
    if output.file().is_some() {
        say(output);
    }
    judge(path, &again, &recipe.file, &differences)
}

fn replay_of(path: &Path, recipe: &Recipe) -> PathBuf {
    let stem = path.file_stem().unwrap_or(OsStr::new("dream"));
    PathBuf::from(with_ending(stem, &format!("-replay.{}", recipe.file.format.extension())))
}

/// The picture that was dreamed over, if it was one, and not another.
fn open_same_source(arguments: &Arguments, recipe: &Recipe) -> Result<Option<Picture>, Failure> {
    let (dreamed, path) = (&arguments.dreamed, arguments.source.as_deref());
    match &recipe.source {
        Source::Picture(mark) => same_picture(SOURCE, dreamed, mark, path).map(Some),
        Source::Sky { .. } if path.is_none() => Ok(None),
        Source::Sky { .. } => Err(Failure::usage(format_args!(
            "'{}' was dreamed over a sky, which is painted anew; leave the second picture away",
            dreamed.display()
        ))),
    }
}

/// Compares what came out with what is in the file, as the file has it.
fn judge(path: &Path, again: &Picture, file: &FileMark, differences: &[String]) -> Result<(), Failure> {
    let then = Picture::open(path)?;
    let name = path.display().to_string();
    let now = Picture::decode(&again.encode(&name, &options(file, None))?, &name)?;
    if now == then {
        say(format_args!("the same as {name}, bit for bit"));
        return Ok(());
    }
    let why = match differences {
        [] => "the file was changed, or the machine or its driver was".to_owned(),
        differences => differences.join("; "),
    };
    if (now.width(), now.height()) != (then.width(), then.height()) {
        return Err(failure(format!("{name} has another size now than its recipe says")));
    }
    let pairs = || then.rgb().iter().zip(now.rgb());
    let count = pairs().filter(|(then, now)| then != now).count();
    let most = pairs().map(|(&then, &now)| to_byte(then).abs_diff(to_byte(now))).max().unwrap_or(0);
    let all = then.rgb().len();
    Err(failure(format!("{count} of {all} samples differ from {name}, by at most {most} of 255: {why}")))
}

fn failure(message: String) -> Failure {
    Failure { message, code: 1 }
}
