//! Pictures as they are kept: as they were sent, and as the page shows them.

use std::fs;

use axum::http::StatusCode;

use super::worker::view_of;
use crate::files::digest::sha256;
use crate::serve::refusal::Refusal;
use crate::serve::shelf::{self, Shelf};

/// Keeps a picture, if it is one that can be read.
pub(in crate::serve) fn store(shelf: &Shelf, bytes: &[u8]) -> Result<(), Refusal> {
    let hash = sha256(bytes);
    let (path, view) = (shelf.picture(&hash), shelf.picture_view(&hash));
    if path.is_file() && view.is_file() {
        return Ok(());
    }
    shelf::write(&path, bytes).map_err(Refusal::failed)?;
    let kept = view_of(&path).map_err(|error| {
        // The file's name is ours, and means nothing to the client.
        let message = error.to_string().replace(&format!("'{}'", path.display()), "the picture");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    });
    let kept = kept.and_then(|jpeg| shelf::write(&view, &jpeg).map_err(Refusal::failed));
    if kept.is_err() {
        let _ = fs::remove_file(&path);
    }
    kept
}
