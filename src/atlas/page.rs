//! An atlas as one HTML file.

use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{About, AtlasLayer, Sheet};

/// The style sheet of an atlas.
pub const STYLE: &str = include_str!("page/atlas.css");

/// The script of an atlas, for all that it does besides showing its sheets. It works on the document that contains
/// it, also when loaded from a separate file.
pub const SCRIPT: &str = include_str!("page/atlas.js");

/// Writes the whole file.
///
/// # Errors
/// Errors of the writer.
pub fn write_page(to: &mut impl Write, about: &About, layers: &[AtlasLayer]) -> io::Result<()> {
    let count: usize = layers.iter().map(|layer| layer.units.len()).sum();
    let dead: usize = layers.iter().map(dead).sum();
    let name =
        if about.embedded { "the network inside puppyslug".to_owned() } else { escape(&about.weights) };
    let policy = format!(
        "default-src 'none'; img-src data: blob:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    write!(
        to,
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Atlas of {name}</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>Atlas of {name}</h1>
<p>{count} channels, {dead} of them dead. Each picture began as noise and climbed towards its channel: {steps} steps at {side} pixels ({quality}).</p>
<div class="tools" id="atlas-tools" hidden>
<label>Search <input id="atlas-search" type="search" placeholder="447, 4c/output:12, sunflower, dead"></label>
<label>Size <input id="atlas-size" type="range" min="32" max="192" step="16" value="64"></label>
<button id="atlas-theme" type="button">Light or dark</button>
<span id="atlas-said" role="status"></span>
</div>
<nav aria-label="Layers"><ul>{links}</ul></nav>
</header>
<main>
"#,
        steps = about.steps,
        side = about.side,
        quality = escape(&about.quality),
        links = links(layers),
    )?;
    for (number, layer) in layers.iter().enumerate() {
        write_layer(to, number, layer)?;
    }
    let data = serde_json::to_string(&Data { about, layers })?;
    write!(
        to,
        r#"</main>
<aside class="panel" id="atlas-panel" aria-label="Channel" hidden></aside>
<footer><p>Keys: / searches, arrows go from channel to channel, Enter opens, Escape closes, + and - change the size. Made by puppyslug {version} on {device}, of weights with SHA-256 {sha256}.</p></footer>
<script type="application/json" id="atlas-data">{data}</script>
<script>{SCRIPT}</script>
</body>
</html>
"#,
        version = escape(&about.puppyslug),
        device = escape(&about.device),
        sha256 = escape(&about.sha256),
        // Escaped so that nothing in the data can end the element.
        data = data.replace('<', "\\u003c"),
    )
}

/// The data that the script reads.
#[derive(Serialize)]
struct Data<'a> {
    about: &'a About,
    layers: &'a [AtlasLayer],
}

fn links(layers: &[AtlasLayer]) -> String {
    layers.iter().fold(String::new(), |mut links, layer| {
        let name = escape(&layer.name);
        let _ = write!(links, "<li><a href=\"#{name}\">{name}</a></li>");
        links
    })
}

fn write_layer(to: &mut impl Write, number: usize, layer: &AtlasLayer) -> io::Result<()> {
    let (name, count) = (escape(&layer.name), layer.units.len());
    let dead = match dead(layer) {
        0 => String::new(),
        dead => format!(", {dead} dead"),
    };
    writeln!(
        to,
        "<section class=\"layer\" data-layer=\"{number}\"><h2 id=\"{name}\">{name} <small>{count} channels{dead}</small></h2>"
    )?;
    let columns = layer.sheet.columns;
    let alt = format!("what the channels of {name} like to see, {columns} in a row");
    write_sheet(to, &format!("sheet-{number}"), &layer.sheet, &alt, "")?;
    if let Some(examples) = &layer.examples {
        write_sheet(to, &format!("examples-{number}"), examples, "examples", " hidden")?;
    }
    writeln!(to, "</section>")
}

fn write_sheet(to: &mut impl Write, id: &str, sheet: &Sheet, alt: &str, more: &str) -> io::Result<()> {
    let Sheet { jpeg, columns, .. } = sheet;
    writeln!(
        to,
        "<img class=\"sheet\" id=\"{id}\" data-columns=\"{columns}\" alt=\"{alt}\"{more} src=\"data:image/jpeg;base64,{}\">",
        STANDARD.encode(jpeg)
    )
}

fn dead(layer: &AtlasLayer) -> usize {
    layer.units.iter().filter(|unit| unit.is_dead).count()
}

/// The source expression by which a content security policy admits a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// Escapes text for HTML, inside an element or a quoted attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::*;

    fn page(weights: &str, label: &str) -> String {
        let about = About {
            puppyslug: "1".to_owned(),
            weights: weights.to_owned(),
            sha256: String::new(),
            embedded: false,
            device: "cpu".to_owned(),
            quality: "draft".to_owned(),
            side: 8,
            steps: 1,
            classes: vec![label.to_owned()],
        };
        let dead = Unit { is_dead: true, ..Unit::default() };
        let layer = AtlasLayer {
            name: "a/b".to_owned(),
            fed_by: None,
            units: vec![Unit::default(), dead],
            sheet: Sheet::of(&[Some(vec![9; 3 * 64]), None], 8).expect("a sheet"),
            examples: None,
        };
        let mut bytes = Vec::new();
        write_page(&mut bytes, &about, &[layer]).expect("memory");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_page_is_whole_and_says_what_is_dead() {
        let page = page("x", "cat");
        for words in ["2 channels, 1 of them dead", "id=\"a/b\"", "data:image/jpeg;base64,/9j/", "\"cat\""] {
            assert!(page.contains(words), "{words}");
        }
        // It contains no address.
        assert!(!page.contains("http:") && !page.contains("https:"));
    }

    #[test]
    fn names_cannot_break_out() {
        let page = page("<b>\"", "</script><script>alert(1)</script>");
        assert!(page.contains("Atlas of &lt;b&gt;&quot;"));
        assert!(!page.contains("alert(1)</script>"));
        assert_eq!(page.matches("</script>").count(), 2);
    }
}
