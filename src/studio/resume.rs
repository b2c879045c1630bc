//! Dreams that resume from a checkpoint.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Delivery, Destination, JobError, MarkedReferences, Network, Request, Subject, file_under};
use crate::dream::checkpoint::Checkpoint;
use crate::dream::recipe::Recipe;

/// A checkpoint to resume from.
#[derive(Clone, Debug)]
pub struct Resume {
    path: PathBuf,
    checkpoint: Checkpoint,
}

impl Resume {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// Those of [`Checkpoint::open`].
    pub fn open(path: &Path) -> Result<Self, JobError> {
        Ok(Self { path: path.to_owned(), checkpoint: Checkpoint::open(path)? })
    }

    /// How the dream was made so far.
    pub fn recipe(&self) -> &Recipe {
        &self.checkpoint.recipe
    }

    /// The output that the dream was for: a file, or `-`.
    pub fn out(&self) -> &Path {
        &self.checkpoint.out
    }

    /// A request for the rest of the dream, with the same network. It rewrites the checkpoint along the way.
    pub fn request(self, network: Network, to: Destination) -> Request {
        let Checkpoint { recipe, picture, references, standing, .. } = self.checkpoint;
        let file = file_under(&recipe.file, &to);
        Request {
            network,
            size: recipe.extent(),
            subject: Subject::Picture { picture, source: recipe.source },
            references: MarkedReferences {
                references: Arc::new(references),
                marks: recipe.references,
                moving: Vec::new(),
            },
            config: recipe.dream,
            start: standing,
            delivery: Delivery { checkpoint: Some(self.path), part: true, ..Delivery::to(to, file) },
        }
    }
}
