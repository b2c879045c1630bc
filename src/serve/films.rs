//! Films that are uploaded, which are written to the disk as they arrive, and films that are downloaded, whole or
//! in part.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path as Named, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::Server;
use super::dreams::{Dreams, store_film};
use super::id::is_sha256;
use super::order::{FilmFile, Looked, look_into};
use super::pictures::{absent, json_body};
use super::refusal::Refusal;
use crate::dream::recipe::Recipe;
use crate::files::digest::HashWriter;

/// The largest film that is accepted, in bytes.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// How long an upload may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How many bytes of a download are read at a time.
const PIECE: usize = 1 << 18;

/// `PUT /api/films`
pub(super) async fn put(State(server): State<Arc<Server>>, body: Body) -> Result<Response, Refusal> {
    let turn = Arc::clone(&server.uploads).acquire_owned().await.map_err(Refusal::failed)?;
    let file = server.dreams.shelf.temporary().map_err(Refusal::failed)?;
    let slow = |_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "the film took too long to arrive");
    let (file, hash) = tokio::time::timeout(PATIENCE, receive(body, file)).await.map_err(slow)??;
    let described = server.aside(move |dreams| {
        let _turn = turn;
        let described = describe(&store_film(&dreams.shelf, file, &hash)?, &hash);
        dreams.shelf.tidy(|sha256| dreams.needs(sha256) || hash == sha256);
        Ok(described)
    });
    Ok((StatusCode::CREATED, json_body(&described.await?)).into_response())
}

/// `GET /api/films/{sha256}`: describes the film, if it is stored.
pub(super) async fn get(
    State(server): State<Arc<Server>>,
    Named(hash): Named<String>,
) -> Result<Response, Refusal> {
    let look = move |dreams: &Dreams| {
        let path = dreams.shelf.picture(&hash);
        if !is_sha256(&hash) || !path.is_file() {
            return Err(absent(&hash));
        }
        let no_film = |error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error);
        Ok(describe(&look_into(&path).map_err(no_film)?, &hash))
    };
    Ok(json_body(&server.aside(look).await?))
}

/// Describes a film: its hash, its size, how many frames its file states, and the recipe that it carries if it is
/// a dream.
fn describe(looked: &Looked, hash: &str) -> Value {
    let recipe = looked.source.comment().and_then(|text| Recipe::parse(text).ok());
    json!({
        "sha256": hash,
        "width": looked.size.width,
        "height": looked.size.height,
        "frames": looked.source.frames(),
        "recipe": recipe,
    })
}

/// Receives a film. Each piece is small and the write lands in the system's cache, so this blocks the thread only
/// briefly.
async fn receive(body: Body, mut file: NamedTempFile) -> Result<(NamedTempFile, String), Refusal> {
    let too_large = || {
        let message = format!("the request broke off, or is larger than {MOST_BYTES} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    if body.size_hint().lower() > MOST_BYTES {
        return Err(too_large());
    }
    let (mut hash, mut bytes) = (HashWriter::default(), 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| too_large())?;
        bytes += piece.len() as u64;
        if bytes > MOST_BYTES {
            return Err(too_large());
        }
        hash.write_all(&piece).and_then(|()| file.write_all(&piece)).map_err(Refusal::failed)?;
    }
    Ok((file, hash.finish()))
}

/// Responds with a film from the disk: all of it, or the part that a player asks for.
pub(super) fn answer(path: &Path, kind: FilmFile, asked: &HeaderMap) -> Result<Response, Refusal> {
    let mut file = File::open(path).map_err(Refusal::failed)?;
    let length = file.metadata().map_err(Refusal::failed)?.len();
    let range = asked.get(header::RANGE).and_then(|range| range.to_str().ok());
    let part = range.and_then(|range| part_of(range, length));
    let mut headers = HeaderMap::new();
    let text = |text: String| HeaderValue::try_from(text).map_err(Refusal::failed);
    let (status, start, end) = match part {
        None => (StatusCode::OK, 0, length),
        Some((start, end)) if start < end => {
            headers.insert(header::CONTENT_RANGE, text(format!("bytes {start}-{}/{length}", end - 1))?);
            (StatusCode::PARTIAL_CONTENT, start, end)
        }
        Some(_) => {
            headers.insert(header::CONTENT_RANGE, text(format!("bytes */{length}"))?);
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    headers.insert(header::CONTENT_LENGTH, text((end - start).to_string())?);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    file.seek(SeekFrom::Start(start)).map_err(Refusal::failed)?;
    Ok((status, headers, stream(file, end - start)).into_response())
}

/// The bytes that `bytes=A-B`, `bytes=A-` or `bytes=-N` means, as start and exclusive end; `None` for any other
/// range, for which the whole film is sent.
fn part_of(range: &str, length: u64) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    if from.is_empty() {
        return Some((length.saturating_sub(to.parse().ok()?), length));
    }
    let last = if to.is_empty() { length } else { to.parse::<u64>().ok()?.saturating_add(1) };
    Some((from.parse().ok()?, last.min(length)))
}

/// The next `left` bytes of a file, piece by piece.
fn stream(file: File, left: u64) -> Body {
    Body::from_stream(unfold((Some(file), left), |(file, left)| async move {
        let length = left.min(PIECE as u64) as usize;
        let mut file = file.filter(|_| length > 0)?;
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; length];
            file.read_exact(&mut bytes).map(|()| (file, bytes))
        });
        match read.await.map_err(std::io::Error::other).and_then(|read| read) {
            Ok((file, bytes)) => Some((Ok(Bytes::from(bytes)), (Some(file), left - length as u64))),
            // The connection breaks off, which tells the client that something failed.
            Err(error) => Some((Err(error), (None, 0))),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_was_asked_for() {
        for (range, part) in [
            ("bytes=0-", Some((0, 10))),
            ("bytes=2-4", Some((2, 5))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=-30", Some((0, 10))),
            ("bytes=8-99", Some((8, 10))),
            ("bytes=10-", Some((10, 10))),
            ("bytes=5-2", Some((5, 3))),
            ("bytes=0-1,4-5", None),
            ("items=0-1", None),
            ("bytes=-", None),
            ("bytes=a-b", None),
        ] {
            assert_eq!(part_of(range, 10), part, "{range}");
        }
    }
}
