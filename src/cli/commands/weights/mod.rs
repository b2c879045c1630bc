//! `puppyslug weights`: downloads, imports, lists and examines weights.

#[cfg(all(feature = "fetch", feature = "import"))]
mod fetch;
#[cfg(feature = "import")]
mod foreign;
#[cfg(feature = "import")]
mod import;
#[cfg(feature = "import")]
mod info;
mod list;

use clap::{Args, Subcommand};

use crate::cli::failure::Failure;

#[derive(Args)]
#[command(after_help = "\
Weights are kept in the user's data folder, in weights/; PUPPYSLUG_DATA names another folder.

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
    #[cfg(all(feature = "fetch", feature = "import"))]
    /// Download published weights and keep them under a name
    Fetch(fetch::Arguments),
    #[cfg(feature = "import")]
    /// Convert another program's file into weights for this one
    Import(import::Arguments),
    /// List the available weights
    List,
    #[cfg(feature = "import")]
    /// Describe a file of weights, and check it for damage
    Info(info::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        #[cfg(all(feature = "fetch", feature = "import"))]
        Command::Fetch(arguments) => fetch::run(arguments),
        #[cfg(feature = "import")]
        Command::Import(arguments) => import::run(arguments),
        Command::List => list::run(),
        #[cfg(feature = "import")]
        Command::Info(arguments) => info::run(arguments),
    }
}
