//! How a command fails: one line for people, which names the flags or commands that would help, and an exit code.

use std::fmt::Display;

use crate::remedy::{Fault, Remedy};

/// Why a command ended early.
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl Failure {
    /// The command failed: exit code 1.
    pub(crate) fn because(message: impl Display) -> Self {
        Self { message: message.to_string(), code: 1 }
    }

    /// The arguments are wrong: exit code 2, the same as for clap's own errors.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { message: message.to_string(), code: 2 }
    }

    /// The error has been reported already.
    pub(crate) fn said() -> Self {
        Self::because("")
    }
}

impl<E: Fault> From<E> for Failure {
    fn from(error: E) -> Self {
        let message = explain(&error);
        if error.is_usage() { Self::usage(message) } else { Self::because(message) }
    }
}

impl Fault for ctrlc::Error {}

/// The error message, followed by a remedy if there is one.
pub(crate) fn explain(error: &impl Fault) -> String {
    match error.remedy() {
        None => error.to_string(),
        Some(remedy) => format!("{error}. {}", words(&remedy)),
    }
}

/// The remedy as a sentence.
fn words(remedy: &Remedy) -> String {
    let words = match remedy {
        Remedy::UseProcessor => "`--device cpu` always works",
        Remedy::BuildWith(feature) => {
            return format!(
                "Build it with the feature `{feature}`: `cargo build --release --features {feature}`"
            );
        }
        Remedy::ListDevices => "`puppyslug devices` lists all of them",
        Remedy::SmallerPicture { largest: Some(largest) } => {
            return format!("The largest that fits is --size {largest}, which `dream` takes");
        }
        Remedy::SmallerTiles { largest } => {
            return format!(
                "The largest tiles that fit are --tile {largest}, which `dream` takes, also with --recipe"
            );
        }
        Remedy::SmallerPicture { largest: None } => "Give a smaller picture",
        Remedy::FastTiles => "`--tile-mode fast` lets it see each tile on its own",
        Remedy::ClimbBeforeRelu(objectives) => return before_relu(objectives),
        Remedy::ListLayers => "`puppyslug layers` lists all of them",
        Remedy::GiveSource => "Name its file too",
        Remedy::GiveGuide => {
            "Give it with `--guide PICTURE`, which `dream`, `video`, `visualize` and `replay` take"
        }
        Remedy::GiveLike => {
            "Give it with `--like PICTURE`, which `dream`, `video`, `visualize` and `replay` take"
        }
        Remedy::ClimbSeveral => "`puppyslug visualize --batch 4` makes four",
        Remedy::GiveMask => "Give it with `--mask PICTURE`, which `dream` and `replay` take",
        Remedy::FetchWeights(names) => {
            return format!("`puppyslug weights fetch NAME` gets {}", names.join(", "));
        }
        Remedy::ImportWeights => "`puppyslug weights import` reads other formats",
        Remedy::GiveWeights => "Give their file with --weights",
        Remedy::GoOn { film } => {
            return format!("`puppyslug resume {}` continues it, --force starts again", film.display());
        }
        Remedy::UseSettings => "`puppyslug dream --recipe` takes its settings",
        Remedy::ChooseHdr => "`--hdr tonemap` makes it SDR, `--hdr keep` keeps it",
        Remedy::KeepHdr => "`--hdr keep` works without it, or install a full build of ffmpeg",
        Remedy::DreamFilm => "`puppyslug video` dreams over films",
        Remedy::DreamPicture => "`puppyslug dream` dreams over it",
        Remedy::SendNut => "`ffmpeg -i FILM -f nut -c:v rawvideo -pix_fmt rgb24 -` sends that",
        Remedy::InstallFfmpeg => {
            "Install an ordinary build of ffmpeg 5.1 or newer, or name its program in PUPPYSLUG_FFMPEG"
        }
    };
    words.to_owned()
}

/// How many objectives a message lists at most: more would say nothing new.
const MOST_OBJECTIVES: usize = 3;

fn before_relu(objectives: &[String]) -> String {
    let shown = objectives.iter().take(MOST_OBJECTIVES).map(|objective| format!("`--objective {objective}`"));
    let more = if objectives.len() > MOST_OBJECTIVES { " and so on" } else { "" };
    let shown = shown.collect::<Vec<_>>().join(" ");
    format!("Behind a ReLU, whatever is silent has no gradient; before it there is one: {shown}{more}")
}
