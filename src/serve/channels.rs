//! Channels with pictures: the best of the embedded network, and those of an atlas if there is one.

use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path as Named, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::pictures::{jpeg_body, json_body};
use super::refusal::Refusal;
use super::{ServeError, Server};
use crate::atlas::{PicturedLayer, Pictures, read_page};
use crate::files::input::read_whole;

/// The best channels of the embedded network; docs/channels.py chooses them.
const BEST: (&[u8], &str) = (include_bytes!("page/channels.jpg"), include_str!("page/channels.json"));
/// The largest atlas file accepted, in bytes: far more than an atlas of all layers takes.
const LARGEST: u64 = 512 << 20;
/// How many classes are named for a channel of an atlas.
const CLASSES: usize = 2;

/// The channels that have pictures.
#[derive(Debug, Default)]
pub(super) struct Channels {
    sheets: Vec<Sheet>,
    /// The channels as the API returns them.
    list: Vec<Value>,
}

/// A contact sheet: pictures arranged in rows.
#[derive(Debug)]
struct Sheet {
    jpeg: Bytes,
    columns: usize,
    rows: usize,
}

#[derive(Deserialize)]
struct Best {
    sha256: String,
    columns: usize,
    rows: usize,
    channels: Vec<BestChannel>,
}

#[derive(Deserialize)]
struct BestChannel {
    layer: String,
    channel: usize,
    words: String,
}

impl Channels {
    /// The channels of the network with this hash, including those of an atlas of it.
    ///
    /// # Errors
    /// Fails if the atlas cannot be read, or was made from another network.
    pub(super) fn of(sha256: &str, atlas: Option<&Path>) -> Result<Self, ServeError> {
        let mut channels = Self::default();
        channels.add_best(sha256);
        if let Some(path) = atlas {
            let unusable =
                |reason: &str| ServeError::Atlas { path: path.to_owned(), reason: reason.to_owned() };
            let bytes = read_whole(path, LARGEST).map_err(|error| unusable(&error.to_string()))?;
            let page = String::from_utf8(bytes).ok();
            let pictures =
                page.and_then(|page| read_page(&page)).ok_or_else(|| unusable("it is no atlas"))?;
            if pictures.sha256 != sha256 {
                return Err(unusable("it is of another network than the one that dreams"));
            }
            let Pictures { classes, layers, .. } = pictures;
            layers.into_iter().for_each(|layer| channels.add_layer(layer, &classes));
        }
        Ok(channels)
    }

    fn add_best(&mut self, sha256: &str) {
        let (jpeg, text) = BEST;
        let Ok(best) = serde_json::from_str::<Best>(text) else { return };
        if best.sha256 != sha256 {
            return;
        }
        let Best { columns, rows, channels, .. } = best;
        for (place, BestChannel { layer, channel, words }) in channels.into_iter().enumerate() {
            self.list.push(
                json!({ "layer": layer, "channel": channel, "words": words, "sheet": 0, "place": place }),
            );
        }
        self.sheets.push(Sheet { jpeg: Bytes::from_static(jpeg), columns, rows });
    }

    fn add_layer(&mut self, layer: PicturedLayer, classes: &[String]) {
        let PicturedLayer { name, units, sheet } = layer;
        let number = self.sheets.len();
        for (channel, unit) in units.iter().enumerate().filter(|(_, unit)| !unit.is_dead) {
            let is_shown = |it: &Value| it["layer"] == name.as_str() && it["channel"] == channel;
            if self.list.iter().take_while(|it| it["sheet"] == 0).any(is_shown) {
                continue;
            }
            let named = unit.classes.iter().take(CLASSES).filter_map(|&(class, _)| classes.get(class));
            let words = named.map(String::as_str).collect::<Vec<_>>().join(", ");
            self.list.push(
                json!({ "layer": name, "channel": channel, "words": words, "sheet": number, "place": channel }),
            );
        }
        self.sheets.push(Sheet { jpeg: sheet.jpeg.into(), columns: sheet.columns, rows: sheet.rows });
    }
}

/// `GET /api/channels`
pub(super) async fn list(State(server): State<Arc<Server>>) -> Response {
    let Channels { sheets, list } = &server.channels;
    let sheets = sheets.iter().map(|sheet| json!({ "columns": sheet.columns, "rows": sheet.rows }));
    json_body(&json!({ "sheets": sheets.collect::<Vec<_>>(), "channels": list }))
}

/// `GET /api/channels/{sheet}`
pub(super) async fn sheet(
    State(server): State<Arc<Server>>,
    Named(number): Named<usize>,
) -> Result<Response, Refusal> {
    let sheet = server.channels.sheets.get(number);
    let sheet = sheet.ok_or_else(|| Refusal::absent("there is no such sheet of channels"))?;
    Ok(jpeg_body(sheet.jpeg.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::{About, AtlasLayer, Unit, write_page};
    use crate::picture::Picture;
    use crate::studio::Network;

    #[test]
    fn an_atlas_adds_the_channels_of_its_layers() {
        let about = About::sample(&["cat", "dog", "owl"]);
        let speaks = Unit { classes: vec![(1, 0.5), (0, 0.4), (2, 0.1)], ..Unit::default() };
        let units = vec![Unit { is_dead: true, ..Unit::default() }, speaks];
        let sheet = crate::atlas::Sheet::of(&[None, Some(vec![9; 3 * 64])], 8).expect("a sheet");
        let layer = AtlasLayer { name: "a/b".to_owned(), fed_by: None, units, sheet, examples: None };
        let mut page = Vec::new();
        write_page(&mut page, &about, &[layer]).expect("memory");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("atlas.html");
        std::fs::write(&path, page).expect("written");
        let channels = Channels::of("ab", Some(&path)).expect("it is of this network");
        let wanted = json!([{ "layer": "a/b", "channel": 1, "words": "dog, cat", "sheet": 0, "place": 1 }]);
        assert_eq!(json!(channels.list), wanted);
        assert!(channels.sheets[0].jpeg.starts_with(&[0xff, 0xd8]));
        let other = Channels::of("cd", Some(&path)).expect_err("it is of another").to_string();
        assert!(other.contains("another network"), "{other}");
        std::fs::write(&path, "<html>").expect("written");
        let none = Channels::of("ab", Some(&path)).expect_err("it is none").to_string();
        assert!(none.contains("no atlas"), "{none}");
    }

    #[test]
    fn the_best_are_of_the_network_inside_and_have_pictures() {
        let (jpeg, text) = BEST;
        assert!(jpeg.len() <= 1 << 20);
        let best: Best = serde_json::from_str(text).expect("it is as it was written");
        let network = Network::embedded();
        assert_eq!(best.sha256, network.mark.sha256);
        let layers = network.weights.network();
        for BestChannel { layer, channel, words } in &best.channels {
            let id = layers.find(layer).expect(layer);
            assert!(*channel < layers[id].channels && !words.is_empty(), "{layer}:{channel}");
        }
        assert!(best.channels.len() <= best.columns * best.rows);
        let size = Picture::decode_as(jpeg, "channels.jpg", &Default::default()).expect("a JPEG").0.extent();
        assert_eq!(size.width * best.rows, size.height * best.columns, "squares");
        assert!(Channels::of("another", None).expect("nothing is read").list.is_empty());
    }
}
