//! The program as a private page: a server on this computer, and the page it serves.
//!
//! ```text
//!     connections   how many, how long
//!          |
//!        gate       who is let in: host, origin, cookie
//!          |
//!       routes      what can be asked for: pictures, films, jobs, events, known; assets, the page itself
//!          |
//!       dreams      the queue, a thread that dreams, one that makes previews
//!       /    \
//!   order    shelf  what is wanted, and the folder where dreams lie
//! ```
//!
//! A request names pictures and jobs by what the server called them. No path, no address and no weights come from a
//! client.

mod assets;
mod channels;
mod connections;
mod dreams;
mod error;
mod events;
mod films;
mod gate;
mod id;
mod jobs;
mod known;
mod order;
mod pictures;
mod refusal;
mod routes;
mod shelf;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::studio::{Cancel, Network, Room};
use channels::Channels;
use dreams::Dreams;
use gate::Gate;
use refusal::Refusal;
use shelf::Shelf;

pub use error::ServeError;
pub use gate::Tell;

/// How often it is seen whether it is over.
const GLANCE: Duration = Duration::from_millis(50);
/// As many pictures are received at a time.
const UPLOADS: usize = 4;
/// As many are read or written at a time.
const HEAVY: usize = 2;

/// A server that is wanted.
pub struct Service {
    /// Where it listens: an address of this computer.
    pub address: IpAddr,
    /// The port; any that is free if 0.
    pub port: u16,
    /// Who dreams.
    pub network: Network,
    /// On what.
    pub room: Arc<Room>,
    /// Where dreams are kept.
    pub folder: PathBuf,
    /// An atlas of the network, if one is given: its pictures are shown in the search.
    pub atlas: Option<PathBuf>,
    /// Called with the address at which the page can be opened, which works once; called again with the next one after each use.
    pub tell: Tell,
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Service on {}:{}", self.address, self.port)
    }
}

/// What answers know.
struct Server {
    gate: Arc<Gate>,
    dreams: Arc<Dreams>,
    channels: Channels,
    /// Turns to receive a picture.
    uploads: Arc<Semaphore>,
    /// Turns to do what takes much memory.
    heavy: Arc<Semaphore>,
    /// Tells this run from others.
    run: String,
    over: watch::Receiver<bool>,
}

impl Server {
    /// Work on pictures, beside the thread that answers, and beside not too much else.
    async fn aside<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Dreams) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.heavy).acquire_owned().await.map_err(Refusal::failed)?;
        let done = tokio::task::spawn_blocking(move || {
            // It is given back when the work is done, even if nobody waits for that any more.
            let _turn = turn;
            work(&self.dreams)
        });
        done.await.unwrap_or_else(|error| Err(Refusal::failed(error)))
    }
}

/// Serves until it is to stop: then streams end, finished dreams and the last octave of what is begun are kept.
///
/// # Errors
/// See [`ServeError`].
pub fn serve(service: Service, stop: &Cancel) -> Result<(), ServeError> {
    let address = SocketAddr::new(service.address, service.port);
    if service.address.is_unspecified() {
        return Err(ServeError::Unspecified { address });
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::System)?;
    let served = runtime.block_on(async {
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        answer(service, listener, port, stop).await
    });
    // Requests in progress are not waited for.
    runtime.shutdown_background();
    served
}

async fn answer(service: Service, listener: TcpListener, port: u16, stop: &Cancel) -> Result<(), ServeError> {
    let Service { address, network, room, folder, atlas, tell, .. } = service;
    let channels = Channels::of(&network.mark.sha256, atlas.as_deref())?;
    let dreams = Dreams::open(Shelf::take(&folder)?, network, room);
    dreams.begin().map_err(ServeError::System)?;
    let gate = Arc::new(Gate::new(hosts(address, port), port, tell)?);
    let (ends, over) = watch::channel(false);
    let server = Arc::new(Server {
        gate: Arc::clone(&gate),
        dreams: Arc::clone(&dreams),
        channels,
        uploads: Arc::new(Semaphore::new(UPLOADS)),
        heavy: Arc::new(Semaphore::new(HEAVY)),
        run: id::Id::new()?.to_string(),
        over: over.clone(),
    });
    gate.invite();
    let answering = connections::answer(listener, routes::router(&server), over);
    let stopping = async {
        while !stop.is_cancelled() {
            tokio::time::sleep(GLANCE).await;
        }
        dreams.close();
        // Nobody is left to hear of it if it fails.
        let _ = ends.send(true);
    };
    tokio::join!(answering, stopping);
    Ok(())
}

/// What a request may say that it asks for. Decided by where we listen alone.
fn hosts(address: IpAddr, port: u16) -> Vec<String> {
    let mut hosts = vec![SocketAddr::new(address, port).to_string()];
    if address.is_loopback() {
        hosts.push(format!("localhost:{port}"));
    }
    if port == 80 {
        let bare = |host: &String| host.strip_suffix(":80").map(str::to_owned);
        hosts.extend(hosts.clone().iter().filter_map(bare));
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_decides_how_it_may_be_called() {
        let hosts = |address: &str, port| hosts(address.parse().expect("an address"), port).join(" ");
        assert_eq!(hosts("127.0.0.1", 7317), "127.0.0.1:7317 localhost:7317");
        assert_eq!(hosts("::1", 7317), "[::1]:7317 localhost:7317");
        assert_eq!(
            hosts("192.168.0.7", 7317),
            "192.168.0.7:7317",
            "another computer's localhost is not this one"
        );
        assert_eq!(hosts("127.0.0.1", 80), "127.0.0.1:80 localhost:80 127.0.0.1 localhost");
    }
}
