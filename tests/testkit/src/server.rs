//! A web server on loopback with one file, good or bad manners, and a memory for what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// How the server behaves.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    pub status: &'static str,
    /// Bytes between flushes.
    pub chunk: usize,
    /// Hangs up after so many bytes of the body.
    pub cut: Option<usize>,
    /// Sends the file over and over, and never says how long it is.
    pub endless: bool,
    /// Says how long the file is; otherwise it ends where the connection does.
    pub length: bool,
    /// Knows ranges.
    pub ranges: bool,
    /// Sends whoever comes to another address first.
    pub redirect: bool,
    /// Takes the question and says nothing.
    pub silent: bool,
    /// The file's tag.
    pub version: Option<&'static str>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            status: "200 OK",
            chunk: 1 << 20,
            cut: None,
            endless: false,
            length: true,
            ranges: true,
            redirect: false,
            silent: false,
            version: Some("\"1\""),
        }
    }
}

#[derive(Clone)]
struct State {
    manners: Manners,
    file: Arc<Vec<u8>>,
    requests: Vec<String>,
}

/// A server that stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new(file: Vec<u8>, manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("a bound port");
        let state = Arc::new(Mutex::new(State { manners, file: Arc::new(file), requests: Vec::new() }));
        let stopped = Arc::new(AtomicBool::new(false));
        let (theirs, stop) = (Arc::clone(&state), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            // Who was not answered must not be hung up on before the test is over.
            let mut unanswered = Vec::new();
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                // A client that goes away in the middle is what some tests are about.
                if let Ok(stream) = stream {
                    unanswered.extend(answer(stream, &theirs).ok().flatten());
                }
            }
        });
        Self { address, state, stopped, thread: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn set(&self, manners: Manners) {
        self.state.lock().expect("no test thread panics with it").manners = manners;
    }

    pub fn serve(&self, file: Vec<u8>) {
        self.state.lock().expect("no test thread panics with it").file = Arc::new(file);
    }

    /// The heads of all requests, in lower case.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().expect("no test thread panics with it").requests.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // A knock at its own door, so that it looks up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers one request; returns the connection if it is to stay open in silence.
fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<Option<TcpStream>> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let head = head.to_lowercase();
    let State { manners, file, .. } = {
        let mut state = state.lock().expect("no test thread panics with it");
        state.requests.push(head.clone());
        state.clone()
    };
    if manners.silent {
        return Ok(Some(stream));
    }
    if manners.redirect && !head.starts_with("get /moved ") {
        stream.write_all(
            b"HTTP/1.1 302 Found\r\nLocation: /moved\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )?;
        return Ok(None);
    }
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let fresh = header("if-range:").is_none_or(|version| Some(version) == manners.version);
    let range = header("range: bytes=").and_then(|range| range.strip_suffix('-')?.parse::<usize>().ok());
    let start = range.filter(|_| manners.ranges && fresh);
    let mut response = String::new();
    let total = file.len();
    match start {
        Some(start) if start >= total => {
            response += &format!("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{total}\r\n");
            response += "Content-Length: 0\r\n";
        }
        Some(start) => {
            response += "HTTP/1.1 206 Partial Content\r\n";
            response += &format!("Content-Range: bytes {start}-{}/{total}\r\n", total - 1);
        }
        None => response += &format!("HTTP/1.1 {}\r\n", manners.status),
    }
    let body = file.get(start.unwrap_or(0)..).unwrap_or_default();
    if manners.length && !manners.endless && start.is_none_or(|start| start < total) {
        response += &format!("Content-Length: {}\r\n", body.len());
    }
    if let Some(version) = manners.version {
        response += &format!("ETag: {version}\r\n");
    }
    response += "Connection: close\r\n\r\n";
    stream.write_all(response.as_bytes())?;
    send(&mut stream, body, manners)?;
    stream.shutdown(Shutdown::Write)?;
    Ok(None)
}

fn send(stream: &mut TcpStream, body: &[u8], manners: Manners) -> std::io::Result<()> {
    let body = &body[..manners.cut.unwrap_or(body.len()).min(body.len())];
    loop {
        for chunk in body.chunks(manners.chunk) {
            stream.write_all(chunk)?;
            stream.flush()?;
        }
        if !manners.endless {
            return Ok(());
        }
    }
}
