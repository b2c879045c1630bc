//! An atlas: every channel of some layers as a picture, with what is known about it, in one HTML file.
//!
//! The file makes no requests: it contains the pictures, as one sheet for each layer, and the data about channels,
//! as JSON. It enforces this with a content security policy that forbids all loading and admits only its own style
//! and script, by their hashes. Where even those are forbidden (by the policy of a page that embeds it), it still
//! shows every sheet, and [`SCRIPT`] and [`STYLE`] can be served as separate files.

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

/// The facts that apply to a whole atlas.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The version of this program.
    pub puppyslug: String,
    /// The name of the weights.
    pub weights: String,
    /// The hash of the weights: channel numbers mean nothing without it.
    pub sha256: String,
    /// Whether they are the embedded weights.
    pub embedded: bool,
    /// The device on which it was last computed.
    pub device: String,
    /// The quality in a word.
    pub quality: String,
    /// The side of each picture in pixels.
    pub side: usize,
    /// The number of steps for each picture.
    pub steps: usize,
    /// The names of classes, by number.
    pub classes: Vec<String>,
}

#[cfg(test)]
impl About {
    /// For an atlas of a network with these classes and the hash `ab`, with pictures of 8 pixels.
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
    /// The layer whose channels feed it, if known.
    pub fed_by: Option<String>,
    /// Its channels, in their order.
    pub units: Vec<Unit>,
    /// The pictures of all channels.
    #[serde(skip)]
    pub sheet: Sheet,
    /// Crops of the user's pictures, in the order in which channels name them.
    #[serde(skip)]
    pub examples: Option<Sheet>,
}

/// The data about a channel.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Unit {
    /// Whether the channel never fired.
    #[serde(rename = "dead")]
    pub is_dead: bool,
    /// Classes by number, each with how much the channel speaks for it at its own picture, strongest first.
    #[serde(serialize_with = "few_digits")]
    pub classes: Vec<(usize, f32)>,
    /// The channels that feed it most, by number, each with its strength; negative if the channel inhibits this
    /// one.
    #[serde(serialize_with = "few_digits")]
    pub feeders: Vec<(usize, f32)>,
    /// The channels of its layer that are most similar to it, by number, each with its similarity.
    #[serde(serialize_with = "few_digits")]
    pub neighbours: Vec<(usize, f32)>,
    /// The names of the files that excite it most, each with the strength.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "few_digits")]
    pub examples: Vec<(String, f32)>,
}

/// Writes numbers with three significant digits, as many as the page shows.
fn few_digits<N: Serialize, S: Serializer>(pairs: &[(N, f32)], serializer: S) -> Result<S::Ok, S::Error> {
    let short = |value: f32| format!("{value:.2e}").parse().unwrap_or(value);
    serializer.collect_seq(pairs.iter().map(|(name, value)| (name, short(*value))))
}
