//! A dream that continues an earlier one: what the picture already contains, and how much is left to do.

use super::{Dream, DreamError};
use crate::machine::Jitter;
use crate::picture::Picture;

/// What a dream takes over from an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The picture with the earlier dream in it, in the dream's size: what every octave starts from.
    pub picture: Picture,
    /// What fraction of a step each pixel takes, 1 being a whole step: `[height][width]` of each octave,
    /// smallest first.
    pub doses: Vec<Vec<f32>>,
    /// How far most of the picture has moved since the earlier dream began, down and right, in pixels. The
    /// shifts follow this movement, so that the network, whose cells are coarser than pixels, sees the same
    /// again.
    pub moved: [f32; 2],
}

/// The network sees the same again after a shift by this many pixels: the product of all its strides.
const STRIDE: i32 = 32;

impl Carried {
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
        self.check_size(&carried.picture)?;
        let loaded = if self.plan.levels.is_empty() {
            "none".to_owned()
        } else {
            format!("{:?}", self.plan.octaves.iter().map(|octave| octave.size.plane()).collect::<Vec<_>>())
        };
        let asked = format!("{:?}", carried.doses.iter().map(Vec::len).collect::<Vec<_>>());
        let setting = "doses of an earlier dream, in pixels".to_owned();
        if loaded == asked { Ok(()) } else { Err(DreamError::Fixed { setting, loaded, asked }) }
    }

    /// Writes to the masks of all octaves what fraction of its steps each pixel takes. The pictures of the
    /// octaves, and the masks that were given, must have been written before.
    pub(super) fn dose(&mut self, carried: Option<&Carried>) -> Result<(), DreamError> {
        let given = self.steering.masks.len();
        for (mask, levels) in self.plan.levels.iter().enumerate() {
            for (octave, &level) in levels.iter().enumerate() {
                let doses = carried.map(|carried| &carried.doses[octave]);
                let cells = match (mask < given, doses) {
                    (true, None) => continue,
                    (true, Some(doses)) => {
                        let mask = self.execution.read(level)?;
                        mask.iter().zip(doses).map(|(mask, dose)| mask * dose).collect()
                    }
                    (false, None) => vec![1.0; level.shape.len()],
                    (false, Some(doses)) => doses.clone(),
                };
                self.execution.write(level, &cells)?;
            }
        }
        Ok(())
    }
}
