//! Stores pictures and films: as they were sent, and as the page shows them.

use std::fs;

use axum::http::StatusCode;
use tempfile::NamedTempFile;

use super::worker::{view_of, view_of_sent};
use crate::files::digest::sha256;
use crate::files::output::place;
use crate::serve::order::{Looked, look_into};
use crate::serve::refusal::Refusal;
use crate::serve::shelf::{self, Shelf};

/// Stores a picture, if it can be read.
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

/// Stores a film that has arrived in a temporary file under its hash, if it can be read.
pub(in crate::serve) fn store_film(
    shelf: &Shelf,
    file: NamedTempFile,
    hash: &str,
) -> Result<Looked, Refusal> {
    let (path, view) = (shelf.picture(hash), shelf.picture_view(hash));
    let was_there = path.is_file() && view.is_file();
    if !was_there {
        place(file, &path).map_err(Refusal::failed)?;
    }
    let looked = look_into(&path).map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error));
    if was_there {
        return looked;
    }
    let kept = looked.and_then(|looked| {
        let jpeg = view_of_sent(&looked.first).map_err(Refusal::failed)?;
        shelf::write(&view, &jpeg).map_err(Refusal::failed)?;
        Ok(looked)
    });
    if kept.is_err() {
        let _ = fs::remove_file(&path);
    }
    kept
}
