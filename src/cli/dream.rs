//! `puppyslug dream`: a picture in, a dream out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::controls::ControlArguments;
use super::progress::ProgressLine;
use super::{
    DeviceArguments, Failure, MeanArguments, WeightsArguments, check_objectives, keep_inputs, parse_layer,
    parse_objective, parse_real, parse_whole, say,
};
use crate::dream::picture::{Size, check_output, check_output_size, check_size};
use crate::dream::sky::sky;
use crate::dream::{Config, Dream, Objective, Picture};
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
  puppyslug dream cat.jpg --layer inception_4c/output --layer inception_3a/output=-0.5")]
pub(super) struct Arguments {
    /// The picture; a cloudy sky if there is none
    image: Option<PathBuf>,

    /// Where the dream goes; the ending decides the format [default: NAME-dream.png]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Fit the picture into a box (WxH) or a longest side (N) first
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

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
    controls: ControlArguments,
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
        let mut objectives: Vec<Objective> = self.layer.iter().chain(&self.objective).cloned().collect();
        if objectives.is_empty() {
            objectives = Config::for_weights(weights).objectives;
        }
        Config {
            objectives,
            octaves: self.octaves,
            octave_scale: self.octave_scale,
            iterations: self.iterations,
            step: self.step,
            jitter: self.jitter,
            seed: self.seed,
            mean: self.mean.or_of(weights),
            controls: self.controls.controls(),
        }
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

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let weights = arguments.weights.open()?;
    let config = arguments.config(&weights);
    config.check().map_err(Failure::usage)?;
    check_objectives(&config.objectives, &weights)?;
    let output = arguments.output();
    check_output(&output)?;
    let inputs = arguments.image.iter().chain(&arguments.weights.weights);
    keep_inputs(inputs.chain(arguments.controls.mask_file()), &output)?;
    let opened = arguments.image.as_ref().map(Picture::open).transpose()?;
    let mask = arguments.controls.open_mask(opened.as_ref())?;
    let (width, height) = arguments.size(opened.as_ref())?;
    check_output_size(&output, width, height)?;
    let machine = arguments.device.open()?;
    let mut dream = Dream::prepare(&*machine, &weights, (height, width), &config)?;
    // Not before it is known to fit: resizing and painting take memory too.
    let picture = match opened {
        Some(picture) => picture.resized(width, height)?,
        None => sky(width, height, arguments.seed)?,
    };
    if let Some(mask) = mask {
        dream.set_mask(mask.over(&picture)?);
    }

    let interrupted = stop_on_interrupt()?;
    announce(&dream, &config, &*machine, arguments.verbose);
    let progress = ProgressLine::new(&dream.octave_sizes(), config.iterations);
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
        say(format_args!("octaves: {}, {} iterations each", sizes.join(", "), config.iterations));
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
