//! What a dream is steered by, in the form that its plan takes: the features of a guide, and masks in its
//! size.

use super::objective::Features;
use super::reference::{LaidMask, References};
use super::{Config, Dream, DreamError};
use crate::extent::Extent;
use crate::machine::Machine;
use crate::net::Weights;
use crate::picture::{Picture, PictureError};

/// References after the network has processed them and masks have been resized to the dream, for any number
/// of runs.
#[derive(Debug)]
pub struct Steering {
    features: Features,
    /// As large as the picture.
    pub(super) masks: Vec<LaidMask>,
}

impl Steering {
    /// Processes references for dreams over pictures of this size.
    ///
    /// # Errors
    /// References that these settings cannot use.
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

    /// Replaces a mask.
    fn replace(&mut self, number: usize, mask: LaidMask) -> Result<(), DreamError> {
        let count = self.masks.len();
        let place = self.masks.get_mut(number).ok_or_else(|| DreamError::Fixed {
            setting: "number of masks".to_owned(),
            loaded: count.to_string(),
            asked: (number + 1).to_string(),
        })?;
        *place = mask;
        Ok(())
    }

    /// The buffers that targets know by number.
    pub(super) fn cells(&self) -> &[Vec<f32>] {
        self.features.cells()
    }
}

impl Dream {
    /// Replaces a mask, counted from 0, by another picture of any size. This applies to all later runs that
    /// bring no steering of their own.
    ///
    /// # Errors
    /// [`DreamError::Fixed`] if the dream was loaded with fewer masks.
    pub fn lay_mask(&mut self, number: usize, mask: &Picture) -> Result<(), DreamError> {
        let mask = LaidMask::of(mask, self.plan.input.shape.extent())?;
        self.steering.replace(number, mask)
    }
}
