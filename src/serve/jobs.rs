//! The API's handlers for jobs.

use std::fs;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Server;
use super::dreams::Dreams;
use super::films;
use super::id::Id;
use super::order::{FilmFile, Order};
use super::pictures::{json_body, lasting_jpeg_body, receive};
use super::refusal::Refusal;
use crate::dream::recipe::FileMark;
use crate::picture::{Depth, Format};
use crate::studio::recipe_file;

/// The largest order that is accepted, in bytes.
const MOST_BYTES: usize = 256 << 10;

/// The kind of file in which a dream is requested.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    format: Option<String>,
    depth: Option<String>,
    quality: Option<u8>,
}

/// `POST /api/jobs`
pub(super) async fn order(State(server): State<Arc<Server>>, body: Body) -> Result<Response, Refusal> {
    let bytes = receive(body, MOST_BYTES).await?;
    let order: Order = serde_json::from_slice(&bytes)
        .map_err(|error| Refusal::bad(format_args!("the order does not follow the API: {error}")))?;
    let job = server.aside(move |dreams| dreams.order(order)).await?;
    Ok((StatusCode::CREATED, json_body(&job)).into_response())
}

/// `GET /api/jobs`
pub(super) async fn list(State(server): State<Arc<Server>>) -> Response {
    json_body(&json!({ "jobs": server.dreams.list() }))
}

/// `DELETE /api/jobs`: removes all jobs that have ended.
pub(super) async fn remove_all(State(server): State<Arc<Server>>) -> Result<StatusCode, Refusal> {
    let removed = server.aside(|dreams| {
        dreams.remove_all();
        Ok(StatusCode::NO_CONTENT)
    });
    removed.await
}

/// `GET /api/jobs/{id}`
pub(super) async fn get(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    Ok(json_body(&server.dreams.describe(&named(&id)?)?))
}

/// `DELETE /api/jobs/{id}`
pub(super) async fn remove(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = named(&id)?;
    server.aside(move |dreams| dreams.remove(&id).map(|()| StatusCode::NO_CONTENT)).await
}

/// `POST /api/jobs/{id}/cancel`
pub(super) async fn cancel(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    Ok(json_body(&server.dreams.cancel(&named(&id)?)?))
}

/// `GET /api/jobs/{id}/preview`: the newest picture of it, whichever revision is asked for.
pub(super) async fn preview(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let shown = server.dreams.shown(&named(&id)?)?;
    Ok(lasting_jpeg_body(shown.bytes))
}

/// `GET /api/jobs/{id}/thumbnail`
pub(super) async fn thumbnail(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let path = server.dreams.shelf.of_job(&named(&id)?, "thumbnail.jpg");
    let unseen = |_| Refusal::absent("there is no picture of it yet");
    let bytes = server.aside(move |_| fs::read(path).map_err(unseen)).await?;
    Ok(lasting_jpeg_body(bytes.into()))
}

/// `GET /api/jobs/{id}/recipe`
pub(super) async fn recipe(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = named(&id)?;
    let read = move |dreams: &Dreams| match dreams.kept_film(&id)? {
        Some((path, _)) => {
            recipe_file::open(&path).map_err(|_| Refusal::absent("this kind of file carries no recipe"))
        }
        None => Ok(dreams.kept(&id)?.recipe),
    };
    let recipe = server.aside(read).await?;
    let value: Value = serde_json::to_value(&recipe).map_err(Refusal::failed)?;
    Ok(json_body(&value))
}

/// `GET /api/jobs/{id}/result`: the dream as a file.
pub(super) async fn result(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let id = named(&id)?;
    if let Some((path, kind)) = server.dreams.kept_film(&id)? {
        let name = attachment(&id, kind.ending())?;
        wanted.check_film(kind)?;
        let film = server.aside(move |_| films::answer(&path, kind, &asked)).await?;
        return Ok(([(header::CONTENT_DISPOSITION, name)], film).into_response());
    }
    let format: Format = wanted.format.as_deref().unwrap_or("png").parse().map_err(Refusal::bad)?;
    let depth: Option<Depth> = wanted.depth.map(|depth| depth.parse()).transpose().map_err(Refusal::bad)?;
    let file = FileMark { format, depth, quality: wanted.quality };
    let name = attachment(&id, format.extension())?;
    let bytes = server.aside(move |dreams| dreams.kept(&id)?.encode(&file).map_err(Refusal::bad)).await?;
    let kind = HeaderValue::from_static(media_type(format));
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

impl Wanted {
    /// Refuses any other kind of file for a film, which is encoded while it is dreamed.
    fn check_film(&self, kind: FilmFile) -> Result<(), Refusal> {
        let ending = kind.ending();
        let other = self.format.as_deref().is_some_and(|format| format != ending);
        if other || self.depth.is_some() || self.quality.is_some() {
            return Err(Refusal::bad(format_args!(
                "the film is there as {ending} alone; dream it again for another kind of file"
            )));
        }
        Ok(())
    }
}

/// The `Content-Disposition` header, with the name under which a browser saves the file.
fn attachment(id: &Id, ending: &str) -> Result<HeaderValue, Refusal> {
    let text = format!("attachment; filename=\"dream-{}.{ending}\"", &id.as_str()[..8]);
    HeaderValue::try_from(text).map_err(Refusal::failed)
}

fn named(id: &str) -> Result<Id, Refusal> {
    id.parse().map_err(|_| Refusal::absent("there is no such job"))
}

/// The media type of a format: never one that a browser would run or show as a page.
fn media_type(format: Format) -> &'static str {
    match format {
        Format::Png => "image/png",
        Format::Jpeg => "image/jpeg",
        Format::WebP => "image/webp",
        Format::Tiff => "image/tiff",
        Format::Bmp => "image/bmp",
        Format::Gif => "image/gif",
        _ => "application/octet-stream",
    }
}
