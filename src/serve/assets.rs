//! The files of the web page, embedded in the program.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A file of the web page.
pub(super) struct Asset {
    /// The URL path at which a browser finds it.
    pub(super) path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal $kind:literal),* $(,)?) => {
        &[$(Asset {
            path: concat!("/", $name),
            kind: $kind,
            bytes: include_bytes!(concat!("page/", $name)),
        }),*]
    };
}

/// Every file but the page itself. The preset pictures show the sky of seed 5, dreamed at 400x264 and scaled to
/// half that size.
pub(super) const ASSETS: &[Asset] = assets![
    "style.css" "text/css; charset=utf-8",
    "app.js" "text/javascript; charset=utf-8",
    "api.js" "text/javascript; charset=utf-8",
    "dom.js" "text/javascript; charset=utf-8",
    "stage.js" "text/javascript; charset=utf-8",
    "shelf.js" "text/javascript; charset=utf-8",
    "controls.js" "text/javascript; charset=utf-8",
    "settings.js" "text/javascript; charset=utf-8",
    "steering.js" "text/javascript; charset=utf-8",
    "mask.js" "text/javascript; charset=utf-8",
    "film.js" "text/javascript; charset=utf-8",
    "channels.js" "text/javascript; charset=utf-8",
    "undo.js" "text/javascript; charset=utf-8",
    "icon.svg" "image/svg+xml",
    "preset-plain.jpg" "image/jpeg",
    "preset-animals.jpg" "image/jpeg",
    "preset-puppyslug.jpg" "image/jpeg",
    "preset-arches.jpg" "image/jpeg",
    "preset-brush.jpg" "image/jpeg",
    "preset-eyes.jpg" "image/jpeg",
    "preset-classic.jpg" "image/jpeg",
    "preset-hallucination-machine.jpg" "image/jpeg",
];

/// The page itself.
pub(super) const PAGE: Asset =
    Asset { path: "/", kind: "text/html; charset=utf-8", bytes: include_bytes!("page/index.html") };

/// The machine-readable description of the API.
pub(super) const OPENAPI: Asset =
    Asset { path: "/api/openapi.json", kind: "application/json", bytes: include_bytes!("openapi.json") };

impl IntoResponse for &Asset {
    fn into_response(self) -> Response {
        let content = |name: HeaderName, value| (name, HeaderValue::from_static(value));
        ([content(header::CONTENT_TYPE, self.kind)], self.bytes).into_response()
    }
}
