//! `puppyslug dream`: a picture in, a dream out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::progress::ProgressLine;
use super::{
    DeviceArguments, Failure, MeanArguments, WeightsArguments, keep_inputs, parse_layer, parse_objective,
    parse_octaves, parse_real, parse_reals, parse_whole, parse_wholes, say,
};
use crate::dream::objective::Wish;
use crate::dream::picture::{Size, check_output, check_output_size, check_size};
use crate::dream::presets::PRESETS;
use crate::dream::sky::sky;
use crate::dream::{
    Config, Dream, Likeness, Objective, Octaves, PerOctave, Picture, PixelBox, Preset, References,
};
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
  puppyslug dream cat.jpg --objective 'logit:sunflower' --iterations 40
  puppyslug dream cat.jpg --layer inception_4c/output --layer inception_3a/output=-0.5
  puppyslug dream cat.jpg --guide flowers.jpg --objective guide:inception_3b/output
  puppyslug dream cat.jpg --octaves auto --iterations 20,10,5 --layer 'inception_4*/output@1-2' \\
                          --layer inception_3b/output@3-
  puppyslug dream cat.jpg --preset brush --step 2")]
pub(super) struct Arguments {
    /// The picture; a cloudy sky if there is none
    image: Option<PathBuf>,

    /// Where the dream goes; the ending decides the format [default: NAME-dream.png]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Fit the picture into a box (WxH) or a longest side (N) first
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

    /// Start from settings with a name; flags beside it count more
    #[arg(long, value_name = "NAME", value_parser = presets(), help_heading = "What to climb")]
    preset: Option<String>,

    /// Climb a layer: half its sum of squares, times WEIGHT; may be repeated. A pattern like
    /// 'inception_4*/output' climbs every layer that it matches; @1, @2-3 or @3- are the octaves where it is
    /// climbed, the smallest being 1
    #[arg(long, value_name = "NAME[=WEIGHT][@OCTAVES]", value_parser = parse_layer, help_heading = "What to climb")]
    layer: Vec<Objective>,

    /// l2:LAYER, channel:LAYER:N[,N...] (3,17,42-45), neuron:LAYER:N[:Y,X], guide:LAYER, like:LAYER, logit:N
    /// or logit:NAME, each with *WEIGHT and @OCTAVES if wanted; a LAYER may be a pattern; may be repeated
    #[arg(long, value_name = "SPEC", value_parser = parse_objective, help_heading = "What to climb")]
    objective: Vec<Objective>,

    /// The picture that guide:LAYER dreams after: every part of the dream grows towards the part of it that it
    /// is most like
    #[arg(long, value_name = "PICTURE", help_heading = "What to climb")]
    guide: Option<PathBuf>,

    /// The picture that like:LAYER dreams after: the whole dream grows towards what it shows on average
    #[arg(long, value_name = "PICTURE", help_heading = "What to climb")]
    like: Option<PathBuf>,

    /// Only this box of it: left, top, width and height, in pixels
    #[arg(long, value_name = "X,Y,W,H", help_heading = "What to climb")]
    like_box: Option<PixelBox>,

    /// How many sizes of the picture are dreamed, smallest first; auto for as many as the layers allow [default: 4]
    #[arg(long, value_name = "N|auto", help_heading = "How to climb",
          value_parser = parse_octaves, allow_negative_numbers = true)]
    octaves: Option<Octaves>,

    /// Dream no size whose shorter side has fewer pixels than this, except the picture's own [default: 1]
    #[arg(long, value_name = "N", help_heading = "How to climb",
          value_parser = parse_whole::<usize>, allow_negative_numbers = true)]
    min_edge: Option<usize>,

    /// Factor between neighbouring sizes [default: 1.4]
    #[arg(long, value_name = "X", help_heading = "How to climb",
          value_parser = parse_real::<f64>, allow_negative_numbers = true)]
    octave_scale: Option<f64>,

    /// Steps in each octave; this and the next two take a list, smallest octave first, whose last number repeats
    /// [default: 10]
    #[arg(long, value_name = "N[,N...]", help_heading = "How to climb",
          value_parser = parse_wholes::<usize>, allow_negative_numbers = true)]
    iterations: Option<PerOctave<usize>>,

    /// Mean change of a pixel in one step, in gray levels [default: 1.5]
    #[arg(long, value_name = "X[,X...]", help_heading = "How to climb",
          value_parser = parse_reals::<f32>, allow_hyphen_values = true)]
    step: Option<PerOctave<f32>>,

    /// Largest random shift of the picture in each step, in pixels [default: 32]
    #[arg(long, value_name = "N[,N...]", help_heading = "How to climb",
          value_parser = parse_wholes::<u32>, allow_negative_numbers = true)]
    jitter: Option<PerOctave<u32>>,

    /// What the shifts (and the sky) are drawn from
    #[arg(long, value_name = "N", default_value_t = Config::default().seed, help_heading = "How to climb",
          value_parser = parse_whole::<u64>, allow_negative_numbers = true)]
    seed: u64,

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
    fn config(&self, weights: &Weights) -> Config {
        let preset = self.preset.as_deref().and_then(Preset::find);
        let base = preset.map_or_else(|| Config::for_weights(weights), |preset| preset.config(weights));
        Config {
            objectives: self.objectives(weights).unwrap_or(base.objectives),
            octaves: self.octaves.unwrap_or(base.octaves),
            min_edge: self.min_edge.unwrap_or(base.min_edge),
            octave_scale: self.octave_scale.unwrap_or(base.octave_scale),
            iterations: self.iterations.clone().unwrap_or(base.iterations),
            step: self.step.clone().unwrap_or(base.step),
            jitter: self.jitter.clone().unwrap_or(base.jitter),
            seed: self.seed,
            mean: self.mean.mean.unwrap_or(base.mean),
        }
    }

    /// What flags say is climbed: a picture to dream after alone means the favourite layer.
    fn objectives(&self, weights: &Weights) -> Option<Vec<Objective>> {
        let named: Vec<Objective> = self.layer.iter().chain(&self.objective).cloned().collect();
        let layer = weights.favourite_layer().to_owned();
        let guide = self.guide.as_ref().map(|_| Wish::Guide { layer: layer.clone() });
        let like = self.like.as_ref().map(|_| Wish::Like { layer: layer.clone() });
        let wishes = guide.into_iter().chain(like);
        let implied = wishes.map(|aim| Objective { aim, ..Objective::l2(&layer) });
        let objectives = if named.is_empty() { implied.collect() } else { named };
        (!objectives.is_empty()).then_some(objectives)
    }

    fn references(&self) -> Result<References, Failure> {
        if self.like_box.is_some() && self.like.is_none() {
            return Err(Failure::usage(
                "--like-box is a part of a picture that is not given: add --like PICTURE",
            ));
        }
        let guide = self.guide.as_ref().map(Picture::open).transpose()?;
        let like = self.like.as_ref().map(Picture::open).transpose()?;
        let like = like.map(|picture| Likeness { picture, region: self.like_box });
        Ok(References { guide, like })
    }

    fn output(&self) -> PathBuf {
        let name = self
            .image
            .as_deref()
            .and_then(Path::file_stem)
            .map_or("sky".into(), |stem| stem.to_string_lossy());
        self.out.clone().unwrap_or_else(|| PathBuf::from(format!("{name}-dream.png")))
    }

    /// Width and height of the dream.
    fn size(&self, opened: Option<&Picture>) -> Result<(usize, usize), Failure> {
        let (width, height) = opened.map_or(SKY, |picture| (picture.width(), picture.height()));
        let (width, height) = self.size.map_or((width, height), |size| size.fit(width, height));
        check_size(width, height)?;
        Ok((width, height))
    }
}

/// The names of the presets, and for the help what they make.
fn presets() -> PossibleValuesParser {
    PRESETS.iter().map(|preset| PossibleValue::new(preset.name).help(preset.about)).into()
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let weights = arguments.weights.open()?;
    let config = arguments.config(&weights);
    config.check().map_err(Failure::usage)?;
    let (guide, like) = (arguments.guide.is_some(), arguments.like.is_some());
    let check = |objective: &Objective| objective.check(&weights, guide, like);
    config.objectives.iter().try_for_each(check).map_err(Failure::usage)?;
    let output = arguments.output();
    check_output(&output)?;
    let inputs = [&arguments.image, &arguments.guide, &arguments.like, &arguments.weights.weights];
    let inputs = inputs.into_iter().flatten();
    keep_inputs(inputs, &output)?;
    let opened = arguments.image.as_ref().map(Picture::open).transpose()?;
    let (width, height) = arguments.size(opened.as_ref())?;
    check_output_size(&output, width, height)?;
    let references = arguments.references()?;
    let machine = arguments.device.open()?;
    let mut dream = Dream::prepare_with(&*machine, &weights, (height, width), &config, &references)?;
    // Not before it is known to fit: resizing and painting take memory too.
    let picture = match opened {
        Some(picture) => picture.resized(width, height)?,
        None => sky(width, height, arguments.seed)?,
    };

    let interrupted = stop_on_interrupt()?;
    announce(&dream, &config, &*machine, arguments.verbose);
    let progress = ProgressLine::new(&dream.octave_sizes(), &config.iterations);
    let dreamed = dream.run(&picture, &mut |now| {
        progress.show(&now);
        if interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    let dreamed = dreamed?;
    dreamed.picture.save(&output)?;
    if !dreamed.complete {
        return Err(Failure {
            message: format!("stopped by Ctrl-C; what was dreamed by then is in {}", output.display()),
            code: 1,
        });
    }
    say(format_args!("{}", output.display()));
    Ok(())
}

/// Says what the user could not know from the arguments; with `verbose`, everything.
fn announce(dream: &Dream, config: &Config, machine: &dyn Machine, verbose: bool) {
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
        let each = if config.iterations.values().len() == 1 { " each" } else { "" };
        say(format_args!("octaves: {}, {} iterations{each}", sizes.join(", "), config.iterations));
        say(format_args!("memory:  {} MiB of buffers, weights aside", dream.bytes().div_ceil(1 << 20)));
    }
}

/// The first Ctrl-C sets the flag; a second ends the program at once.
fn stop_on_interrupt() -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    let handle = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if handle.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
    })?;
    Ok(flag)
}
