//! What is carried, as lists of numbers, so that it can be kept in a file and taken up again as if nothing had happened.

use super::blocks::Blocks;
use super::{Carrier, Shot};
use crate::extent::Extent;

/// What a shot under way carries into its next frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What the dream added to the last frame: `[3][height][width]`.
    pub residual: Vec<f32>,
    /// How strong that is to be: `[octaves][rows][columns]`, a cell for each block.
    pub aim: Vec<f32>,
    /// The same in the mean, for each octave.
    pub usual: Vec<f32>,
    /// How far most of the picture has moved since the shot's first dream, down and right, in pixels.
    pub moved: [f32; 2],
}

impl Carrier {
    /// What is carried into the next frame, if anything is.
    pub fn kept(&self) -> Option<Kept> {
        let Shot { residual, aim, usual, moved, .. } = self.shot.as_ref()?;
        Some(Kept {
            residual: residual.clone(),
            aim: aim.bands.concat(),
            usual: usual.clone(),
            moved: *moved,
        })
    }

    /// Goes on with what another carrier of the same dream kept. Whether that is of its size.
    pub fn take_up(&mut self, kept: Kept) -> bool {
        let (octaves, size) = (self.octaves.len(), self.octaves[self.octaves.len() - 1]);
        let grid = Blocks::grid(size);
        let Kept { residual, aim, usual, moved } = kept;
        let fits = [residual.len(), aim.len(), usual.len()] == lengths(size, grid, octaves);
        if fits {
            let bands = aim.chunks_exact(grid.plane()).map(<[f32]>::to_vec).collect();
            let fresh = vec![0.0; grid.plane()];
            self.shot = Some(Shot { residual, aim: Blocks { grid, bands }, usual, fresh, moved });
        }
        fits
    }
}

fn lengths(size: Extent, grid: Extent, octaves: usize) -> [usize; 3] {
    [3 * size.plane(), octaves * grid.plane(), octaves]
}
