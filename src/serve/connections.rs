//! Connections: how many are open at a time, how long they last, and how they end.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::gate::Known;

/// The most connections open at a time: fewer than the files that any system lets a program open.
const MOST: usize = 192;
/// How long the head of a request may take to arrive, and how long a connection may wait for its next request.
const HEAD: Duration = Duration::from_secs(20);
/// How long open responses have to end once the server stops.
const LAST: Duration = Duration::from_millis(800);
/// How long to wait after a connection could not be accepted.
const BREATH: Duration = Duration::from_millis(20);

/// An open connection.
struct Line {
    /// Whether a client that has the cookie has been answered on it.
    known: Arc<AtomicBool>,
    end: AbortHandle,
}

/// All open connections, oldest first.
type Lines = Arc<Mutex<VecDeque<Line>>>;

/// Answers connections until the server stops, then lets open responses end.
pub(super) async fn answer(listener: TcpListener, app: Router, mut over: watch::Receiver<bool>) {
    let lines = Lines::default();
    let mut open = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = over.wait_for(|&over| over) => break,
        };
        while open.try_join_next().is_some() {}
        match stream {
            Ok((stream, _)) if make_room(&lines) => {
                let known = Arc::new(AtomicBool::new(false));
                let end = open.spawn(converse(stream, app.clone(), Arc::clone(&known), over.clone()));
                lines.lock().unwrap_or_else(PoisonError::into_inner).push_back(Line { known, end });
            }
            Ok(_) => {}
            // Too many files are open, or the client has gone.
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
    drop(listener);
    let ended = async { while open.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(LAST, ended).await;
}

/// Whether there is room for one more connection: if need be, the oldest one whose client has not shown the cookie
/// is closed.
fn make_room(lines: &Lines) -> bool {
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    lines.retain(|line| !line.end.is_finished());
    if lines.len() < MOST {
        return true;
    }
    match lines.iter().position(|line| !line.known.load(Ordering::Relaxed)) {
        Some(stranger) => {
            if let Some(line) = lines.remove(stranger) {
                line.end.abort();
            }
            true
        }
        None => false,
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, app: Router, known: Arc<AtomicBool>, mut over: watch::Receiver<bool>) {
    // Events are small and must be sent at once, not held back until there are more of them.
    let _ = stream.set_nodelay(true);
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |request| {
        let (answer, known) = (app.call(request), Arc::clone(&known));
        async move {
            let answer = answer.await?;
            if answer.extensions().get::<Known>().is_some() {
                known.store(true, Ordering::Relaxed);
            }
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_headers(64).max_header_size(1 << 14);
    let mut conversation = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    // Errors of a connection are ignored here: the client notices them itself.
    tokio::select! {
        _ = conversation.as_mut() => return,
        _ = over.wait_for(|&over| over) => conversation.as_mut().graceful_shutdown(),
    }
    let _ = conversation.await;
}
