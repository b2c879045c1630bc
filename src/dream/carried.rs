//! A dream that continues an earlier one: what the picture already contains, and how much is left to do.

use super::{Dream, DreamError};
use crate::machine::{Jitter, Parcel};

/// What a dream takes over from an earlier one.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The picture with the earlier dream in it, in the dream's size and the network's units (BGR minus mean): what every
    /// octave starts from.
    pub picture: Parcel,
    /// What fraction of a step each place takes, 1 being a whole step: `[octave][row][column]`, octaves smallest first,
    /// with a cell for each [block](crate::plan::blocks) of the picture. An octave without doses is not climbed.
    pub doses: Vec<f32>,
    /// How far most of the picture has moved since the earlier dream began, down and right, in pixels. The shifts
    /// follow this movement, so that the network, whose cells are coarser than pixels, sees the same again.
    pub moved: [f32; 2],
}

/// The network sees the same again after a shift by this many pixels: the product of all its strides.
const STRIDE: i32 = 32;

impl Carried {
    /// Whether any place takes steps in this one of so many octaves, counted from 0.
    pub(super) fn climbs(&self, octave: usize, octaves: usize) -> bool {
        let places = self.doses.len() / octaves;
        self.doses[octave * places..][..places].iter().any(|&dose| dose != 0.0)
    }

    /// A shift that follows the movement, in an octave that is `times` as large as the picture.
    pub(super) fn along(&self, jitter: Jitter, times: f32) -> Jitter {
        let gone = |by: f32| {
            let whole = ((by * times).round() as i32).rem_euclid(STRIDE);
            if whole > STRIDE / 2 { whole - STRIDE } else { whole }
        };
        let [down, right] = self.moved.map(gone);
        Jitter { down: jitter.down - down, right: jitter.right - right }
    }
}

impl Dream {
    /// Checks that a run continues an earlier dream only if this dream allows it.
    pub(super) fn check_carried(&self, carried: Option<&Carried>) -> Result<(), DreamError> {
        let Some(carried) = carried else { return Ok(()) };
        let loaded = self.plan.dosing.map_or(0, |dosing| dosing.doses.shape.len());
        for (setting, loaded, asked) in [
            ("cells of an earlier dream", self.plan.input.shape.len(), carried.picture.cells()),
            ("doses of an earlier dream", loaded, carried.doses.len()),
        ] {
            if loaded != asked {
                let (setting, loaded, asked) = (setting.to_owned(), loaded.to_string(), asked.to_string());
                return Err(DreamError::Fixed { setting, loaded, asked });
            }
        }
        Ok(())
    }

    /// Makes the masks of all octaves, which are there already, say how much of its steps each place takes.
    pub(super) fn dose(&mut self, carried: Option<&Carried>) -> Result<(), DreamError> {
        let (Some(carried), Some(dosing)) = (carried, self.plan.dosing) else { return Ok(()) };
        self.execution.write(dosing.doses, &carried.doses)?;
        Ok(self.execution.run_once(dosing.phase, &self.dials(&self.config, 0))?)
    }

    /// What the last run came to before it was laid over anything, in the network's units, for whoever carries it on: it
    /// does not leave its device.
    pub fn hand_on(&mut self) -> Result<Parcel, DreamError> {
        Ok(self.execution.lift(self.plan.output)?)
    }
}
