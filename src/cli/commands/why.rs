//! `puppyslug why`: which channels, and where in a picture, speak for a class.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::flags::naming::NamingArguments;
use crate::cli::flags::output::mind;
use crate::cli::terminal::{in_one_line, print, say};
use crate::dream::Objective;
use crate::dream::attribution::{Reason, Speech, Voice, explain, heat, last_modules};
use crate::net::{LayerId, Weights};
use crate::picture::{Picture, SaveOptions, WantedSize};
use crate::settings::form::parse_whole;
use crate::studio::{keep_inputs, read_options};

#[derive(Args)]
#[command(after_help = "\
A cell of value h speaks for a class by h times the derivative of the class, before softmax, with
respect to h; a negative number speaks against it. For each channel, the table has the sum over
all places, the mean of its cells, and the largest cell with its row and column, as neuron: takes
them. The picture written by -o has the layers from left to right: orange speaks for the class,
blue against it. The network sees what `classify` shows it.

Examples:
  puppyslug why cat.jpg
  puppyslug why cat.jpg --class 'dog face' -o why.png --weights embedded
  puppyslug why cat.jpg --layer inception_4c/output --layer 'inception_3?/output' --top 20 --json")]
pub(crate) struct Arguments {
    /// The picture
    image: PathBuf,

    /// The class, by its number or name [default: the likeliest]
    #[arg(long, value_name = "N|NAME", allow_negative_numbers = true)]
    class: Option<String>,

    /// A layer, or a pattern with * and ?; may be repeated [default: the last three modules]
    #[arg(long, value_name = "NAME")]
    layer: Vec<String>,

    /// Write a picture of the places that speak for the class, and against it
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Number of channels to list of each layer, the most outspoken first
    #[arg(long, value_name = "N", default_value = "10", value_parser = parse_whole::<usize>,
          allow_negative_numbers = true)]
    top: usize,

    #[command(flatten)]
    naming: NamingArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.top == 0 {
        return Err(Failure::usage("--top 0 names no channel; give 1 or more"));
    }
    let naming = &arguments.naming;
    let weights = naming.weights.open()?;
    let layers = layers(arguments, &weights)?;
    let class = arguments.class.as_deref();
    class.map(|class| Objective::class(class).resolve(&weights)).transpose()?;
    if let Some(out) = &arguments.out {
        SaveOptions::default().check(out)?;
        keep_inputs([&arguments.image].into_iter().chain(&naming.weights.file()), out)?;
    }
    let (picture, _) = Picture::open_as(&arguments.image, &read_options(WantedSize::Own, None))?;
    mind(&arguments.image, &picture);
    let framing = naming.framing();
    let (machine, mean) = (naming.device.open()?, naming.mean.or_of(&weights));
    let reason = explain(&*machine, &weights, mean, (&picture, framing), class, &layers)?;
    if let Some(out) = &arguments.out {
        heat(weights.network(), (&picture, framing), &reason.attribution.layers)?.save(out)?;
        say(out.display());
    }
    let report = Report { image: &arguments.image, weights: &weights, reason: &reason, top: arguments.top };
    print(if naming.json { format!("{:#}\n", report.json()) } else { report.table()? })
}

/// The requested layers, each once.
fn layers(arguments: &Arguments, weights: &Weights) -> Result<Vec<LayerId>, Failure> {
    if arguments.layer.is_empty() {
        return Ok(last_modules(weights.network()));
    }
    let mut layers = Vec::new();
    for name in &arguments.layer {
        layers.extend(weights.find_layers(name)?);
    }
    layers.sort();
    layers.dedup();
    Ok(layers)
}

/// The result, as text for people or JSON for programs.
struct Report<'a> {
    image: &'a Path,
    weights: &'a Weights,
    reason: &'a Reason,
    top: usize,
}

impl Report<'_> {
    fn voices(&self, speech: &Speech) -> Vec<Voice> {
        let mut voices = speech.voices();
        voices.truncate(self.top);
        voices
    }

    fn table(&self) -> Result<String, Failure> {
        let Reason { guess, attribution } = self.reason;
        let name = self.weights.labels().get(guess.class).map_or("", String::as_str);
        let mut text = format!("{}\n", in_one_line(&self.image.to_string_lossy()));
        let (percent, logit) = (100.0 * guess.probability, attribution.logit);
        writeln!(text, "  {percent:5.1}%  {:>4}  {name}; {logit:.3} before softmax", guess.class)?;
        for speech in &attribution.layers {
            let (shape, sum) = (speech.value.shape, speech.sum());
            let layer = &self.weights.network()[speech.layer].name;
            writeln!(text, "{layer}, {} by {} places: {sum:+.3} in sum", shape.height, shape.width)?;
            writeln!(text, "  channel    speaks      mean   largest  in row,column")?;
            for Voice { channel, speaks, mean, largest, at } in self.voices(speech) {
                let (row, column) = at;
                writeln!(
                    text,
                    "  {channel:>7}  {speaks:>+8.3}  {mean:>8.3}  {largest:>8.3}  {row},{column}"
                )?;
            }
        }
        Ok(text)
    }

    fn json(&self) -> Value {
        let Reason { guess, attribution } = self.reason;
        let layers: Vec<Value> = attribution.layers.iter().map(|speech| self.layer(speech)).collect();
        json!({
            "image": self.image.to_string_lossy(),
            "class": guess.class,
            "name": self.weights.labels().get(guess.class),
            "probability": guess.probability,
            "logit": attribution.logit,
            "layers": layers,
        })
    }

    fn layer(&self, speech: &Speech) -> Value {
        let channel = |Voice { channel, speaks, mean, largest, at }| json!({ "channel": channel, "speaks": speaks, "mean": mean, "largest": largest, "at": [at.0, at.1] });
        let places = speech.places();
        json!({
            "layer": self.weights.network()[speech.layer].name,
            "sum": speech.sum(),
            "channels": self.voices(speech).into_iter().map(channel).collect::<Vec<_>>(),
            "places": places.chunks(speech.value.shape.width).collect::<Vec<_>>(),
        })
    }
}
