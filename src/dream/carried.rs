//! A dream that continues an earlier one: what is on its picture already, and how much is left to do.

use super::{Dream, DreamError};
use crate::machine::Jitter;
use crate::picture::Picture;

/// What a dream takes over from an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The picture with that dream over it, in its size: what every octave begins with.
    pub picture: Picture,
    /// How much of its steps each pixel takes, 1 being a whole one: `[height][width]` of each octave, smallest first.
    pub doses: Vec<Vec<f32>>,
    /// How far most of the picture has moved since that dream began, down and right, in pixels. The shifts go along: the
    /// network, which sees coarser than pixels, sees the same again.
    pub moved: [f32; 2],
}

/// What the finest layers of the network see is the same again this many pixels further: all its strides together.
const STRIDE: i32 = 32;

impl Carried {
    /// A shift that goes along in an octave that is so many times as large as the picture.
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
    /// Checks that a run brings an earlier dream only where it can.
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

    /// Makes the masks of all octaves say how much of its steps each pixel takes. The pictures of the octaves, and the
    /// masks that were given, are there already.
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
