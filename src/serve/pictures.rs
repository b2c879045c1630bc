//! Uploaded pictures. A client sends bytes and gets their hash, which is the only way to refer to them later. The
//! bytes themselves are never sent back, only pictures made from them.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Server;
use super::dreams::{Dreams, store};
use super::id::is_sha256;
use super::order::{MOST_FRAMES, MOST_PIXELS};
use super::refusal::Refusal;
use super::shelf::Shelf;
use crate::dream::recipe::Recipe;
use crate::extent::Extent;
use crate::files::digest::sha256;
use crate::film;
use crate::picture::read_recipe_in;

/// The largest picture that is accepted, in bytes.
pub(super) const MOST_BYTES: usize = 64 << 20;
/// How long an upload may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// `PUT /api/pictures`
pub(super) async fn put(State(server): State<Arc<Server>>, body: Body) -> Result<Response, Refusal> {
    let turn = Arc::clone(&server.uploads).acquire_owned().await.map_err(Refusal::failed)?;
    let bytes = receive(body, MOST_BYTES).await?;
    let described = server.aside(move |dreams| {
        let _turn = turn;
        let described = describe(&dreams.shelf, &bytes)?;
        dreams.shelf.tidy(|sha256| dreams.needs(sha256) || described["sha256"] == sha256);
        Ok(described)
    });
    Ok((StatusCode::CREATED, json_body(&described.await?)).into_response())
}

/// `GET /api/pictures/{sha256}`: describes the picture, if it is stored.
pub(super) async fn get(
    State(server): State<Arc<Server>>,
    Path(hash): Path<String>,
) -> Result<Response, Refusal> {
    let described = server.aside(move |dreams| describe(&dreams.shelf, &read(&dreams.shelf, &hash)?));
    Ok(json_body(&described.await?))
}

/// `GET /api/pictures/{sha256}/view`
pub(super) async fn view(
    State(server): State<Arc<Server>>,
    Path(hash): Path<String>,
) -> Result<Response, Refusal> {
    check(&hash)?;
    let read = move |dreams: &Dreams| fs::read(dreams.shelf.picture_view(&hash)).map_err(|_| absent(&hash));
    Ok(lasting_jpeg_body(server.aside(read).await?.into()))
}

/// Stores a picture and describes it: its hash, its size, how many frames it has if it is animated, and the recipe
/// that it carries if it is a dream.
fn describe(shelf: &Shelf, bytes: &[u8]) -> Result<Value, Refusal> {
    store(shelf, bytes)?;
    let hash = sha256(bytes);
    let opened = super::order::open_within(&shelf.picture(&hash), 64).map_err(Refusal::failed)?;
    let recipe = read_recipe_in(bytes, "the picture").ok().flatten();
    // A recipe that is incomplete or not ours is ignored: the picture is then like any other.
    let recipe = recipe.and_then(|text| Recipe::parse(&text).ok());
    let size = opened.size();
    let frames = frames_of(&shelf.picture(&hash), size);
    Ok(json!({
        "sha256": hash,
        "width": size.width,
        "height": size.height,
        "frames": frames,
        "recipe": recipe,
    }))
}

/// How many frames the picture has, if it is animated and can be dreamed as a film.
fn frames_of(path: &std::path::Path, size: Extent) -> Option<usize> {
    if size.plane() > MOST_PIXELS {
        return None;
    }
    let film = film::Source::of_pictures(path).ok().flatten()?;
    film.frames().filter(|&frames| frames <= MOST_FRAMES)
}

fn read(shelf: &Shelf, hash: &str) -> Result<Vec<u8>, Refusal> {
    check(hash)?;
    fs::read(shelf.picture(hash)).map_err(|_| absent(hash))
}

fn check(hash: &str) -> Result<(), Refusal> {
    if is_sha256(hash) { Ok(()) } else { Err(absent("of that name")) }
}

pub(super) fn absent(hash: &str) -> Refusal {
    Refusal::absent(format_args!("the picture {hash} is not here"))
}

/// Receives a body of at most `most` bytes, within the time limit.
pub(super) async fn receive(body: Body, most: usize) -> Result<Bytes, Refusal> {
    let too_large = || {
        let message = format!("the request broke off, or is larger than {most} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, most)).await {
        Err(_) => Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the request took too long to arrive")),
        Ok(Err(_)) => Err(too_large()),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

pub(super) fn json_body(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// A picture whose URL may show another one after the next start of the server.
pub(super) fn jpeg_body(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response()
}

/// A picture that never changes at its URL: browsers may keep it for a year.
pub(super) fn lasting_jpeg_body(bytes: Bytes) -> Response {
    let mut response = jpeg_body(bytes);
    let year = HeaderValue::from_static("private, max-age=31536000");
    response.headers_mut().insert(header::CACHE_CONTROL, year);
    response
}
