//! Changes of jobs as server-sent events. An event carries the whole current state of a job, so nothing is lost on
//! a slow connection: a client that was disconnected receives every job that changed since the last event it got.
//!
//! | event | data |
//! |---|---|
//! | `all` | `{"jobs": [ids]}`, sent first unless only changes are sent: all other jobs are gone |
//! | `job` | a job, as `GET /api/jobs/{id}` returns it |
//! | `gone` | `{"id": id}` |

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::json;
use tokio::sync::watch;

use super::Server;
use super::dreams::{News, Viewer};
use super::refusal::Refusal;

/// Changes within this time are sent together.
const BREATH: Duration = Duration::from_millis(80);
/// How often a keep-alive is sent on an idle connection.
const PULSE: Duration = Duration::from_secs(15);

/// A client that listens.
struct Listener {
    server: Arc<Server>,
    _viewer: Viewer,
    changes: watch::Receiver<u64>,
    over: watch::Receiver<bool>,
    /// The last change reported; `None` before the first.
    seen: Option<u64>,
    ready: VecDeque<Event>,
}

/// `GET /api/events`
pub(super) async fn listen(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen = last.and_then(|id| id.strip_prefix(&server.run)?.strip_prefix('-')?.parse().ok());
    let listener = Listener {
        _viewer: server.dreams.look()?,
        changes: server.dreams.changes(),
        over: server.over.clone(),
        seen,
        ready: VecDeque::new(),
        server,
    };
    let stream = unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(PULSE)))
}

impl Listener {
    /// Waits for the next event; `None` when the server ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.over.borrow() {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.gather();
            if self.ready.is_empty() {
                tokio::select! {
                    changed = self.changes.changed() => changed.ok()?,
                    _ = self.over.wait_for(|&over| over) => return None,
                }
                tokio::time::sleep(BREATH).await;
            }
        }
    }

    /// Queues the events that the client has not received yet.
    fn gather(&mut self) {
        self.changes.mark_unchanged();
        let dreams = &self.server.dreams;
        let news = match self.seen.and_then(|seen| dreams.since(seen)) {
            Some(news) => news,
            None => {
                let Some(news) = dreams.since(0) else { return };
                let ids: Vec<_> = news.jobs.iter().map(|(_, job)| job["id"].clone()).collect();
                self.ready.push_back(Event::default().event("all").data(json!({ "jobs": ids }).to_string()));
                News { gone: Vec::new(), ..news }
            }
        };
        let id = |revision: u64| format!("{}-{revision}", self.server.run);
        for (_, gone) in news.gone {
            self.ready.push_back(Event::default().event("gone").data(json!({ "id": gone }).to_string()));
        }
        for (revision, job) in news.jobs {
            self.ready.push_back(Event::default().event("job").id(id(revision)).data(job.to_string()));
        }
        self.seen = Some(news.revision);
    }
}
