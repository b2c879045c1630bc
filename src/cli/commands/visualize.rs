//! `puppyslug visualize`: what a part of the network likes to see, starting from noise.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::{OutputArguments, destination, mind_loss, open_picture};
use crate::cli::flags::settings::VisualizeArguments;
use crate::cli::terminal::progress::StepLine;
use crate::cli::terminal::{print, say, stop_on_interrupt};
use crate::dream::objective::Sum;
use crate::extent::Extent;
use crate::files::bytes::ByteSize;
use crate::machine::Machine;
use crate::picture::{Size, WantedSize};
use crate::settings::Settings;
use crate::studio::{
    Cancel, Delivery, Destination, GivenPictures, VisualizeEvent, VisualizeProduct, VisualizeRequest,
    VisualizeStart, read_options,
};
use crate::visualize::config::preset;
use crate::visualize::{Spark, VisualizeChanges, VisualizeConfig};

/// The default size of a picture that starts from noise.
const SIZE: Extent = Extent::square(224);

/// The longest file name that is made from an objective, in letters.
const LONGEST_NAME: usize = 80;

#[derive(Args)]
#[command(after_help = "\
An objective is any that `dream` takes, or several joined by + or -, each after WEIGHT* if wanted.

Examples:
  puppyslug visualize channel:inception_4c/output:447
  puppyslug visualize logit:sunflower logit:octopus -o classes.png     a sheet of two
  puppyslug visualize 'channel:inception_4c/output:447 + diversity:inception_4c/output' --batch 4
  puppyslug visualize 'channel:inception_4b/output:3 - 0.5*channel:inception_4b/output:7'
  puppyslug visualize channel:inception_4a/output:97*-1             what it likes least
  puppyslug visualize neuron:inception_4a/output:97 --preset distill
  puppyslug visualize channel:inception_3b/output:9 --from cat.jpg --steps 128")]
pub(crate) struct Arguments {
    /// What to maximise; several make a contact sheet
    #[arg(required = true, value_name = "OBJECTIVE", value_parser = parse_sum)]
    objectives: Vec<Sum>,

    /// Output file, or - for stdout; the ending decides the format [default: a name made of OBJECTIVE]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Size of each picture: WxH, or N for a square; with --from, a box or a longest side to fit [default: 224]
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

    /// Start from a picture instead of noise
    #[arg(long, value_name = "PICTURE")]
    from: Option<PathBuf>,

    /// All settings of lucid's recipe or of the Distill article's; flags override them
    #[arg(long, value_name = "lucid|distill", value_parser = preset, help_heading = "How to visualize")]
    preset: Option<VisualizeChanges>,

    #[command(flatten)]
    settings: VisualizeArguments,

    /// The picture that guide: objectives refer to
    #[arg(long, value_name = "PICTURE")]
    guide: Option<PathBuf>,

    /// The picture that like: objectives refer to
    #[arg(long, value_name = "PICTURE")]
    like: Option<PathBuf>,

    /// Save the picture after 1, 2, 4, 8 steps and so on to this folder
    #[arg(long, value_name = "FOLDER", help_heading = "While it dreams")]
    steps_out: Option<PathBuf>,

    /// Report what is done, on which device, and how much memory it takes
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    file: OutputArguments,
    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

impl Arguments {
    /// The files that are read, except the weights.
    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.from.iter().chain(&self.guide).chain(&self.like)
    }

    fn delivery(&self) -> Result<Delivery, Failure> {
        let default = || PathBuf::from(format!("{}.{}", name_of(&self.objectives), self.file.extension()));
        let to = destination(self.out.clone().unwrap_or_else(default))?;
        let file = self.file.mark(&to)?;
        let reads = self.files().cloned().chain(self.weights.file()).collect();
        Ok(Delivery { reads, steps: self.steps_out.clone(), ..Delivery::to(to, file) })
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let delivery = arguments.delivery()?;
    delivery.check()?;
    let network = arguments.weights.network()?;
    let preset = arguments.preset.clone().unwrap_or_default();
    let config =
        VisualizeConfig::default().changed(&VisualizeConfig::layered([&preset, &arguments.settings.changes]));
    let whole = read_options(WantedSize::Own, None);
    let open = |path: &PathBuf| open_picture(path, &whole);
    let given = GivenPictures {
        guide: arguments.guide.as_ref().map(open).transpose()?,
        like: arguments.like.as_ref().map(open).transpose()?,
        ..GivenPictures::default()
    };
    let given = given.with_directions(arguments.objectives.iter().flat_map(|sum| &sum.0))?;
    let (start, size) = match &arguments.from {
        None => (VisualizeStart::Noise, arguments.size.map_or(SIZE, Size::exact)),
        Some(path) => {
            let opened = open(path)?;
            mind_loss(&opened, delivery.file.format);
            let own = opened.picture.extent();
            (opened.into(), arguments.size.map_or(own, |size| size.fit(own)))
        }
    };
    let sums = arguments.objectives.clone();
    let references = given.marked(None);
    let request = VisualizeRequest { network, sums, references, start, size, config, delivery };
    request.check()?;
    carry_out(request, &*arguments.device.open()?, arguments.verbose).map(drop)
}

/// Runs a request with a progress line, and reports where the picture is.
pub(super) fn carry_out(
    request: VisualizeRequest,
    machine: &dyn Machine,
    verbose: bool,
) -> Result<VisualizeProduct, Failure> {
    let (cancel, to) = (stop_on_interrupt()?, request.delivery.to.clone());
    if verbose {
        say(format_args!("device:  {}", machine.name()));
        let canvas = request.config.robustness.canvas(request.size);
        say(format_args!("size:    {}, seen in {canvas}", request.size));
    }
    let steps = request.config.steps;
    let line = StepLine::new(steps * request.sums.len());
    let (mut before, mut searching) = (0, false);
    let product = request.run(machine, &cancel, &mut |event| match event {
        VisualizeEvent::Began { sum, bytes, number, .. } => {
            (before, searching) = ((number - 1) * steps, false);
            if verbose {
                line.aside(|| say(format_args!("towards: {sum}; {} of buffers", ByteSize(bytes))));
            }
        }
        VisualizeEvent::Searching { sum } if !searching => {
            searching = true;
            line.aside(|| say(format_args!("{sum} is silent at first; looking for a start that fires")));
        }
        VisualizeEvent::Searching { .. } => {}
        VisualizeEvent::Step { done, .. } => line.show(before + done),
        VisualizeEvent::Seen { sum, number, spark, values } => {
            line.aside(|| tell(&name(sum, number), spark, values, verbose));
        }
    });
    line.finish();
    conclude(product?, &cancel, &to)
}

/// What a picture shows; its number too, if there are several.
fn name(sum: &Sum, (number, of): (usize, usize)) -> String {
    if of == 1 { sum.to_string() } else { format!("picture {number} of {sum}") }
}

fn tell(name: &str, spark: Spark, (first, last): (f32, f32), verbose: bool) {
    match spark {
        Spark::First => {}
        Spark::Start(number) => {
            say(format_args!("{name} began with noise number {number}"));
        }
        Spark::BeforeRelu(steps) => {
            say(format_args!("{name} was woken by {steps} steps towards its value before ReLU"));
        }
    }
    if verbose {
        say(format_args!("value:   {first} to {last}, {name}"));
    }
}

fn conclude(
    product: VisualizeProduct,
    cancel: &Cancel,
    to: &Destination,
) -> Result<VisualizeProduct, Failure> {
    if let Some(bytes) = &product.bytes {
        print(bytes)?;
    }
    if !product.recipe.complete && cancel.is_cancelled() {
        return Err(Failure::because(format_args!("stopped by Ctrl-C; what was seen by then is in {to}")));
    }
    if to.file().is_some() {
        say(to);
    }
    Ok(product)
}

fn parse_sum(text: &str) -> Result<Sum, String> {
    text.parse().map_err(|error: crate::dream::ObjectiveError| crate::cli::failure::explain(&error))
}

/// A file name made from the objectives: their letters and digits, joined by dashes.
fn name_of(sums: &[Sum]) -> String {
    let text = sums.first().map_or_else(String::new, Sum::to_string);
    let mut name = String::new();
    for letter in text.chars() {
        match letter.is_alphanumeric() || letter == '_' || letter == '.' {
            true => name.push(letter),
            false if name.ends_with('-') || name.is_empty() => {}
            false => name.push('-'),
        }
    }
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let name = name.trim_end_matches(['-', '.']);
    match sums.len() {
        0 | 1 => name.to_owned(),
        several => format!("{name}-and-{}-more", several - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_objectives() {
        let name = |texts: &[&str]| {
            let sums: Vec<Sum> = texts.iter().map(|text| text.parse().expect("an objective")).collect();
            name_of(&sums)
        };
        assert_eq!(name(&["channel:inception_4c/output:447"]), "channel-inception_4c-output-447");
        assert_eq!(name(&["logit:keycap: *", "logit:3"]), "logit-keycap-and-1-more");
        assert_eq!(name(&["channel:a:1 - 0.5*channel:b:2"]), "channel-a-1-channel-b-2-0.5");
        assert_eq!(name(&[&format!("logit:{}", "x".repeat(300))]).len(), LONGEST_NAME);
    }
}
