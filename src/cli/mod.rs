//! The command line, with one file for each subcommand. Only this module prints, and only it knows exit codes.

mod commands;
mod failure;
mod flags;
mod hint;
mod shoot;
mod terminal;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use commands::*;
use terminal::say;

/// DeepDream as one program: changes a picture towards what a layer, a channel, a neuron or a class of a
/// trained GoogLeNet likes to see, on any GPU or none.
#[derive(Parser)]
#[command(name = "puppyslug", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  puppyslug dream                          a dream over a sky, in sky-dream.png
  puppyslug dream cat.jpg -o dream.jpg     a dream over a picture
  puppyslug layers                         every layer that --layer takes
  puppyslug weights fetch bvlc             the network of 2015, for --weights bvlc
  puppyslug dream --help                   every option, with more examples")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Dream over a picture, or over a painted sky if none is given
    Dream(Box<dream::Arguments>),
    /// Dream over a film and keep its sound
    Video(Box<video::Arguments>),
    /// Show what a part of the network likes to see, starting from noise
    Visualize(Box<visualize::Arguments>),
    /// Make a page that shows what every channel likes to see
    Atlas(atlas::Arguments),
    /// Serve a private page on this computer, to dream in the browser
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    /// Name what the network sees in pictures
    Classify(classify::Arguments),
    /// Find out what in a picture speaks for a class: which channels, and where
    Why(why::Arguments),
    /// Download, import, list and examine weights
    Weights(weights::Arguments),
    /// Repeat a dream from the recipe that its file carries, and compare
    Replay(replay::Arguments),
    /// Continue a dream or a film that was stopped
    Resume(resume::Arguments),
    /// Find where each pixel of one picture has moved in another
    Flow(flow::Arguments),
    /// Run the network once and write activations and gradients to a safetensors file
    Probe(probe::Arguments),
    /// Time every kernel of one iteration
    Bench(bench::Arguments),
    /// List all layers by name
    Layers(layers::Arguments),
    /// List all settings, with their defaults and ranges
    Settings(settings::Arguments),
    /// List all devices, and the one that `auto` takes
    Devices,
    /// Print a completion script for a shell
    Completions(completions::Arguments),
    /// Print the manual page
    Man,
}

/// Runs the program: parses the arguments, runs the subcommand, prints the one line of an error.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    let outcome = match cli.command {
        Command::Dream(arguments) => dream::run(&arguments),
        Command::Video(arguments) => video::run(&arguments),
        Command::Visualize(arguments) => visualize::run(&arguments),
        Command::Atlas(arguments) => atlas::run(&arguments),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Why(arguments) => why::run(&arguments),
        Command::Weights(arguments) => weights::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Flow(arguments) => flow::run(&arguments),
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
                say(format_args!("error: {}", failure.message));
            }
            ExitCode::from(failure.code)
        }
    }
}

/// Prints clap's message about the arguments: the help, or what is wrong with them.
fn refused(error: &clap::Error) -> ExitCode {
    let steers = |argument: OsString| argument.to_string_lossy().contains(char::is_control);
    if error.use_stderr() && std::env::args_os().any(steers) {
        // clap prints arguments unescaped, including file names that a shell has inserted.
        error.to_string().lines().for_each(say);
    } else {
        // A closed stream is not an error.
        let _ = error.print();
    }
    ExitCode::from(error.exit_code() as u8)
}
