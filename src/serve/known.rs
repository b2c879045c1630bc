//! Facts that do not change while a server runs: what it can do, and what may be chosen.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::Server;
use super::dreams::{MOST_KEPT, MOST_QUEUED};
use super::films;
use super::order::{FilmFile, MOST_FRAMES, MOST_PIXELS};
use super::pictures::{self, json_body};
use crate::dream::Config;
use crate::dream::presets::PRESETS;
use crate::picture::Format;
use crate::settings::Settings;
use crate::studio::Carrying;

/// The longer side to which the page fits pictures by default, in pixels.
const FIT: usize = 1024;
/// The file formats in which a dream can be downloaded.
const FORMATS: [&str; 11] = ["png", "jpg", "webp", "tif", "bmp", "gif", "ppm", "tga", "qoi", "exr", "hdr"];

/// `GET /api/health`
pub(super) async fn health() -> Response {
    json_body(&json!({ "status": "ok", "puppyslug": env!("CARGO_PKG_VERSION") }))
}

/// `GET /api/capabilities`
pub(super) async fn capabilities(State(server): State<Arc<Server>>) -> Response {
    let network = &server.dreams.network;
    let holds_recipe = |name: &&str| name.parse::<Format>().is_ok_and(Format::holds_text);
    let formats: Vec<Value> =
        FORMATS.iter().map(|name| json!({ "name": name, "recipe": holds_recipe(name) })).collect();
    let films = FilmFile::ALL.map(|file| {
        let codecs: Vec<String> = file.codecs().iter().map(ToString::to_string).collect();
        json!({ "name": file.ending(), "codecs": codecs })
    });
    json_body(&json!({
        "puppyslug": env!("CARGO_PKG_VERSION"),
        "device": server.dreams.room.machine().name(),
        "network": { "name": network.mark.name, "sha256": network.mark.sha256 },
        "fit": FIT,
        "formats": formats,
        "films": films,
        "limits": {
            "bytes": pictures::MOST_BYTES,
            "pixels": MOST_PIXELS,
            "film_bytes": films::MOST_BYTES,
            "frames": MOST_FRAMES,
            "queued": MOST_QUEUED,
            "kept": MOST_KEPT,
        },
    }))
}

/// `GET /api/settings`: the schema of all settings, their defaults with this network, and their defaults where an
/// order names its own objectives.
pub(super) async fn settings(State(server): State<Arc<Server>>) -> Response {
    let weights = &server.dreams.network.weights;
    let film = Carrying::schema("How the frames of a film become one dream");
    json_body(&json!({
        "schema": Config::schema("Settings of a dream"),
        "defaults": shortest(&Config::by(weights, [])),
        "defaults_of_objectives": shortest(&Config::for_weights(weights)),
        "film": { "schema": film, "defaults": shortest(&Carrying::default()) },
    }))
}

/// `GET /api/presets`: the presets, each with all settings of a dream that uses it.
pub(super) async fn presets(State(server): State<Arc<Server>>) -> Response {
    let weights = &server.dreams.network.weights;
    let presets = PRESETS.iter().map(|preset| {
        let config = Config::by(weights, [&preset.changes(weights)]);
        json!({ "name": preset.name, "about": preset.about, "settings": shortest(&config) })
    });
    json_body(&json!({ "presets": presets.collect::<Vec<_>>() }))
}

/// `GET /api/layers`
pub(super) async fn layers(State(server): State<Arc<Server>>) -> Response {
    let network = server.dreams.network.weights.network();
    let layers = network.ids().map(|id| {
        let (layer, field) = (&network[id], network.receptive_field(id));
        json!({
            "name": layer.name,
            "alias": layer.alias,
            "channels": layer.channels,
            "stride": field.size.map(|_| field.stride),
            "sees": field.size,
        })
    });
    json_body(&json!({ "layers": layers.collect::<Vec<_>>() }))
}

/// `GET /api/classes`
pub(super) async fn classes(State(server): State<Arc<Server>>) -> Response {
    json_body(&json!({ "classes": server.dreams.network.weights.labels() }))
}

/// The settings as JSON, with every number written as briefly as possible.
fn shortest(config: &impl Serialize) -> Value {
    let text = serde_json::to_string(config).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
