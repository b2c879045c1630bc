//! The command line: one file a subcommand. The only place that prints and the only one that knows exit codes.

mod bench;
mod controls;
mod devices;
mod dream;
mod layers;
mod probe;
mod progress;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::num::{IntErrorKind, ParseIntError};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::device;
use crate::dream::Objective;
use crate::dream::objective::parse_weight;
use crate::dream::picture::PictureError;
use crate::machine::{Machine, MachineError};
use crate::net::{Weights, weights};
use crate::output::OutputError;

/// DeepDream as one program: climbs a picture towards what a layer, a channel, a neuron or a class of a
/// trained GoogLeNet likes to see, on any GPU or none.
#[derive(Parser)]
#[command(name = "puppyslug", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  puppyslug dream                          a dream over a sky, in sky-dream.png
  puppyslug dream cat.jpg -o dream.jpg     a dream over a picture
  puppyslug layers                         every layer that --layer takes
  puppyslug dream --help                   all that can be chosen, with more examples")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Dream over a picture, or over a sky if there is none
    Dream(dream::Arguments),
    /// Run the network once and write activations and gradients to a safetensors file
    Probe(probe::Arguments),
    /// Time every kernel of one iteration
    Bench(bench::Arguments),
    /// List every layer that can be named
    Layers(layers::Arguments),
    /// List every device, and the one that `auto` takes
    Devices,
}

/// Why a command ended early.
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The arguments make no sense: exit code 2, as clap's own complaints.
    fn usage(message: impl Display) -> Self {
        Self { message: message.to_string(), code: 2 }
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { message: error.to_string(), code: if blames_arguments(&error) { 2 } else { 1 } }
    }
}

/// Whether no picture and no file could make sense of the arguments.
fn blames_arguments(error: &(dyn Error + 'static)) -> bool {
    let output = |error: &OutputError| matches!(error, OutputError::Folder { .. });
    if let Some(error) = error.downcast_ref() {
        return output(error);
    }
    match error.downcast_ref() {
        Some(PictureError::Output(error)) => output(error),
        Some(PictureError::Extension { .. }) => true,
        _ => matches!(error.downcast_ref(), Some(MachineError::UnknownDevice(_))),
    }
}

/// Runs the program: parses the arguments, runs the subcommand, prints the one line of an error.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dream(arguments) => dream::run(&arguments),
        Command::Probe(arguments) => probe::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Layers(arguments) => layers::run(&arguments),
        Command::Devices => devices::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(format_args!("error: {}", in_one_line(&failure.message)));
            ExitCode::from(failure.code)
        }
    }
}

/// A message, with what a file or its name put into it to break the line or steer the terminal made visible.
fn in_one_line(message: &str) -> String {
    let visible =
        |char: char| if char.is_control() { char.escape_default().to_string() } else { char.into() };
    message.chars().map(visible).collect()
}

/// Talk goes to stderr. A closed stderr is no reason to stop.
fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Results go to stdout. A reader who has seen enough (`| head`) is no error.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure { message: format!("cannot write to stdout: {error}"), code: 1 })
        }
        _ => Ok(()),
    }
}

/// Which weights to use.
#[derive(Args)]
struct WeightsArguments {
    /// Trained weights, a safetensors file; without it, the network inside the program
    #[arg(long, value_name = "FILE", env = "PUPPYSLUG_WEIGHTS", help_heading = "Network")]
    weights: Option<PathBuf>,
}

impl WeightsArguments {
    fn open(&self) -> Result<Weights, Failure> {
        Ok(match &self.weights {
            Some(path) => Weights::open(path)?,
            None => Weights::embedded(),
        })
    }
}

/// Refuses an output that is one of the files read, by whatever path: it would be lost.
fn keep_inputs<'a>(inputs: impl IntoIterator<Item = &'a PathBuf>, output: &Path) -> Result<(), Failure> {
    let Ok(existing) = output.canonicalize() else { return Ok(()) };
    let is_output = |input: &&PathBuf| input.canonicalize().is_ok_and(|path| path == existing);
    match inputs.into_iter().find(is_output) {
        None => Ok(()),
        Some(input) => Err(Failure::usage(format_args!(
            "the output '{}' is '{}', which is read; give another name with -o",
            output.display(),
            input.display()
        ))),
    }
}

/// Which machine to use.
#[derive(Args)]
struct DeviceArguments {
    /// auto, gpu, cpu, or a device's number or name from `puppyslug devices`
    #[arg(long, value_name = "DEVICE", default_value = "auto", help_heading = "Device")]
    device: String,
}

impl DeviceArguments {
    fn open(&self) -> Result<Box<dyn Machine>, Failure> {
        Ok(device::open(&self.device)?)
    }
}

/// Blue, green and red of the mean that is taken off a picture.
#[derive(Args)]
struct MeanArguments {
    /// Mean colour taken off the picture before the network sees it [default: what the weights say]
    #[arg(long, value_name = "B,G,R", value_parser = parse_mean, help_heading = "Network")]
    mean: Option<[f32; 3]>,
}

impl MeanArguments {
    fn or_of(&self, weights: &Weights) -> [f32; 3] {
        self.mean.unwrap_or(weights.mean())
    }
}

fn parse_mean(text: &str) -> Result<[f32; 3], String> {
    weights::parse_mean(text).ok_or_else(|| {
        "three numbers from 0 to 255 are needed, blue, green and red, like 104,116,122".to_owned()
    })
}

fn parse_whole<N: FromStr<Err = ParseIntError>>(text: &str) -> Result<N, String> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => "that is too large a number".to_owned(),
        _ => "a whole number is needed, 0 or more".to_owned(),
    })
}

fn parse_real<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "a number is needed, like 1.5".to_owned())
}

fn parse_objective(text: &str) -> Result<Objective, String> {
    text.parse::<Objective>().map_err(|error| error.to_string())
}

/// `NAME` or `NAME=WEIGHT`: a layer's half sum of squares.
fn parse_layer(text: &str) -> Result<Objective, String> {
    let (name, weight) = match text.split_once('=') {
        Some((name, weight)) => (name, parse_weight(weight)?),
        None => (text, 1.0),
    };
    if name.is_empty() {
        return Err("a layer's name is needed; `puppyslug layers` lists them".to_owned());
    }
    Ok(Objective { weight, ..Objective::l2(name) })
}

/// Checks names first of all: what is wrong with the arguments is said before any work.
fn check_objectives(objectives: &[Objective], weights: &Weights) -> Result<(), Failure> {
    objectives.iter().try_for_each(|objective| objective.resolve(weights).map(drop)).map_err(Failure::usage)
}
