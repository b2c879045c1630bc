//! What a dream is steered by, as its plan takes it: the features of a guide, and masks in its size.

use super::objective::Features;
use super::reference::{LaidMask, References};
use super::{Config, DreamError};
use crate::extent::Extent;
use crate::machine::Machine;
use crate::net::Weights;
use crate::picture::PictureError;

/// Pictures to be steered by, looked at by the network and laid out in
/// the dream's size: for any number of runs.
#[derive(Debug)]
pub struct Steering {
    features: Features,
    /// As large as the picture.
    pub(super) masks: Vec<LaidMask>,
}

impl Steering {
    /// Looks at references for dreams over pictures of this size.
    ///
    /// # Errors
    /// References that are of no use to these settings.
    pub fn of(
        references: &References,
        machine: &dyn Machine,
        weights: &Weights,
        config: &Config,
        size: Extent,
    ) -> Result<Self, DreamError> {
        let features = references.features(machine, weights, &config.objectives, config.mean)?;
        Ok(Self::new(references, features, size)?)
    }

    pub(super) fn new(
        references: &References,
        features: Features,
        size: Extent,
    ) -> Result<Self, PictureError> {
        Ok(Self { features, masks: references.lay_masks(size)? })
    }

    /// What targets know by number.
    pub(super) fn cells(&self) -> &[Vec<f32>] {
        self.features.cells()
    }
}
