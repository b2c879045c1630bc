//! What a dream is steered by: a guide, a picture with a region to be like, directions, and masks.

mod direction;
pub(super) mod error;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::DreamError;
use super::objective::{Features, Objective, ObjectiveError, Role};
use super::probe::{Map, network_input, probe};
use crate::extent::Extent;
use crate::machine::Machine;
use crate::net::{LayerId, Weights};
use crate::picture::{Picture, PictureError};

pub use direction::Direction;
pub use error::ReferenceError;

/// What `guide:`, `like:` and `direction:` objectives use, and the masks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    /// For `guide:LAYER`.
    pub guide: Option<Picture>,
    /// For `like:LAYER`.
    pub like: Option<Likeness>,
    /// For `direction:LAYER:FILE`, each once.
    pub directions: Vec<Direction>,
    /// Where the dream may go, by number: see [`Objective::mask`].
    pub masks: Vec<Mask>,
}

/// How far each pixel may move: from not at all, where it keeps the source's own samples, to as far as
/// without a mask.
#[derive(Clone, Debug, PartialEq)]
pub enum Mask {
    /// In proportion to the opacity of the dreamed picture.
    Alpha,
    /// In proportion to the brightness of this picture, resized to the dreamed one.
    Picture(Picture),
}

/// A mask for pictures of a particular size. Clones share its cells.
#[derive(Clone, Debug)]
pub(super) enum LaidMask {
    Alpha,
    /// 0 to 1, `[height][width]`.
    Fixed(Arc<[f32]>),
}

impl LaidMask {
    /// The brightness of a picture, resized to this size.
    pub(super) fn of(picture: &Picture, size: Extent) -> Result<Self, PictureError> {
        let gray = picture.resized(size)?.luma();
        Ok(Self::Fixed(gray.into_iter().map(|gray| (gray / 255.0).clamp(0.0, 1.0)).collect()))
    }

    /// How far each pixel of a picture may move.
    pub(super) fn over(&self, picture: &Picture) -> Cow<'_, [f32]> {
        match self {
            Self::Fixed(mask) => Cow::Borrowed(mask),
            Self::Alpha => Cow::Owned(match picture.alpha() {
                Some(alpha) => alpha.iter().map(|&sample| f32::from(sample) / 65535.0).collect(),
                None => vec![1.0; picture.extent().plane()],
            }),
        }
    }
}

impl References {
    /// The masks for pictures of this size.
    pub(super) fn lay_masks(&self, size: Extent) -> Result<Vec<LaidMask>, PictureError> {
        let lay = |mask: &Mask| match mask {
            Mask::Alpha => Ok(LaidMask::Alpha),
            Mask::Picture(picture) => LaidMask::of(picture, size),
        };
        self.masks.iter().map(lay).collect()
    }
}

/// A region of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// The picture.
    pub picture: Picture,
    /// Which pixels; all of them if `None`.
    pub region: Option<PixelBox>,
}

/// A box of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelBox {
    /// Its first column.
    pub x: usize,
    /// Its first row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl std::str::FromStr for PixelBox {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<usize>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[x, y, width, height]) if width > 0 && height > 0 => Ok(Self { x, y, width, height }),
            _ => {
                Err("four whole numbers are needed, left, top, width and height, like 10,20,64,48".to_owned())
            }
        }
    }
}

impl References {
    /// The roles for which pictures are given.
    pub fn roles(&self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|&role| self.picture(role).is_some()).collect()
    }

    /// The picture for a role, if it is given.
    fn picture(&self, role: Role) -> Option<&Picture> {
        match role {
            Role::Guide => self.guide.as_ref(),
            Role::Like => self.like.as_ref().map(|like| &like.picture),
        }
    }

    /// Runs the network over each picture once, for the layers that objectives name, and adds the directions.
    pub(crate) fn features(
        &self,
        machine: &dyn Machine,
        weights: &Weights,
        objectives: &[Objective],
        mean: [f32; 3],
    ) -> Result<Features, DreamError> {
        let mut features = Features::default();
        for role in Role::ALL {
            let Some(picture) = self.picture(role) else { continue };
            let layers = layers(weights, objectives, role)?;
            if layers.is_empty() {
                return Err(ReferenceError::Unused { role }.into());
            }
            let likeness = self.like.as_ref().filter(|_| role == Role::Like);
            likeness.map_or(Ok(()), Likeness::check)?;
            for (layer, map) in look(role, picture, machine, weights, &layers, mean)? {
                let name = || ReferenceError::Nothing { layer: weights.network()[layer].name.clone() };
                let (columns, cells) = match likeness {
                    Some(likeness) => (1, likeness.direction(&map).ok_or_else(name)?),
                    None => (map.shape.plane(), map.cells),
                };
                features.add(role, layer, columns, cells);
            }
        }
        direction::add(&self.directions, objectives, weights, &mut features)?;
        Ok(features)
    }
}

/// Every layer named by objectives that need a picture of this role, without duplicates.
fn layers(weights: &Weights, objectives: &[Objective], role: Role) -> Result<Vec<LayerId>, ObjectiveError> {
    let mut layers = Vec::new();
    for objective in objectives.iter().filter(|objective| objective.needs() == Some(role)) {
        layers.extend(objective.layers(weights)?);
    }
    layers.sort();
    layers.dedup();
    Ok(layers)
}

/// The map of each layer for a picture.
fn look(
    role: Role,
    picture: &Picture,
    machine: &dyn Machine,
    weights: &Weights,
    layers: &[LayerId],
    mean: [f32; 3],
) -> Result<Vec<(LayerId, Map)>, DreamError> {
    let names: Vec<String> = layers.iter().map(|&layer| weights.network()[layer].name.clone()).collect();
    let seen = probe(machine, weights, &network_input(picture, mean), &names, &[]);
    let seen = seen.map_err(|error| ReferenceError::Unseen { role, reason: error.to_string() })?;
    let maps = seen.activations.into_iter().map(|(_, map)| map);
    Ok(layers.iter().copied().zip(maps).collect())
}

impl Likeness {
    fn check(&self) -> Result<(), ReferenceError> {
        let picture = self.picture.extent();
        let Some(PixelBox { x, y, width, height }) = self.region else { return Ok(()) };
        let inside = |from: usize, count: usize, all: usize| from < all && count <= all - from;
        if inside(x, width, picture.width) && inside(y, height, picture.height) {
            return Ok(());
        }
        Err(ReferenceError::Outside { x, y, width, height, picture })
    }

    /// The mean of the region's cells, scaled to length 1; `None` if they are all 0.
    fn direction(&self, map: &Map) -> Option<Vec<f32>> {
        let whole = PixelBox { x: 0, y: 0, width: self.picture.width(), height: self.picture.height() };
        let region = self.region.unwrap_or(whole);
        let rows = cells_of(region.y, region.height, self.picture.height(), map.shape.height);
        let columns = cells_of(region.x, region.width, self.picture.width(), map.shape.width);
        let sum = |plane: &[f32]| -> f64 {
            let lines = plane.chunks_exact(map.shape.width).skip(rows.start).take(rows.len());
            lines.flat_map(|line| &line[columns.clone()]).map(|&cell| f64::from(cell)).sum()
        };
        let sums: Vec<f64> = map.cells.chunks_exact(map.shape.plane()).map(sum).collect();
        let length = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
        (length > 0.0).then(|| sums.iter().map(|sum| (sum / length) as f32).collect())
    }
}

/// Of `cells` cells over `pixels` pixels, those whose middles lie within the `count` pixels from `first`. If
/// there are none, the cell nearest to the middle of these pixels.
fn cells_of(first: usize, count: usize, pixels: usize, cells: usize) -> std::ops::Range<usize> {
    // The middle of cell `i` is at `(2i + 1) pixels / 2 cells`.
    let begin = |pixel: usize| (2 * pixel * cells).saturating_sub(pixels).div_ceil(2 * pixels);
    let (start, end) = (begin(first), begin(first + count).min(cells));
    if start < end {
        return start..end;
    }
    let nearest = ((2 * first + count) * cells / (2 * pixels)).min(cells - 1);
    nearest..nearest + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_the_cells_whose_middles_it_holds() {
        // Cells of 8 pixels: their middles are at 4, 12, 20, 28.
        assert_eq!(cells_of(0, 32, 32, 4), 0..4);
        assert_eq!(cells_of(4, 8, 32, 4), 0..1);
        assert_eq!(cells_of(5, 16, 32, 4), 1..3);
        assert_eq!(cells_of(13, 4, 32, 4), 1..2);
        assert_eq!(cells_of(31, 1, 32, 4), 3..4);
        assert_eq!(cells_of(0, 1, 32, 1), 0..1);
    }

    #[test]
    fn boxes_are_four_numbers() {
        let parsed = "3,4,5,6".parse();
        assert_eq!(parsed, Ok(PixelBox { x: 3, y: 4, width: 5, height: 6 }));
        for wrong in ["", "1,2,3", "1,2,3,0", "1,2,3,4,5", "a,2,3,4", "-1,2,3,4"] {
            assert!(wrong.parse::<PixelBox>().is_err(), "{wrong}");
        }
    }
}
