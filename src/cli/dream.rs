//! `puppyslug dream`: a picture in, a dream out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::batch::{BatchArguments, Room, Seat, Task};
use super::dreaming::{Order, WayArguments, make_folder};
use super::pictures::{Destination, OutputArguments, is_stream, open_source};
use super::progress::ProgressLine;
use super::recipe::{Base, mark_of_device, mark_of_weights, wrong};
use super::{
    DeviceArguments, Failure, Given, MeanArguments, WeightsArguments, check_objectives, keep_inputs,
    parse_layer, parse_objective, parse_real, parse_whole, say,
};
use crate::dream::augment::variant;
use crate::dream::picture::{Size, check_size};
use crate::dream::recipe::{FileMark, Recipe, Source};
use crate::dream::sky::sky;
use crate::dream::{Config, Dream, Objective, Picture, Standing};
use crate::machine::Machine;
use crate::net::Weights;

/// Width and height of the sky that is dreamed over when there is no picture.
const SKY: (usize, usize) = (640, 480);

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug dream                                       a dream over a sky, in sky-dream.png
  puppyslug dream cat.jpg -o dream.jpg --size 1024      at most 1024 pixels a side
  puppyslug dream cat.jpg --layer inception_3b/output   edges and strokes instead of eyes
  puppyslug dream - -o - --format jpg < cat.png > dream.jpg   from stdin to stdout
  puppyslug dream cat.jpg --objective 'logit:sunflower' --iterations 40
  puppyslug dream photos --out-dir dreams --skip-existing      every picture in a folder and below
  puppyslug dream train --out-dir train-dreamed --augment 5 --size 256   a labelled training set, grown
  puppyslug dream dog.jpg --recipe cat-dream.png --octaves 5   as that dream was, but for the octaves
  puppyslug dream cat.jpg --layer inception_4c/output --layer inception_3a/output=-0.5")]
pub(super) struct Arguments {
    /// The picture, - for stdin; a cloudy sky if there is none. With --out-dir any number of pictures and folders
    image: Vec<PathBuf>,

    /// Where the dream goes, - for stdout; the ending decides the format [default: NAME-dream.png]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Fit the picture into a box (WxH) or a longest side (N) first
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

    /// Begin with the settings of a recipe (a picture that carries one, or a JSON file); flags change them
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,

    /// Climb a layer: half its sum of squares, times WEIGHT; may be repeated
    #[arg(long, value_name = "NAME[=WEIGHT]", value_parser = parse_layer, help_heading = "What to climb")]
    layer: Vec<Objective>,

    /// l2:LAYER, channel:LAYER:N, neuron:LAYER:N[:Y,X], logit:N or logit:NAME, each with *WEIGHT if wanted;
    /// may be repeated
    #[arg(long, value_name = "SPEC", value_parser = parse_objective, help_heading = "What to climb")]
    objective: Vec<Objective>,

    /// How many sizes of the picture are dreamed, smallest first
    #[arg(long, value_name = "N", default_value_t = Config::default().octaves, help_heading = "How to climb",
          value_parser = parse_whole::<usize>, allow_negative_numbers = true)]
    octaves: usize,

    /// Factor between neighbouring sizes
    #[arg(long, value_name = "X", default_value_t = Config::default().octave_scale, help_heading = "How to climb",
          value_parser = parse_real::<f64>, allow_negative_numbers = true)]
    octave_scale: f64,

    /// Steps in each octave
    #[arg(long, value_name = "N", default_value_t = Config::default().iterations, help_heading = "How to climb",
          value_parser = parse_whole::<usize>, allow_negative_numbers = true)]
    iterations: usize,

    /// Mean change of a pixel in one step, in gray levels
    #[arg(long, value_name = "X", default_value_t = Config::default().step, help_heading = "How to climb",
          value_parser = parse_real::<f32>, allow_negative_numbers = true)]
    step: f32,

    /// Largest random shift of the picture in each step, in pixels
    #[arg(long, value_name = "N", default_value_t = Config::default().jitter, help_heading = "How to climb",
          value_parser = parse_whole::<u32>, allow_negative_numbers = true)]
    jitter: u32,

    /// What the shifts (and the sky) are drawn from
    #[arg(long, value_name = "N", default_value_t = Config::default().seed, help_heading = "How to climb",
          value_parser = parse_whole::<u64>, allow_negative_numbers = true)]
    seed: u64,

    #[command(flatten)]
    batch: BatchArguments,
    #[command(flatten)]
    way: WayArguments,
    #[command(flatten)]
    file: OutputArguments,
    #[command(flatten)]
    mean: MeanArguments,
    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,

    /// Say what is done, where, and how much memory it takes
    #[arg(short, long)]
    verbose: bool,
}

impl Arguments {
    /// The settings by the flags; where there is a recipe, by it and by the flags that were given.
    fn config(&self, weights: &Weights, base: Option<&Base>, given: &Given) -> Result<Config, Failure> {
        let mut objectives: Vec<Objective> = self.layer.iter().chain(&self.objective).cloned().collect();
        if objectives.is_empty() {
            objectives = Config::for_weights(weights).objectives;
        }
        let config = Config {
            objectives,
            octaves: self.octaves,
            octave_scale: self.octave_scale,
            iterations: self.iterations,
            step: self.step,
            jitter: self.jitter,
            seed: self.seed,
            mean: self.mean.or_of(weights),
        };
        config.check().map_err(Failure::usage)?;
        let (Some(base), Some(path)) = (base, &self.recipe) else { return Ok(config) };
        let fixed = |setting: &str| is_given(given, setting);
        base.settings.over(&config, fixed).map_err(|error| wrong(path, &error))
    }

    fn output(&self) -> Result<Destination, Failure> {
        let named = || match self.image.first() {
            None => "sky".into(),
            Some(path) if is_stream(path) => "stdin".into(),
            Some(path) => path.file_stem().map_or("sky".into(), OsStr::to_string_lossy),
        };
        let default = || PathBuf::from(format!("{}-dream.{}", named(), self.file.extension()));
        Destination::at(self.out.clone().unwrap_or_else(default))
    }

    /// Width and height of the dream: of the recipe's, if it was dreamed over the same.
    fn size(
        &self,
        opened: Option<&(Picture, Source)>,
        recipe: Option<&Recipe>,
    ) -> Result<(usize, usize), Failure> {
        let same = |recipe: &&Recipe| match (opened, &recipe.source) {
            (None, Source::Sky { .. }) => true,
            (Some((_, source)), then) => source == then,
            _ => false,
        };
        match (recipe.filter(same), opened) {
            (Some(recipe), _) if self.size.is_none() => Ok((recipe.width, recipe.height)),
            (_, Some((picture, _))) => self.size_of(picture.width(), picture.height()),
            (_, None) => self.size_of(SKY.0, SKY.1),
        }
    }

    /// Width and height of the dream over a picture of this size.
    fn size_of(&self, width: usize, height: usize) -> Result<(usize, usize), Failure> {
        let (width, height) = self.size.map_or((width, height), |size| size.fit(width, height));
        check_size(width, height)?;
        Ok((width, height))
    }

    fn recipe_of(
        &self,
        weights: &Weights,
        machine: &dyn Machine,
        dream: Config,
        source: Source,
        picture: &Picture,
        output: &Destination,
    ) -> Result<Recipe, Failure> {
        let options = self.file.options(Some(""));
        Ok(Recipe {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            device: mark_of_device(machine),
            weights: mark_of_weights(self.weights.name(), weights),
            source,
            width: picture.width(),
            height: picture.height(),
            file: FileMark {
                format: output.format(&options)?,
                depth: options.depth,
                quality: options.quality,
            },
            complete: true,
            dream,
        })
    }
}

fn is_given(given: &Given, setting: &str) -> bool {
    flags_for(setting).into_iter().any(|flag| given.has(flag))
}

/// The flags that decide a setting. Most bear its name.
fn flags_for(setting: &str) -> Vec<&str> {
    match setting {
        "objectives" => vec!["layer", "objective"],
        name => vec![name],
    }
}

pub(super) fn run(arguments: &Arguments, given: &Given) -> Result<(), Failure> {
    let weights = arguments.weights.open()?;
    let base = arguments.recipe.as_deref().map(Base::open).transpose()?;
    let config = arguments.config(&weights, base.as_ref(), given)?;
    check_objectives(&config.objectives, &weights)?;
    match &arguments.batch.out_dir {
        Some(folder) => many(arguments, folder, &weights, base.as_ref(), &config, given),
        None => one(arguments, &weights, base.as_ref(), &config),
    }
}

fn one(
    arguments: &Arguments,
    weights: &Weights,
    base: Option<&Base>,
    config: &Config,
) -> Result<(), Failure> {
    if let [_, another, ..] = &arguments.image[..] {
        let another = another.display();
        return Err(Failure::usage(format_args!(
            "'{another}' is a second picture; --out-dir FOLDER takes the dreams of several"
        )));
    }
    let output = arguments.output()?;
    let options = arguments.file.options(Some(""));
    output.check(&options)?;
    for file in output.file().into_iter().chain(arguments.way.checkpoint.as_deref()) {
        let weights_file = arguments.weights.file();
        let read = arguments.image.iter().chain(&weights_file).chain(&arguments.recipe);
        keep_inputs(read, file)?;
    }
    let opened = arguments.image.first().map(|path| open_source(path)).transpose()?;
    let (width, height) = arguments.size(opened.as_ref(), base.and_then(|base| base.whole.as_ref()))?;
    output.check_size(&options, width, height)?;
    let machine = arguments.device.open()?;
    let mut dream = Dream::prepare(&*machine, weights, (height, width), config)?;
    // Not before it is known to fit: resizing and painting take memory too.
    let (picture, source) = match opened {
        Some((picture, source)) => (picture.resized(width, height)?, source),
        None => (sky(width, height, config.seed)?, Source::Sky { seed: config.seed }),
    };

    let interrupted = stop_on_interrupt()?;
    announce(&dream, config, &*machine, arguments.verbose);
    let recipe = arguments.recipe_of(weights, &*machine, config.clone(), source, &picture, &output)?;
    let progress = ProgressLine::new(&dream.octave_sizes(), config.iterations);
    let start = Standing::default();
    let order = Order { recipe, picture, start, output: &output, way: &arguments.way, saves_part: true };
    order.fulfil(&mut dream, &interrupted, Some(&progress))?;
    if output.file().is_some() {
        say(&output);
    }
    Ok(())
}

/// Dreams over everything given, into a folder.
fn many(
    arguments: &Arguments,
    folder: &Path,
    weights: &Weights,
    base: Option<&Base>,
    config: &Config,
    given: &Given,
) -> Result<(), Failure> {
    let machine = arguments.device.open()?;
    let interrupted = stop_on_interrupt()?;
    let fixed =
        |setting: &str| base.is_some_and(|base| base.settings.has(setting)) || is_given(given, setting);
    let dream = |task: &Task, seat: &mut Seat<'_>| {
        let config = match task.variant {
            Some(number) => variant(config, weights, &task.name, number, fixed),
            None => config.clone(),
        };
        let output = Destination::at(task.out.clone())?;
        let (opened, source) = open_source(&task.source)?;
        let (width, height) = arguments.size_of(opened.width(), opened.height())?;
        output.check_size(&arguments.file.options(Some("")), width, height)?;
        let dream = seat.dream((height, width), &config)?;
        let picture = opened.resized(width, height)?;
        let recipe = arguments.recipe_of(weights, &*machine, config, source, &picture, &output)?;
        make_folder(task.out.parent().unwrap_or(folder))?;
        keep_inputs([&task.source], &task.out)?;
        let start = Standing::default();
        let order = Order { recipe, picture, start, output: &output, way: &arguments.way, saves_part: false };
        order.fulfil(dream, &interrupted, None).map(drop)
    };
    let room = Room::new(&*machine, weights);
    let extension = arguments.file.extension();
    arguments.batch.run(folder, &arguments.image, extension, &interrupted, &room, dream)
}

/// Says what the user could not know from the arguments; with `verbose`, everything.
pub(super) fn announce(dream: &Dream, config: &Config, machine: &dyn Machine, verbose: bool) {
    let sizes = dream.octave_sizes();
    if dream.octaves_left_out() > 0 {
        say(format_args!(
            "dreaming {} of {} octaves: the picture is too small in the others for {}",
            sizes.len(),
            config.octaves,
            config.describe_objectives()
        ));
    }
    if verbose {
        let sizes: Vec<String> = sizes.iter().map(|(height, width)| format!("{width}x{height}")).collect();
        say(format_args!("device:  {}", machine.name()));
        say(format_args!("climbs:  {}", config.describe_objectives()));
        say(format_args!("octaves: {}, {} iterations each", sizes.join(", "), config.iterations));
        say(format_args!("memory:  {} MiB of buffers, weights aside", dream.bytes().div_ceil(1 << 20)));
    }
}

/// The first Ctrl-C sets the flag; a second ends the program at once.
pub(super) fn stop_on_interrupt() -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    let handle = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if handle.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
    })?;
    Ok(flag)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::flags_for;
    use crate::cli::Cli;
    use crate::dream::recipe::setting_names;

    #[test]
    fn every_setting_has_a_flag_that_overrides_it() {
        let program = Cli::command();
        let dream = program.find_subcommand("dream").expect("the subcommand");
        for setting in setting_names() {
            let flags = flags_for(&setting);
            assert!(!flags.is_empty(), "no flag for {setting}");
            for flag in flags {
                assert!(dream.get_arguments().any(|argument| argument.get_id() == flag), "no flag {flag}");
            }
        }
    }
}
