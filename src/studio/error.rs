//! Why a job failed.

use std::path::PathBuf;

use super::{InputRole, Objection};
use crate::dream::checkpoint::CheckpointError;
use crate::dream::recipe::{PictureMark, RecipeError, WeightsMark};
use crate::dream::{ConfigError, DreamError, ObjectiveError};
use crate::files::output::OutputError;
use crate::film::{FilmError, part_of};
use crate::machine::MachineError;
use crate::net::WeightsError;
use crate::picture::PictureError;
use crate::remedy::{Fault, Remedy};
use crate::store::StoreError;
use crate::visualize::VisualizeError;

/// Why a job, or what leads to one, failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The dream cannot be dreamed.
    #[error(transparent)]
    Dream(#[from] DreamError),
    /// A picture cannot be read or written.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A film cannot be read or written.
    #[error(transparent)]
    Film(#[from] FilmError),
    /// Of a visualisation.
    #[error(transparent)]
    Visualize(#[from] VisualizeError),
    /// There are no such weights.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The weights cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The device cannot be used.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The checkpoint cannot be read or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A picture of a batch cannot be dreamed over.
    #[error(transparent)]
    Objection(#[from] Objection),
    /// The recipe of a file is wrong.
    #[error("the recipe in '{}' cannot be used: {source}", path.display())]
    Recipe {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: RecipeError,
    },
    /// A picture without a recipe.
    #[error(
        "'{}' carries no recipe: pictures dreamed by puppyslug do, unless another program has saved them since",
        path.display()
    )]
    NoRecipe {
        /// The file.
        path: PathBuf,
    },
    /// A dream that was stopped.
    #[error("'{}' was stopped before its end, so it cannot be dreamed again", path.display())]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// The weights of a recipe are not at hand.
    #[error(
        "the dream was made with the weights '{}' (SHA-256 {}), which are not built in",
        mark.name, mark.sha256
    )]
    WeightsNeeded {
        /// Which.
        mark: WeightsMark,
    },
    /// Other weights than those of a recipe.
    #[error(
        "the dream was made with the weights '{}' (SHA-256 {}), but '{}' is another file (SHA-256 {found})",
        mark.name, mark.sha256, path.display()
    )]
    OtherWeights {
        /// Which are meant.
        mark: WeightsMark,
        /// What was given.
        path: PathBuf,
        /// Its hash.
        found: String,
    },
    /// A picture of a recipe is not at hand.
    #[error(
        "'{}' was dreamed {} picture of {}x{} (SHA-256 {})",
        dreamed.display(), role.words(), mark.width, mark.height, mark.sha256
    )]
    PictureNeeded {
        /// Its part.
        role: InputRole,
        /// The recipe's file.
        dreamed: PathBuf,
        /// Which picture.
        mark: PictureMark,
    },
    /// Another picture than that of a recipe.
    #[error(
        "'{}' is not the picture of {}x{} (SHA-256 {}) that '{}' was dreamed {}",
        path.display(), mark.width, mark.height, mark.sha256, dreamed.display(), role.brief()
    )]
    OtherPicture {
        /// Its part.
        role: InputRole,
        /// The recipe's file.
        dreamed: PathBuf,
        /// Which picture is meant.
        mark: PictureMark,
        /// What was given.
        path: PathBuf,
    },
    /// Another direction than that of a recipe.
    #[error("'{}' is not the direction (SHA-256 {sha256}) that '{}' was dreamed along", file.display(), dreamed.display())]
    OtherDirection {
        /// The recipe's file.
        dreamed: PathBuf,
        /// The direction's.
        file: PathBuf,
        /// Which is meant.
        sha256: String,
    },
    /// A picture that the recipe has no use for.
    #[error("'{}' was not dreamed {} picture; leave out '{}'", dreamed.display(), role.words(), path.display())]
    PictureUnwanted {
        /// The part that it was to play.
        role: InputRole,
        /// The recipe's file.
        dreamed: PathBuf,
        /// What was given.
        path: PathBuf,
    },
    /// A picture for a dream over a sky.
    #[error("'{}' was dreamed over a sky, which is painted again; leave out '{}'", dreamed.display(), path.display())]
    SkyNeedsNoPicture {
        /// The recipe's file.
        dreamed: PathBuf,
        /// What was given.
        path: PathBuf,
    },
    /// A film that was begun before.
    #[error("'{}' is not whole: its dream was begun, and what there is of it lies in '{}'", out.display(), part_of(out).display())]
    Begun {
        /// The film.
        out: PathBuf,
    },
    /// A film that was begun, of which nothing can be made.
    #[error("what is kept in '{}' cannot be continued: {reason}", folder.display())]
    State {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A film of which not every frame can be left out that is wanted so.
    #[error("it is not possible to dream only one frame in {every}: {reason}")]
    LeftOut {
        /// One of how many frames was to be dreamed.
        every: usize,
        /// What needs the others, and what to change.
        reason: &'static str,
    },
    /// Another film than that of a recipe.
    #[error("'{}' is not what '{}' was dreamed over: its content is different", path.display(), dreamed.display())]
    OtherFilm {
        /// What was given.
        path: PathBuf,
        /// The film of dreams.
        dreamed: PathBuf,
    },
    /// A mask by transparency over a picture without.
    #[error(
        "an alpha mask needs a picture with transparency, but this one is opaque; give a picture as the mask instead"
    )]
    Solid,
    /// An output that is also an input.
    #[error(
        "the output '{}' is the input '{}'; choose another place for it", output.display(), input.display()
    )]
    Overwrites {
        /// What would be written.
        output: PathBuf,
        /// What is read.
        input: PathBuf,
    },
    /// A folder that cannot be made.
    #[error("cannot make the folder '{}': {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A path that the system cannot complete.
    #[error("cannot tell where '{}' is: {source}", path.display())]
    Place {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A thread that the system does not let start.
    #[error("no thread can be started to dream on: {source}; raise the limit on the number of processes")]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
    /// A mistake in this program.
    #[error("the dream panicked, which is a bug in this program")]
    Panicked,
}

impl From<OutputError> for JobError {
    fn from(error: OutputError) -> Self {
        PictureError::from(error).into()
    }
}

impl From<ConfigError> for JobError {
    fn from(error: ConfigError) -> Self {
        DreamError::from(error).into()
    }
}

impl From<ObjectiveError> for JobError {
    fn from(error: ObjectiveError) -> Self {
        DreamError::from(error).into()
    }
}

impl Fault for JobError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Dream(error) => error.remedy(),
            Self::Picture(error) => error.remedy(),
            Self::Film(error) => error.remedy(),
            Self::Visualize(error) => error.remedy(),
            Self::Store(error) => error.remedy(),
            Self::Weights(error) => error.remedy(),
            Self::Machine(error) => error.remedy(),
            Self::Checkpoint(error) => error.remedy(),
            Self::Begun { out } => Some(Remedy::GoOn { film: out.clone() }),
            Self::Unfinished { .. } => Some(Remedy::UseSettings),
            Self::WeightsNeeded { .. } => Some(Remedy::GiveWeights),
            Self::PictureNeeded { role, .. } => Some(role.remedy()),
            Self::Solid => Some(Remedy::GiveMask),
            _ => None,
        }
    }

    fn is_usage(&self) -> bool {
        match self {
            Self::Dream(error) => error.is_usage(),
            Self::Picture(error) => error.is_usage(),
            Self::Film(error) => error.is_usage(),
            Self::Visualize(error) => error.is_usage(),
            Self::Store(error) => error.is_usage(),
            Self::Machine(error) => error.is_usage(),
            Self::Checkpoint(error) => error.is_usage(),
            Self::PictureUnwanted { .. }
            | Self::SkyNeedsNoPicture { .. }
            | Self::Solid
            | Self::LeftOut { .. }
            | Self::Overwrites { .. } => true,
            _ => false,
        }
    }
}
