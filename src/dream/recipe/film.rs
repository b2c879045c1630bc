//! How a recipe describes a film of dreams: which part of the source, how frames continue, and each segment.

use serde::{Deserialize, Serialize};

/// What the recipe of a film has in addition to that of a picture. Values that have a grammar of their own
/// are written in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmMark {
    /// The fraction of what a dream added that is carried into the next frame.
    pub carry: f32,
    /// Iterations of a frame that continues the dream of the previous one.
    pub per_frame: usize,
    /// One of this many frames was dreamed.
    #[serde(default = "each", skip_serializing_if = "is_each")]
    pub every: usize,
    /// Where shots begin: `auto`, `none` or moments.
    pub cuts: String,
    /// The moment at which the film begins, if not with the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The moment before which it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Frames per second, for pictures without times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<String>,
    /// The size that the frames were fitted into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// How HDR was treated: `tonemap` or `keep`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hdr: Option<String>,
    /// How it was encoded.
    pub codec: String,
    /// The amount of loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crf: Option<u8>,
    /// Whether the sound was copied.
    pub sound: bool,
    /// Its segments in order.
    pub segments: Vec<SegmentMark>,
}

/// A separately encoded part of a film, as a recipe describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentMark {
    /// How many frames it has.
    pub frames: usize,
    /// SHA-256 of the pixels of the source's frames, in the film's size.
    pub decoded: String,
    /// The same of the film's frames, before they were encoded.
    pub dreamed: String,
}

impl FilmMark {
    /// How many frames its segments have.
    pub fn frames(&self) -> usize {
        self.segments.iter().map(|segment| segment.frames).sum()
    }
}

fn each() -> usize {
    1
}

fn is_each(every: &usize) -> bool {
    *every == 1
}
