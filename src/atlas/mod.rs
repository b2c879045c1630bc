//! An atlas: every channel of some layers as a picture, with what is known about it, in one HTML file.
//!
//! The file makes no request: pictures are sheets inside it, a sheet a layer, and what is known of channels is JSON. It says so
//! itself, by a content security policy that forbids all loading and lets nothing but its own style and script work,
//! by their hashes. Where not even that is allowed (a page with a policy of its own that takes it in), it still shows every sheet,
//! and [`SCRIPT`] and [`STYLE`] work from files of their own.

mod feeders;
mod layers;
mod neighbours;
mod page;
mod read;
mod sheet;

use serde::{Serialize, Serializer};

pub use feeders::{Feeders, feeders};
pub use layers::{channels, trunk};
pub use neighbours::neighbours;
pub use page::{SCRIPT, STYLE, write_page};
pub use read::{PicturedLayer, PicturedUnit, Pictures, read_page};
pub use sheet::{Sheet, Tile};

/// What is the same for all of an atlas.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The version of this program.
    pub puppyslug: String,
    /// What the weights are called.
    pub weights: String,
    /// Their hash: numbers of channels mean nothing without it.
    pub sha256: String,
    /// Whether they are those inside the program.
    pub embedded: bool,
    /// Where it was computed last.
    pub device: String,
    /// How good it is, in a word.
    pub quality: String,
    /// Side of each picture in pixels.
    pub side: usize,
    /// Steps of each picture.
    pub steps: usize,
    /// The names of classes, by number.
    pub classes: Vec<String>,
}

#[cfg(test)]
impl About {
    /// An atlas of a network with these classes whose hash is `ab`, in pictures of 8 pixels.
    pub(crate) fn sample(classes: &[&str]) -> Self {
        let [puppyslug, weights, sha256, device, quality] =
            ["1", "x", "ab", "cpu", "draft"].map(str::to_owned);
        let classes = classes.iter().map(|&class| class.to_owned()).collect();
        Self { puppyslug, weights, sha256, embedded: false, device, quality, side: 8, steps: 1, classes }
    }
}

/// A layer of an atlas.
#[derive(Clone, Debug, Serialize)]
pub struct AtlasLayer {
    /// Its name.
    pub name: String,
    /// The layer whose channels feed it.
    pub fed_by: Option<String>,
    /// Its channels, in their order.
    pub units: Vec<Unit>,
    /// The pictures of all channels.
    #[serde(skip)]
    pub sheet: Sheet,
    /// Crops of somebody's pictures, in the order in which channels name them.
    #[serde(skip)]
    pub examples: Option<Sheet>,
}

/// What is known of a channel.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Unit {
    /// Whether nothing made it fire.
    #[serde(rename = "dead")]
    pub is_dead: bool,
    /// Classes by number, each with how much the channel speaks for it at its own picture; most first.
    #[serde(serialize_with = "few_digits")]
    pub classes: Vec<(usize, f32)>,
    /// The channels that feed it most, by number, and how much; less than 0 where they hold it down.
    #[serde(serialize_with = "few_digits")]
    pub feeders: Vec<(usize, f32)>,
    /// The channels of its layer that are most like it, by number, and how much.
    #[serde(serialize_with = "few_digits")]
    pub neighbours: Vec<(usize, f32)>,
    /// The names of the files that excite it most, and how much.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "few_digits")]
    pub examples: Vec<(String, f32)>,
}

/// Numbers with three digits, as many as a page shows of them.
fn few_digits<N: Serialize, S: Serializer>(pairs: &[(N, f32)], serializer: S) -> Result<S::Ok, S::Error> {
    let short = |value: f32| format!("{value:.2e}").parse().unwrap_or(value);
    serializer.collect_seq(pairs.iter().map(|(name, value)| (name, short(*value))))
}
