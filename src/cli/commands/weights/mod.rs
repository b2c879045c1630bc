//! `puppyslug weights`: where they come from, where they are kept, what is in them.

mod fetch;
mod import;
mod info;
mod list;

use std::path::Path;

use clap::{Args, Subcommand};

use crate::cli::failure::Failure;
use crate::files::input::read_whole;
use crate::import::{Format, Imported};

/// Far more than a GoogLeNet takes in any format.
const LARGEST_FILE: u64 = 1 << 30;

#[derive(Args)]
#[command(after_help = "\
Weights are kept in the user's data folder, under weights/; PUPPYSLUG_DATA names another.

Examples:
  puppyslug weights fetch bvlc
  puppyslug dream cat.jpg --weights bvlc
  puppyslug weights import bvlc_googlenet.caffemodel --name bvlc
  puppyslug weights info bvlc")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Download published weights and keep them under a name
    Fetch(fetch::Arguments),
    /// Turn a file of another program into weights for this one
    Import(import::Arguments),
    /// List the weights there are
    List,
    /// Tell what a file of weights is, and whether it is well
    Info(info::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Fetch(arguments) => fetch::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::List => list::run(),
        Command::Info(arguments) => info::run(arguments),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |error| Failure::because(format_args!("cannot read '{}': {error}", path.display()));
    read_whole(path, LARGEST_FILE).map_err(unread)
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Caffe => "Caffe model",
        Format::Onnx => "ONNX model",
        Format::TensorFlow => "TensorFlow graph",
        Format::Torch => "PyTorch state",
        Format::Npz => "NumPy archive",
        Format::Safetensors => "safetensors",
    }
}

/// `bvlc_googlenet, 1000 classes`.
fn describe(imported: &Imported) -> String {
    let classes = match imported.classes() {
        Some(classes) => format!("{classes} classes"),
        None => "no classifier".to_owned(),
    };
    format!("{}, {classes}", imported.variant.name())
}
