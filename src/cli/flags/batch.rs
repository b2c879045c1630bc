//! The flags for many pictures at once, and the messages about them.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::failure::{Failure, explain};
use crate::cli::terminal::say;
use crate::settings::form::parse_whole;
use crate::studio::batch::{Batch, Report, Tally};

/// Which pictures, and where their dreams go.
#[derive(Args)]
pub(crate) struct BatchArguments {
    /// Dream over all given pictures and all pictures in the given folders, and save the dreams to this folder,
    /// in the same layout
    #[arg(long, value_name = "FOLDER", help_heading = "Many pictures",
          conflicts_with_all = ["out", "checkpoint", "steps_out", "preview"])]
    pub(crate) out_dir: Option<PathBuf>,

    /// Skip pictures whose dream exists already
    #[arg(long, help_heading = "Many pictures", requires = "out_dir", conflicts_with = "out")]
    skip_existing: bool,

    /// Number of dreams that run at a time; fewer while the device has no room for them
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Many pictures", requires = "out_dir",
          conflicts_with = "out", value_parser = parse_count, allow_negative_numbers = true)]
    jobs: usize,

    /// Make N dreams of each picture, NAME-1 to NAME-N; their layers, octaves, iterations, steps and shifts are
    /// drawn from --seed, unless given as flags
    #[arg(long, value_name = "N", help_heading = "Many pictures", requires = "out_dir",
          conflicts_with = "out", value_parser = parse_count, allow_negative_numbers = true)]
    augment: Option<usize>,
}

fn parse_count(text: &str) -> Result<usize, String> {
    match parse_whole(text)? {
        count @ 1..=1000 => Ok(count),
        _ => Err("a number from 1 to 1000 is needed".to_owned()),
    }
}

impl BatchArguments {
    pub(crate) fn batch(&self, folder: &Path, extension: &'static str) -> Batch {
        Batch {
            folder: folder.to_owned(),
            extension,
            skip_existing: self.skip_existing,
            jobs: self.jobs,
            variants: self.augment,
        }
    }
}

/// Prints a line about one picture.
pub(crate) fn report(report: &Report<'_>) {
    match report {
        Report::Dreamed { task, number, of } => {
            say(format_args!("[{number}/{of}] {}", task.out.display()));
        }
        Report::Failed { source, error } => {
            say(format_args!("failed: '{}': {}", source.display(), explain(error)));
        }
    }
}

/// The final message.
pub(crate) fn conclude(tally: Tally, interrupted: bool, folder: &Path) -> Result<(), Failure> {
    let Tally { dreamed, skipped, failed } = tally;
    let mut summary = format!("{dreamed} dreamed");
    if skipped > 0 {
        summary += &format!(", {skipped} there already");
    }
    if failed > 0 {
        summary += &format!(", {failed} failed");
    }
    if interrupted {
        return Err(Failure::because(format_args!(
            "stopped by Ctrl-C: {summary}; --skip-existing continues from there"
        )));
    }
    if dreamed + skipped + failed == 0 {
        return Err(Failure::because("none of the given files and folders is or contains a picture"));
    }
    if failed > 0 {
        return Err(Failure::because(summary));
    }
    say(format_args!("{summary}, in {}", folder.display()));
    Ok(())
}
