//! What is saved while a dream is in progress: a checkpoint and intermediate pictures.

use std::path::PathBuf;

use super::delivery::step_in;
use super::{Delivery, JobError};
use crate::dream::checkpoint::Checkpoint;
use crate::dream::{DreamError, Landing};

/// Saves the checkpoint and the intermediate pictures of a dream.
pub(super) struct Keeper<'a> {
    delivery: &'a Delivery,
    checkpoint: Option<Checkpoint>,
    /// How many octaves are done.
    done: usize,
    /// How many octaves are done in the checkpoint that was written.
    saved: usize,
}

impl<'a> Keeper<'a> {
    /// Writes the initial checkpoint before anything is dreamed, to find out whether it can be written.
    pub(super) fn begin(
        delivery: &'a Delivery,
        done: usize,
        checkpoint: impl FnOnce() -> Result<Checkpoint, JobError>,
    ) -> Result<Self, JobError> {
        let checkpoint = match &delivery.checkpoint {
            None => None,
            Some(path) => {
                let checkpoint = checkpoint()?;
                checkpoint.save(path)?;
                Some(checkpoint)
            }
        };
        Ok(Self { delivery, checkpoint, done, saved: done })
    }

    /// Saves what is requested after an octave. The outer error comes from the machine, the inner one from a file.
    pub(super) fn keep(&mut self, landing: &mut Landing<'_>) -> Result<Result<(), JobError>, DreamError> {
        self.done = landing.done();
        if let (Some(checkpoint), Some(path)) = (&mut self.checkpoint, &self.delivery.checkpoint)
            && let Some(standing) = landing.standing()?
        {
            checkpoint.standing = standing;
            if let Err(error) = checkpoint.save(path) {
                return Ok(Err(error.into()));
            }
            self.saved = self.done;
        }
        match &self.delivery.steps {
            None => Ok(Ok(())),
            Some(folder) => {
                let saved = landing.picture()?.save(step_in(folder, landing.done()));
                Ok(saved.map_err(JobError::from))
            }
        }
    }

    /// How many octaves are done.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// The checkpoint to resume from, and the number of octaves done in it.
    pub(super) fn checkpoint(&self) -> Option<(PathBuf, usize)> {
        Some((self.delivery.checkpoint.clone()?, self.saved))
    }
}
