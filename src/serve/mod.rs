//! The program as a private web page: a server on this computer, and the page it serves.
//!
//! ```text
//!     connections   how many are open, and for how long
//!          |
//!        gate       which requests are let in: host, origin, cookie
//!          |
//!       routes      what can be requested: pictures, films, jobs, events, known; assets, the page itself
//!          |
//!       dreams      the queue, a thread that dreams, and one that makes previews
//!       /    \
//!   order    shelf  what is wanted, and the folder where dreams are stored
//! ```
//!
//! A request names pictures and jobs by the names that the server gave them. A client never supplies a path, an
//! address or weights.

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

/// How often the server checks whether it is to stop.
const GLANCE: Duration = Duration::from_millis(50);
/// How many pictures or films are received at a time.
const UPLOADS: usize = 4;
/// How many are read or written at a time.
const HEAVY: usize = 2;

/// The configuration of a server.
pub struct Service {
    /// The address to listen on, which must be one of this computer's.
    pub address: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// The network that dreams.
    pub network: Network,
    /// The device that it dreams on.
    pub room: Arc<Room>,
    /// The folder in which dreams are kept.
    pub folder: PathBuf,
    /// An atlas of the network, if there is one: the search shows its pictures.
    pub atlas: Option<PathBuf>,
    /// Called with the address at which the page can be opened. An address works once; after each use this is
    /// called again with the next one.
    pub tell: Tell,
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Service on {}:{}", self.address, self.port)
    }
}

/// The state that all handlers share.
struct Server {
    gate: Arc<Gate>,
    dreams: Arc<Dreams>,
    channels: Channels,
    /// Permits to receive a picture or a film.
    uploads: Arc<Semaphore>,
    /// Permits for work that takes much memory.
    heavy: Arc<Semaphore>,
    /// Identifies this run of the server.
    run: String,
    over: watch::Receiver<bool>,
}

impl Server {
    /// Does heavy work on another thread than the one that answers requests, limited by the `heavy` permits.
    async fn aside<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Dreams) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.heavy).acquire_owned().await.map_err(Refusal::failed)?;
        let done = tokio::task::spawn_blocking(move || {
            // The permit is returned when the work is done, even if nobody waits for the result any more.
            let _turn = turn;
            work(&self.dreams)
        });
        done.await.unwrap_or_else(|error| Err(Refusal::failed(error)))
    }
}

/// Serves until `stop` is cancelled. Then event streams end; finished dreams and the last octave of an unfinished
/// one are kept.
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
        // This fails only if nobody listens any more, which does not matter.
        let _ = ends.send(true);
    };
    tokio::join!(answering, stopping);
    Ok(())
}

/// The `Host` headers that a request may have. They follow from the address listened on alone.
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
