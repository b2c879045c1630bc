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

/// Why a job, or its preparation, failed.
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
    /// A visualisation failed.
    #[error(transparent)]
    Visualize(#[from] VisualizeError),
    /// The weights were not found.
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
    /// The recipe in a file is invalid.
    #[error("the recipe in '{}' cannot be used: {source}", path.display())]
    Recipe {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: RecipeError,
    },
    /// A picture has no recipe.
    #[error(
        "'{}' carries no recipe: pictures dreamed by puppyslug do, unless another program has saved them since",
        path.display()
    )]
    NoRecipe {
        /// The file.
        path: PathBuf,
    },
    /// A dream was stopped before its end.
    #[error("'{}' was stopped before its end, so it cannot be dreamed again", path.display())]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// The weights of a recipe are not available.
    #[error(
        "the dream was made with the weights '{}' (SHA-256 {}), which are not built in",
        mark.name, mark.sha256
    )]
    WeightsNeeded {
        /// The weights.
        mark: WeightsMark,
    },
    /// The weights differ from those of a recipe.
    #[error(
        "the dream was made with the weights '{}' (SHA-256 {}), but '{}' is another file (SHA-256 {found})",
        mark.name, mark.sha256, path.display()
    )]
    OtherWeights {
        /// The weights of the recipe.
        mark: WeightsMark,
        /// The file that was given.
        path: PathBuf,
        /// Its hash.
        found: String,
    },
    /// A picture of a recipe was not given.
    #[error(
        "'{}' was dreamed {} picture of {}x{} (SHA-256 {})",
        dreamed.display(), role.words(), mark.width, mark.height, mark.sha256
    )]
    PictureNeeded {
        /// Its role.
        role: InputRole,
        /// The file with the recipe.
        dreamed: PathBuf,
        /// The picture.
        mark: PictureMark,
    },
    /// A picture differs from that of a recipe.
    #[error(
        "'{}' is not the picture of {}x{} (SHA-256 {}) that '{}' was dreamed {}",
        path.display(), mark.width, mark.height, mark.sha256, dreamed.display(), role.brief()
    )]
    OtherPicture {
        /// Its role.
        role: InputRole,
        /// The file with the recipe.
        dreamed: PathBuf,
        /// The picture of the recipe.
        mark: PictureMark,
        /// The file that was given.
        path: PathBuf,
    },
    /// A direction differs from that of a recipe.
    #[error("'{}' is not the direction (SHA-256 {sha256}) that '{}' was dreamed along", file.display(), dreamed.display())]
    OtherDirection {
        /// The file with the recipe.
        dreamed: PathBuf,
        /// The file with the direction.
        file: PathBuf,
        /// The SHA-256 of the recipe's direction.
        sha256: String,
    },
    /// A picture was given that the recipe does not use.
    #[error("'{}' was not dreamed {} picture; leave out '{}'", dreamed.display(), role.words(), path.display())]
    PictureUnwanted {
        /// The role that it was given for.
        role: InputRole,
        /// The file with the recipe.
        dreamed: PathBuf,
        /// The file that was given.
        path: PathBuf,
    },
    /// A picture was given for a dream over a sky.
    #[error("'{}' was dreamed over a sky, which is painted again; leave out '{}'", dreamed.display(), path.display())]
    SkyNeedsNoPicture {
        /// The file with the recipe.
        dreamed: PathBuf,
        /// The file that was given.
        path: PathBuf,
    },
    /// A film was begun before.
    #[error("'{}' is not whole: its dream was begun, and what there is of it lies in '{}'", out.display(), part_of(out).display())]
    Begun {
        /// The film.
        out: PathBuf,
    },
    /// A film that was begun cannot be continued.
    #[error("what is kept in '{}' cannot be continued: {reason}", folder.display())]
    State {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Frames of a film cannot be skipped as requested.
    #[error("it is not possible to dream only one frame in {every}: {reason}")]
    LeftOut {
        /// One frame in this many was to be dreamed.
        every: usize,
        /// What needs every frame, and what to change.
        reason: &'static str,
    },
    /// A film differs from that of a recipe.
    #[error("'{}' is not what '{}' was dreamed over: its content is different", path.display(), dreamed.display())]
    OtherFilm {
        /// The film that was given.
        path: PathBuf,
        /// The film with the recipe.
        dreamed: PathBuf,
    },
    /// An alpha mask for a picture without transparency.
    #[error(
        "an alpha mask needs a picture with transparency, but this one is opaque; give a picture as the mask instead"
    )]
    Solid,
    /// An output is also an input.
    #[error(
        "the output '{}' is the input '{}'; choose another place for it", output.display(), input.display()
    )]
    Overwrites {
        /// The output.
        output: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// A folder cannot be created.
    #[error("cannot make the folder '{}': {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The absolute path of a file cannot be determined.
    #[error("cannot tell where '{}' is: {source}", path.display())]
    Place {
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A thread cannot be started.
    #[error("no thread can be started to dream on: {source}; raise the limit on the number of processes")]
    Thread {
        /// The system's error.
        source: std::io::Error,
    },
    /// A bug in this program.
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
