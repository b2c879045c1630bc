//! The command line: one file a subcommand. The only place that prints and the only one that knows exit codes.

mod batch;
mod bench;
mod classify;
mod climbing;
mod completions;
mod devices;
mod dream;
mod dreaming;
mod flags;
mod layers;
mod pictures;
mod preview;
mod probe;
mod progress;
mod recipe;
mod references;
mod replay;
mod resume;
mod room;
mod settings;
mod weights;

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, CommandFactory, Parser, Subcommand};
use etcetera::BaseStrategy;

use crate::device;
use crate::dream::objective::Role;
use crate::dream::{DreamError, Objective, ObjectiveError, ReferenceError};
use crate::files::output::OutputError;
use crate::gpu::Habits;
use crate::machine::{Machine, MachineError};
use crate::net::Weights;
use crate::picture::PictureError;
use crate::store::{self, Found, StoreError};

/// DeepDream as one program: climbs a picture towards what a layer, a channel, a neuron or a class of a
/// trained GoogLeNet likes to see, on any GPU or none.
#[derive(Parser)]
#[command(name = "puppyslug", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  puppyslug dream                          a dream over a sky, in sky-dream.png
  puppyslug dream cat.jpg -o dream.jpg     a dream over a picture
  puppyslug layers                         every layer that --layer takes
  puppyslug weights fetch bvlc             the network of 2015, for --weights bvlc
  puppyslug dream --help                   all that can be chosen, with more examples")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Dream over a picture, or over a sky if there is none
    Dream(Box<dream::Arguments>),
    /// Name what the network sees in pictures
    Classify(classify::Arguments),
    /// Fetch, import, list and examine weights
    Weights(weights::Arguments),
    /// Dream a dream again from the recipe that its picture carries, and compare
    Replay(replay::Arguments),
    /// Go on with a dream that was stopped, from its checkpoint
    Resume(resume::Arguments),
    /// Run the network once and write activations and gradients to a safetensors file
    Probe(probe::Arguments),
    /// Time every kernel of one iteration
    Bench(bench::Arguments),
    /// List every layer that can be named
    Layers(layers::Arguments),
    /// List everything that can be set, with defaults and ranges
    Settings(settings::Arguments),
    /// List every device, and the one that `auto` takes
    Devices,
    /// Write what a shell needs to complete commands and flags
    Completions(completions::Arguments),
    /// Write the manual page
    Man,
}

/// Why a command ended early.
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// What went wrong has been said already.
    fn said() -> Self {
        Self { message: String::new(), code: 1 }
    }

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
    if matches!(error.downcast_ref(), Some(StoreError::Name(_))) {
        return true;
    }
    // What shows only when the pictures are known.
    use ReferenceError::{Outside, Unused};
    if let Some(DreamError::Config(_) | DreamError::Reference(Unused { .. } | Outside { .. })) =
        error.downcast_ref()
    {
        return true;
    }
    match error.downcast_ref() {
        Some(PictureError::Output(error)) => output(error),
        Some(PictureError::Extension { .. } | PictureError::Unsuitable { .. }) => true,
        _ => matches!(error.downcast_ref(), Some(MachineError::UnknownDevice(_))),
    }
}

/// Runs the program: parses the arguments, runs the subcommand, prints the one line of an error.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dream(arguments) => dream::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Weights(arguments) => weights::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Probe(arguments) => probe::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Layers(arguments) => layers::run(&arguments),
        Command::Settings(arguments) => settings::run(&arguments),
        Command::Devices => devices::run(),
        Command::Completions(arguments) => completions::run(&arguments, Cli::command()),
        Command::Man => completions::man(Cli::command()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                say(format_args!("error: {}", in_one_line(&failure.message)));
            }
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
fn print(result: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    match stdout.write_all(result.as_ref()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure { message: format!("cannot write to stdout: {error}"), code: 1 })
        }
        _ => Ok(()),
    }
}

/// Which weights to use.
#[derive(Args)]
struct WeightsArguments {
    /// Trained weights: a safetensors file, or a name from `puppyslug weights list`; without it, the network
    /// inside the program
    #[arg(long, value_name = "FILE|NAME", env = "PUPPYSLUG_WEIGHTS", help_heading = "Network")]
    weights: Option<PathBuf>,
}

impl WeightsArguments {
    fn open(&self) -> Result<Weights, Failure> {
        Ok(self.find()?.open()?)
    }

    fn find(&self) -> Result<Found, Failure> {
        Ok(self.weights.as_deref().map_or(Ok(Found::Embedded), store::find)?)
    }

    /// The file that is read, if one is.
    fn file(&self) -> Option<PathBuf> {
        match self.find() {
            Ok(Found::File(path)) => Some(path),
            _ => None,
        }
    }

    /// What people call them.
    fn name(&self) -> String {
        let file = self.weights.as_deref().and_then(Path::file_name).map(OsStr::to_string_lossy);
        // A stored name may have dots of its own.
        file.map_or("embedded".to_owned(), |file| {
            file.strip_suffix(".safetensors").unwrap_or(&file).to_owned()
        })
    }
}

/// A file's name made longer, whatever bytes are in it.
fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(ending);
    name
}

/// Refuses an output that is one of the files read, by whatever path: it would be lost.
fn keep_inputs<'a>(inputs: impl IntoIterator<Item = &'a PathBuf>, output: &Path) -> Result<(), Failure> {
    let Ok(existing) = output.canonicalize() else { return Ok(()) };
    let is_output = |input: &&PathBuf| input.canonicalize().is_ok_and(|path| path == existing);
    match inputs.into_iter().find(is_output) {
        None => Ok(()),
        Some(input) => Err(Failure::usage(format_args!(
            "the output '{}' is '{}', which is read; choose another place for it",
            output.display(),
            input.display()
        ))),
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

/// Where a GPU remembers tiles and compiled kernels: `$PUPPYSLUG_CACHE`, or the user's own folder for such.
fn cache_folder() -> Option<PathBuf> {
    match std::env::var_os("PUPPYSLUG_CACHE") {
        Some(folder) => Some(folder.into()).filter(|folder: &PathBuf| !folder.as_os_str().is_empty()),
        None => etcetera::choose_base_strategy().ok().map(|base| base.cache_dir().join("puppyslug")),
    }
}

/// Opens a machine that remembers what it finds out.
fn open_machine(wish: &str, tune: bool) -> Result<Box<dyn Machine>, MachineError> {
    device::open(wish, &Habits { cache: cache_folder(), tune })
}

/// Which machine to use.
#[derive(Args)]
struct DeviceArguments {
    /// auto, gpu, cpu, or a device's number or name from `puppyslug devices`
    #[arg(long, value_name = "DEVICE", default_value = "auto", help_heading = "Device")]
    device: String,

    /// Do not look for the fastest tiles on a GPU; take those that the rule gives
    #[arg(long, help_heading = "Device")]
    no_tune: bool,
}

impl DeviceArguments {
    fn open(&self) -> Result<Box<dyn Machine>, Failure> {
        Ok(open_machine(&self.device, !self.no_tune)?)
    }
}

fn parse_objective(text: &str) -> Result<Objective, String> {
    text.parse::<Objective>().map_err(|error| error.to_string())
}

/// Checks names first of all, where there are neither octaves nor masks: what is wrong with the arguments is said before
/// any work.
fn check_objectives(objectives: &[Objective], weights: &Weights) -> Result<(), Failure> {
    if let Some(objective) = objectives.iter().find(|it| it.octaves.is_some() || it.mask.is_some()) {
        return Err(Failure::usage(format_args!(
            "'{objective}' speaks of octaves or a mask, which are a dream's; leave @ and # away here"
        )));
    }
    objectives.iter().try_for_each(|objective| objective.resolve(weights).map(drop)).map_err(refuse_objective)
}

/// Says of a picture that an objective needs how it is given.
fn refuse_objective(error: ObjectiveError) -> Failure {
    let flag = match error {
        ObjectiveError::Picture { needs: Role::Guide, .. } => "--guide",
        ObjectiveError::Picture { needs: Role::Like, .. } => "--like",
        _ => return Failure::usage(error),
    };
    Failure::usage(format_args!("{error}; `puppyslug dream` takes one with {flag}"))
}
