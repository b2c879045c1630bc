//! Reads the pictures of an atlas from its page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Sheet;

/// The pictures of an atlas.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// The hash of the weights: channel numbers mean nothing without it.
    pub sha256: String,
    /// The names of classes, by number.
    pub classes: Vec<String>,
    /// Its layers.
    pub layers: Vec<PicturedLayer>,
}

/// The channels of a layer.
#[derive(Clone, Debug)]
pub struct PicturedLayer {
    /// The layer's name.
    pub name: String,
    /// Its channels, in their order.
    pub units: Vec<PicturedUnit>,
    /// The pictures of all channels.
    pub sheet: Sheet,
}

/// What is read about a channel.
#[derive(Clone, Debug, Deserialize)]
pub struct PicturedUnit {
    /// Whether the channel never fired.
    #[serde(rename = "dead")]
    pub is_dead: bool,
    /// Classes by number, each with how much the channel speaks for it at its own picture, strongest first.
    pub classes: Vec<(usize, f32)>,
}

#[derive(Deserialize)]
struct Data {
    about: About,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct About {
    sha256: String,
    classes: Vec<String>,
}

#[derive(Deserialize)]
struct Layer {
    name: String,
    units: Vec<PicturedUnit>,
}

/// Reads a page written by [`write_page`](super::write_page); `None` if it is anything else.
pub fn read_page(page: &str) -> Option<Pictures> {
    let data = between(page, "id=\"atlas-data\">", "</script>")?;
    let Data { about, layers } = serde_json::from_str(data).ok()?;
    let pictured = |(number, layer): (usize, Layer)| {
        let Layer { name, units } = layer;
        let image = between(page, &format!("id=\"sheet-{number}\" data-columns=\""), ">")?;
        let columns: usize = image.split('"').next()?.parse().ok().filter(|&columns| columns > 0)?;
        let jpeg = STANDARD.decode(between(image, "data:image/jpeg;base64,", "\"")?).ok()?;
        let rows = units.len().div_ceil(columns).max(1);
        Some(PicturedLayer { name, units, sheet: Sheet { jpeg, columns, rows } })
    };
    let layers = layers.into_iter().enumerate().map(pictured).collect::<Option<_>>()?;
    Some(Pictures { sha256: about.sha256, classes: about.classes, layers })
}

/// The part of a text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::super::{About, AtlasLayer, Sheet, Unit, write_page};
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let about = About::sample(&["cat <face>"]);
        let live = Unit { classes: vec![(0, 0.5)], ..Unit::default() };
        let units = vec![live, Unit { is_dead: true, ..Unit::default() }, Unit::default()];
        let sheet = Sheet::of(&[Some(vec![9; 3 * 64]), None, None], 8).expect("a sheet");
        let layer =
            AtlasLayer { name: "a/b".to_owned(), fed_by: None, units, sheet: sheet.clone(), examples: None };
        let mut page = Vec::new();
        write_page(&mut page, &about, &[layer.clone(), AtlasLayer { name: "c".to_owned(), ..layer }])
            .expect("memory");
        let page = String::from_utf8(page).expect("text");
        let read = read_page(&page).expect("an atlas");
        assert_eq!((read.sha256.as_str(), read.classes.as_slice()), ("ab", &["cat <face>".to_owned()][..]));
        assert_eq!(read.layers.len(), 2);
        let layer = &read.layers[1];
        assert_eq!((layer.name.as_str(), layer.sheet.columns, layer.sheet.rows), ("c", 2, 2));
        assert_eq!(layer.sheet.jpeg, sheet.jpeg);
        assert_eq!((layer.units[0].classes[0].0, layer.units[1].is_dead), (0, true));
        for broken in ["", "<html>", &page.replace("sheet-1", "sheet-9"), &page.replace("\"dead\"", "\"d\"")]
        {
            assert!(read_page(broken).is_none());
        }
    }
}
