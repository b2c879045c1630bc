//! A client that speaks HTTP word by word, and the program as a server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::Desk;

/// Longer than any answer takes: a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// An order that takes longer than any test.
pub(crate) fn endless() -> Value {
    json!({ "source": { "sky": 1 }, "size": "64", "settings": { "octaves": 1, "iterations": 1_000_000 } })
}

/// The program, serving.
pub(crate) struct Served {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) port: u16,
    /// What a browser that opened the page sends.
    pub(crate) cookie: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.head))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Served {
    /// The program with the desk's data folder.
    pub(crate) fn on(desk: &Desk) -> Self {
        Self::with(desk, "")
    }

    /// The same with more flags.
    pub(crate) fn with(desk: &Desk, flags: &str) -> Self {
        let mut command = desk.command(&format!("serve --port 0 --device cpu {flags}"));
        Self::start(&mut command)
    }

    pub(crate) fn start(command: &mut std::process::Command) -> Self {
        let mut child =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut served = Self { child, stderr, port: 0, cookie: String::new() };
        let address = served.told();
        let (host, token) = address.split_once("/?token=").expect("an address with a token");
        served.port = host.rsplit_once(':').expect("a port").1.parse().expect("a number");
        served.cookie = served.redeem(token).expect("the token is new");
        served
    }

    /// The next address that is told.
    pub(crate) fn told(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("a line");
        let address = line.trim_end().strip_prefix("open http://");
        address.unwrap_or_else(|| panic!("no address: {line}")).to_owned()
    }

    /// Opens the page by a token; gives the cookie that it is changed for.
    pub(crate) fn redeem(&self, token: &str) -> Option<String> {
        let answer = self.say(&format!("GET /?token={token} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host()), b"");
        assert_eq!(answer.status, 303, "{}", answer.head);
        answer.header("set-cookie").map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket can time out");
        stream
    }

    /// Sends these words, and hears the answer.
    pub(crate) fn say(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        // Who is refused at once may not hear the rest.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        hear(&mut BufReader::new(stream))
    }

    /// Asks as the page does, with more headers.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let (host, cookie) = (self.host(), &self.cookie);
        let mark = if method == "GET" { "" } else { "X-Puppyslug: 1\r\n" };
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{mark}Content-Length: {length}\r\n\
             Connection: close\r\n{headers}\r\n"
        );
        self.say(&head, body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", b"")
    }

    /// Sends a picture; gives its hash.
    pub(crate) fn send(&self, bytes: &[u8]) -> String {
        let answer = self.ask("PUT", "/api/pictures", "", bytes);
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["sha256"].as_str().expect("a hash").to_owned()
    }

    /// Orders a dream; gives its name.
    pub(crate) fn order(&self, order: &Value) -> String {
        let answer = self.ask("POST", "/api/jobs", "", order.to_string().as_bytes());
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["id"].as_str().expect("a name").to_owned()
    }

    pub(crate) fn job(&self, id: &str) -> Value {
        self.get(&format!("/api/jobs/{id}")).json()
    }

    /// Listens to events until one will do.
    pub(crate) fn wait(&self, will_do: impl Fn(&Value) -> bool) -> Value {
        let mut events = self.listen("");
        loop {
            let (kind, _, data) = next_event(&mut events).expect("the stream goes on");
            if kind == "job" && will_do(&data) {
                return data;
            }
        }
    }

    /// Waits until a job has ended so.
    pub(crate) fn wait_until(&self, id: &str, state: &str) -> Value {
        self.wait(|job| {
            assert!(job["id"] != id || job["state"] != "failed", "{job}");
            job["id"] == id && job["state"] == state
        })
    }

    /// A stream of events.
    pub(crate) fn listen(&self, headers: &str) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        let (host, cookie) = (self.host(), &self.cookie);
        write!(stream, "GET /api/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{headers}\r\n")
            .expect("sent");
        let mut reader = BufReader::new(stream);
        let head = read_head(&mut reader);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        reader
    }

    /// The most memory that it ever held, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kilobytes << 10
    }

    /// Asks it to end, as Ctrl-C does, and waits until it has.
    #[cfg(unix)]
    pub(crate) fn interrupt(mut self) -> std::process::ExitStatus {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it is there");
        self.child.wait().expect("it ends")
    }

    /// Ends it at once, whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is there");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_head(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            break;
        }
    }
    head
}

/// Reads one answer; status 0 where the connection was closed without one.
pub(crate) fn hear(reader: &mut impl BufRead) -> Answer {
    let head = read_head(reader);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut answer = Answer { status, head, body: Vec::new() };
    let length: u64 = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let _ = reader.take(length).read_to_end(&mut answer.body);
    answer
}

/// The next event: its kind, its name, and its data. `None` at the end of the stream.
pub(crate) fn next_event(reader: &mut impl BufRead) -> Option<(String, String, Value)> {
    let (mut kind, mut id, mut data) = (String::new(), String::new(), Value::Null);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        // Chunks of HTTP have their lengths between them, on lines of their own.
        let line = line.trim_end();
        if let Some(value) = line.strip_prefix("event: ") {
            kind = value.to_owned();
        } else if let Some(value) = line.strip_prefix("id: ") {
            id = value.to_owned();
        } else if let Some(value) = line.strip_prefix("data: ") {
            data = serde_json::from_str(value).expect("JSON");
        } else if line.is_empty() && !kind.is_empty() && !data.is_null() {
            return Some((kind, id, data));
        }
        if line == "0" && kind.is_empty() {
            return None;
        }
    }
}
