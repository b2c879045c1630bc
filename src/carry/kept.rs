//! The carried state as lists of numbers, so that it can be kept in a file and later resumed without any
//! difference.

use super::blocks::Blocks;
use super::{Carrier, Shot};
use crate::machine::MachineError;

/// What a shot in progress carries into its next frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What the dream added to the last frame, red first: `[3][height][width]`.
    pub residual: Vec<f32>,
    /// The intended strength of that: `[octaves][rows][columns]`, one cell for each block.
    pub aim: Vec<f32>,
    /// The usual strength of each octave: its mean in the shot's first dream.
    pub usual: Vec<f32>,
    /// The mean square of the finest waves of that dream; infinite if it had none.
    pub finest: f32,
    /// How far most of the picture has moved since the shot's first dream, down and right, in pixels.
    pub moved: [f32; 2],
}

impl Carrier {
    /// What is carried into the next frame, if anything is. Unlike `begin` and `keep`, this copies a whole map
    /// from the machine.
    ///
    /// # Errors
    /// The machine's own.
    pub fn kept(&mut self) -> Result<Option<Kept>, MachineError> {
        let Some(Shot { aim, usual, finest, moved, .. }) = &self.shot else { return Ok(None) };
        Ok(Some(Kept {
            residual: reversed(&self.execution.read(self.plan.residual)?),
            aim: aim.bands.concat(),
            usual: usual.clone(),
            finest: *finest,
            moved: *moved,
        }))
    }

    /// Continues with the state kept by another carrier of the same dream. Returns whether that state has the
    /// right size.
    ///
    /// # Errors
    /// The machine's own.
    pub fn take_up(&mut self, kept: Kept) -> Result<bool, MachineError> {
        let (residual_shape, shape) = (self.plan.residual.shape, self.plan.parts.shape);
        let Kept { residual, aim, usual, finest, moved } = kept;
        let fits =
            [residual.len(), aim.len(), usual.len()] == [residual_shape.len(), shape.len(), shape.channels];
        if fits {
            self.execution.write(self.plan.residual, &reversed(&residual))?;
            let fresh = vec![0.0; shape.plane()];
            self.shot = Some(Shot { aim: Blocks::of(shape, aim), usual, finest, fresh, moved });
        }
        Ok(fits)
    }
}

/// The three channels of a map in reverse order: the network expects blue first.
fn reversed(map: &[f32]) -> Vec<f32> {
    map.chunks_exact(map.len() / 3).rev().flatten().copied().collect()
}
