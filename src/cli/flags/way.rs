//! The flags for watching and keeping a dream in progress.

use std::path::PathBuf;

use clap::Args;

use crate::cli::terminal::preview::Preview;
use crate::cli::terminal::say;

/// What to show and keep of a dream in progress.
#[derive(Args)]
pub(crate) struct WayArguments {
    /// Save the picture after every octave to this folder, at the size of the octave
    #[arg(long, value_name = "FOLDER", help_heading = "While it dreams")]
    pub(crate) steps_out: Option<PathBuf>,

    /// Show the picture after every octave, in terminals that support it (kitty's or iTerm2's protocol, or
    /// sixels)
    #[arg(long, help_heading = "While it dreams")]
    preview: bool,

    /// Report what is done, on which device, and how much memory it takes
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

impl WayArguments {
    /// Whether pictures of the dream in progress are wanted.
    pub(crate) fn asks_for_more(&self) -> bool {
        self.preview || self.steps_out.is_some()
    }

    /// The terminal to show previews on, if they are wanted and possible.
    pub(crate) fn open_preview(&self) -> Option<Preview> {
        open_preview(self.preview)
    }
}

/// The terminal to show previews on, if they are wanted and possible.
pub(crate) fn open_preview(is_wanted: bool) -> Option<Preview> {
    let open = || Preview::open().inspect_err(|reason| say(format_args!("no preview: {reason}"))).ok();
    is_wanted.then(open).flatten()
}
