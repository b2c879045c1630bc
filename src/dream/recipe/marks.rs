//! How a recipe identifies what it was made with: by hashes, and by names for people.

use serde::{Deserialize, Serialize};

use crate::dream::reference::PixelBox;
use crate::picture::{Depth, Format};

/// A device, as a recipe names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceMark {
    /// `cpu` or `gpu`.
    pub kind: String,
    /// For people.
    pub name: String,
}

/// Weights, as a recipe names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsMark {
    /// For people.
    pub name: String,
    /// Hash of the file.
    pub sha256: String,
}

/// The picture that was dreamed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// A file.
    Picture(PictureMark),
    /// The sky of this seed.
    Sky {
        /// Its seed.
        seed: u64,
    },
}

/// A picture file, as a recipe describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureMark {
    /// Hash of the file.
    pub sha256: String,
    /// Width in pixels, of the upright picture.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
}

/// What a dream was steered by: see [`References`](crate::dream::References).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReferenceMarks {
    /// The guide.
    pub guide: Option<PictureMark>,
    /// The picture to be like.
    pub like: Option<PictureMark>,
    /// Which part of it: left, top, width and height.
    pub like_box: Option<PixelBox>,
    /// The directions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub directions: Vec<DirectionMark>,
    /// The masks, by number.
    pub masks: Vec<MaskMark>,
}

/// A direction, as a recipe names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectionMark {
    /// Its file, as the objective names it.
    pub file: String,
    /// Hash of the file.
    pub sha256: String,
}

/// A mask, as a recipe names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum MaskMark {
    /// The transparency of what was dreamed over.
    Alpha,
    /// A file.
    Picture(PictureMark),
}

/// How a picture was saved, as far as the user decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileMark {
    /// Its format.
    pub format: Format,
    /// Bits per sample, if requested.
    pub depth: Option<Depth>,
    /// Quality of a JPEG, if requested.
    pub quality: Option<u8>,
}
