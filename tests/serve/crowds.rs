//! Too slow, and too many at a time, on systems that have limits and signals.

use std::io::Write;

use serde_json::json;
use testkit::Desk;

use crate::client::{Served, endless, next_event};

#[test]
fn slow_and_many_do_not_keep_others_out() {
    let desk = Desk::new();
    let command = format!(
        "ulimit -n 256 2>/dev/null; exec {} serve --port 0 --device cpu",
        testkit::program().display()
    );
    let mut shell = std::process::Command::new("sh");
    desk.settle(shell.arg("-c").arg(command));
    let served = Served::start(&mut shell);
    raise_file_limit();
    let host = served.host();
    // Bodies that never come, and connections that say nothing, more than there can be files.
    let mut slow = Vec::new();
    for number in 0..2000 {
        let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", served.port)) else { continue };
        if number % 2 == 0 {
            let _ = write!(stream, "PUT /api/pictures HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9999\r\n");
        }
        slow.push(stream);
        if number % 500 == 0 {
            assert_eq!(served.get("/api/health").status, 200, "after {number}");
        }
    }
    assert!(slow.len() > 1900, "{}", slow.len());
    assert_eq!(served.get("/api/jobs").status, 200);
    // Whoever has the cookie is not put out by strangers.
    let mut events = served.listen("");
    let more: Vec<_> =
        (0..400).filter_map(|_| std::net::TcpStream::connect(("127.0.0.1", served.port)).ok()).collect();
    assert!(!more.is_empty());
    let id = served.order(
        &json!({ "source": { "sky": 1 }, "size": "48", "settings": { "octaves": 1, "iterations": 1 } }),
    );
    while let Some((_, _, data)) = next_event(&mut events) {
        if data["id"] == id.as_str() && data["state"] == "done" {
            return;
        }
    }
    panic!("the stream broke off");
}

/// As many files as the system lets this process open.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit })
        .expect("up to the maximum");
}

#[test]
fn it_ends_while_streams_are_open() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let id = served.order(&endless());
    served.wait_until(&id, "dreaming");
    let mut streams: Vec<_> = (0..3).map(|_| served.listen("")).collect();
    let mut half = served.connect();
    write!(half, "PUT /api/pictures HTTP/1.1\r\nHost: {}\r\n", served.host()).expect("sent");
    let began = std::time::Instant::now();
    let status = served.interrupt();
    // Streams that are not ended keep it for ever, and this test with it.
    assert!(status.success(), "{status}");
    for stream in &mut streams {
        while next_event(stream).is_some() {}
    }
    println!("ended after {:?}", began.elapsed());
}
