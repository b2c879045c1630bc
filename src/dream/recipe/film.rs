//! How a recipe names what made a film of dreams: which part of the source, how frames continue, and what each segment was.

use serde::{Deserialize, Serialize};

/// What a film's recipe has beside a picture's. What has a grammar of its own is written in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmMark {
    /// The part of what a dream added that is carried into the next frame.
    pub carry: f32,
    /// Iterations of a frame that continues the last one's dream.
    pub per_frame: usize,
    /// One of how many frames was dreamed.
    #[serde(default = "each", skip_serializing_if = "is_each")]
    pub every: usize,
    /// Where shots begin: `auto`, `none` or moments.
    pub cuts: String,
    /// The moment that it begins with, if not with the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The moment that it ends before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Frames a second, of pictures without times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<String>,
    /// What the frames were fitted into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// What became of HDR: `tonemap` or `keep`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hdr: Option<String>,
    /// How it was encoded.
    pub codec: String,
    /// With how much loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crf: Option<u8>,
    /// Whether the sound came along.
    pub sound: bool,
    /// Its segments in order.
    pub segments: Vec<SegmentMark>,
}

/// A part of a film that was encoded by itself, as a recipe names it.
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
