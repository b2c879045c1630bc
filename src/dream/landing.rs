//! Between two octaves: where a dream can be looked at, interrupted, and resumed.

use super::{DreamError, to_rgb};
use crate::extent::Extent;
use crate::machine::Execution;
use crate::picture::Picture;
use crate::plan::dream::OctavePhases;

/// The state of a dream between two octaves: all that is needed to continue, apart from picture and settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// How many octaves are done.
    pub done: usize,
    /// What the last finished octave hands to the next, laid out as in the dream's plan; empty before the
    /// first.
    pub detail: Vec<f32>,
}

/// A dream that has just finished an octave.
#[derive(Debug)]
pub struct Landing<'a> {
    pub(super) execution: &'a mut dyn Execution,
    pub(super) octave: OctavePhases,
    pub(super) done: usize,
    pub(super) octaves: usize,
    pub(super) mean: [f32; 3],
}

impl Landing<'_> {
    /// How many octaves are done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many octaves there are.
    pub fn octaves(&self) -> usize {
        self.octaves
    }

    /// What is needed to continue from here; `None` after the last octave.
    pub fn standing(&mut self) -> Result<Option<Standing>, DreamError> {
        let Some(detail) = self.octave.detail else { return Ok(None) };
        Ok(Some(Standing { done: self.done, detail: self.execution.read(detail)? }))
    }

    /// The picture as it is, in the size of this octave and solid.
    pub fn picture(&mut self) -> Result<Picture, DreamError> {
        let cells = self.execution.read(self.octave.picture)?;
        Ok(solid(&cells, self.octave.size, self.mean))
    }
}

/// The cells of an octave of this size as a picture.
pub(super) fn solid(cells: &[f32], size: Extent, mean: [f32; 3]) -> Picture {
    let rgb = to_rgb(cells, mean).collect();
    Picture::from_rgb(size, rgb).expect("an octave is no larger than its picture")
}
