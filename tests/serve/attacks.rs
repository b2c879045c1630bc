//! What other pages, other computers and other programs may try.

use std::io::{BufReader, Read, Write};

use serde_json::json;
use testkit::Desk;

use crate::client::{Answer, Served, hear, next_event};

/// An order that takes longer than any test.
fn endless() -> serde_json::Value {
    json!({ "source": { "sky": 1 }, "size": "64", "settings": { "octaves": 1, "iterations": 1_000_000 } })
}

/// Everything that reads, everything that changes, and the stream.
const DOORS: [(&str, &str); 8] = [
    ("GET", "/"),
    ("GET", "/app.js"),
    ("GET", "/api/health"),
    ("GET", "/api/jobs"),
    ("GET", "/api/events"),
    ("PUT", "/api/pictures"),
    ("POST", "/api/jobs"),
    ("DELETE", "/api/jobs"),
];

impl Served {
    /// A request of somebody who has the cookie and the mark, with this host and more headers.
    fn knock(&self, (method, path): (&str, &str), host: &str, headers: &str) -> Answer {
        let cookie = &self.cookie;
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}Cookie: {cookie}\r\nX-Puppyslug: 1\r\nContent-Length: 0\r\n{headers}\r\n"
        );
        let mut stream = self.connect();
        stream.write_all(head.as_bytes()).expect("sent");
        // A stream that is let in does not end: its head is enough.
        let mut head = String::new();
        let mut reader = BufReader::new(stream);
        while !head.ends_with("\r\n\r\n") {
            let mut byte = [0];
            if reader.read(&mut byte).expect("an answer") == 0 {
                break;
            }
            head.push(char::from(byte[0]));
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head, body: Vec::new() }
    }
}

#[test]
fn another_name_leads_nowhere() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let port = served.port;
    let hosts = [
        "Host: evil.example\r\n".to_owned(),
        format!("Host: evil.example:{port}\r\n"),
        format!("Host: 127.0.0.1.evil.example:{port}\r\n"),
        format!("Host: 127.0.0.1:{}\r\n", port ^ 1),
        "Host: 127.0.0.1\r\n".to_owned(),
        format!("Host: 127.1:{port}\r\n"),
        format!("Host: 0.0.0.0:{port}\r\n"),
        format!("Host: [::1]:{port}\r\n"),
        format!("Host: localhost.:{port}\r\n"),
        format!("Host: user@127.0.0.1:{port}\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n"),
        "Host: \r\n".to_owned(),
        String::new(),
    ];
    for host in &hosts {
        for door in DOORS {
            let status = served.knock(door, host, "").status;
            assert!(status == 421 || (status == 400 && host.is_empty()), "{door:?} {host:?}: {status}");
        }
    }
    // An address in the first line counts as well, whatever the header says.
    let ours = format!("Host: 127.0.0.1:{port}\r\n");
    assert_eq!(served.knock(("GET", "http://evil.example/api/jobs"), &ours, "").status, 421);
    for host in [ours, format!("Host: LOCALHOST:{port}\r\n")] {
        assert_eq!(served.knock(("GET", "/api/jobs"), &host, "").status, 200, "{host}");
    }
}

#[test]
fn another_page_gets_nothing() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let (port, host) = (served.port, format!("Host: {}\r\n", served.host()));
    let foreign = [
        "Origin: null".to_owned(),
        "Origin: https://evil.example".to_owned(),
        format!("Origin: http://evil.example:{port}"),
        format!("Origin: https://127.0.0.1:{port}"),
        format!("Origin: http://127.0.0.1:{}", port ^ 1),
        "Origin: http://127.0.0.1".to_owned(),
        format!("Origin: http://localhost:{port}"),
        format!("Origin: http://127.0.0.1:{port}\r\nOrigin: null"),
        "Sec-Fetch-Site: cross-site".to_owned(),
        "Sec-Fetch-Site: same-site".to_owned(),
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image".to_owned(),
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe".to_owned(),
    ];
    for header in &foreign {
        for door in DOORS {
            let answer = served.knock(door, &host, &format!("{header}\r\n"));
            assert_eq!(answer.status, 403, "{door:?} {header}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    let opens = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    assert_eq!(served.knock(("GET", "/"), &host, opens).status, 200, "a link may lead here");
    assert_eq!(served.knock(("GET", "/api/jobs"), &host, opens).status, 403, "but not further");
    assert_eq!(served.knock(("POST", "/"), &host, opens).status, 403);
    let own = format!("Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n");
    assert_eq!(served.knock(("GET", "/api/events"), &host, &own).status, 200, "the page itself is let in");
    // A question that a browser sends beforehand is not answered with leave.
    let asks = "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n";
    let answer = served.knock(("OPTIONS", "/api/pictures"), &host, asks);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None));
}

#[test]
fn nobody_comes_in_without_the_cookie() {
    let desk = Desk::new();
    let mut served = Served::on(&desk);
    let host = format!("Host: {}\r\n", served.host());
    let cookie = std::mem::take(&mut served.cookie);
    let (name, value) = cookie.split_once('=').expect("a cookie");
    assert_eq!(name, format!("puppyslug-{}", served.port), "servers on other ports have others");
    let wrong = [
        String::new(),
        format!("{name}="),
        format!("{name}={}", &value[1..]),
        format!("{name}={value}0"),
        format!("puppyslug={value}"),
        format!("{name}-x={value}"),
    ];
    for cookie in wrong {
        served.cookie = cookie;
        for door in DOORS {
            let open = matches!(door, ("GET", "/" | "/app.js" | "/api/health"));
            let status = served.knock(door, &host, "").status;
            assert_eq!(status, if open { 200 } else { 401 }, "{door:?} {}", served.cookie);
        }
    }
    served.cookie = cookie;
    // With the cookie, but without the header that no form can send.
    for (method, path) in [("PUT", "/api/pictures"), ("POST", "/api/jobs"), ("DELETE", "/api/jobs")] {
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}Cookie: {}\r\nContent-Length: 0\r\n\r\n",
            served.cookie
        );
        assert_eq!(served.say(&head, b"").status, 403, "{method} {path}");
    }
}

#[test]
fn a_token_is_good_once() {
    let desk = Desk::new();
    let mut served = Served::on(&desk);
    let next = served.told();
    let token = next.split_once("?token=").expect("a token").1;
    assert_eq!(served.redeem(&token[1..]), None);
    assert_eq!(served.redeem(token).as_ref(), Some(&served.cookie), "another browser, the same dreams");
    assert_eq!(served.redeem(token), None, "it was used");
}

#[test]
fn answers_are_shielded() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let hash = served.send(&desk.read("cat.png"));
    let paths = ["/", "/app.js", "/style.css", "/icon.svg", "/api/jobs", "/api/nothing", "/nothing"];
    let view = format!("/api/pictures/{hash}/view");
    for path in paths.into_iter().chain([view.as_str()]) {
        let answer = served.get(path);
        let csp = answer.header("content-security-policy").expect(path);
        assert!(csp.starts_with("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{csp}");
        assert!(!csp.contains("unsafe") && !csp.contains('*'), "{csp}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    // Nothing in the page asks for code or style in line.
    let page = String::from_utf8(served.get("/").body).expect("UTF-8");
    assert!(
        !page.contains("<style")
            && !page.contains(" style=")
            && !page.contains(" on")
            && !page.contains("http")
    );
    // What comes back of a picture is ours, not what was sent.
    let answer = served.get(&view);
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    assert!(answer.body.starts_with(&[0xff, 0xd8]));
}

#[test]
fn paths_lead_to_nothing_but_what_is_named() {
    let desk = Desk::new();
    desk.put("data/dreams/secret.txt", "secret");
    let served = Served::on(&desk);
    let ups = [
        "../../secret.txt",
        "..%2f..%2fsecret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "..\\..\\secret.txt",
        "/etc/passwd",
        "C:\\windows\\win.ini",
    ];
    for up in ups {
        for path in [
            format!("/{up}"),
            format!("/api/pictures/{up}"),
            format!("/api/pictures/{up}/view"),
            format!("/api/jobs/{up}"),
            format!("/api/jobs/{up}/preview"),
            format!("/api/jobs/{up}/result"),
        ] {
            let answer = served.get(&path);
            assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
            assert!(
                !answer.body.windows(6).any(|bytes| bytes == b"secret") || answer.status == 404,
                "{path}"
            );
        }
        let order = json!({ "source": { "picture": up } });
        assert_eq!(served.ask("POST", "/api/jobs", "", order.to_string().as_bytes()).status, 400, "{up}");
    }
    // Nothing that names a file, an address or weights is understood.
    for (key, value) in [("weights", "x"), ("path", "/etc/passwd"), ("url", "http://127.0.0.1:1/")] {
        let mut order = json!({ "source": { "sky": 1 } });
        order[key] = json!(value);
        let answer = served.ask("POST", "/api/jobs", "", order.to_string().as_bytes());
        assert_eq!(answer.status, 400, "{key}");
    }
}

#[test]
fn bombs_do_not_go_off() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    for (name, bytes) in bombs() {
        let answer = served.ask("PUT", "/api/pictures", "", &bytes);
        assert_eq!(answer.status, 422, "{name}: {}", String::from_utf8_lossy(&answer.body));
        let message = answer.json()["error"].as_str().expect("a line").to_owned();
        assert!(!message.contains("data/dreams") && message.lines().count() == 1, "{name}: {message}");
    }
    assert_eq!(std::fs::read_dir(desk.path("data/dreams/pictures")).expect("it is there").count(), 0);
    // Dreams that are too large are refused before any work.
    for size in [json!("20000"), json!({ "width": 5000, "height": 5000 }), json!({ "width": 0, "height": 9 })]
    {
        let order = json!({ "source": { "sky": 1 }, "size": size }).to_string();
        let answer = served.ask("POST", "/api/jobs", "", order.as_bytes());
        assert_eq!(answer.status, 400, "{size}: {}", String::from_utf8_lossy(&answer.body));
    }
    assert_eq!(served.get("/api/health").status, 200);
}

/// Pictures that say of themselves that they are far larger than any computer, one of each format.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let side = 60_000_u16;
    let (big, little) = (side.to_be_bytes(), side.to_le_bytes());
    let wide = u32::from(side);
    let header =
        [b"IHDR".to_vec(), wide.to_be_bytes().to_vec(), wide.to_be_bytes().to_vec(), vec![8, 2, 0, 0, 0]]
            .concat();
    let mark = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    let png = [mark, header.clone(), crc32fast::hash(&header).to_be_bytes().to_vec()].concat();
    let jpeg =
        [&[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8][..], &big, &big, &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]]
            .concat();
    let gif = [b"GIF89a", &little[..], &little, &[0, 0, 0, 0x2c, 0, 0, 0, 0], &little, &little, &[0, 2, 0]]
        .concat();
    let bmp = [
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec(),
        wide.to_le_bytes().to_vec(),
        wide.to_le_bytes().to_vec(),
        b"\x01\0\x18\0".to_vec(),
        vec![0; 24],
    ];
    let qoi = [b"qoif".to_vec(), wide.to_be_bytes().to_vec(), wide.to_be_bytes().to_vec(), vec![3, 0, 0]];
    let webp = [
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec(),
        (wide - 1).to_le_bytes()[..3].to_vec(),
        (wide - 1).to_le_bytes()[..3].to_vec(),
        b"VP8L\0\0\0\0".to_vec(),
    ];
    let entry =
        |tag: u16, value: u32| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
    let tiff = [
        b"II*\0\x08\0\0\0\x07\0".to_vec(),
        entry(256, wide),
        entry(257, wide),
        entry(258, 8),
        entry(259, 1),
        entry(262, 1),
        entry(273, 8),
        entry(279, 8),
        vec![0; 4],
    ];
    let hdr = format!("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {side} +X {side}\n").into_bytes();
    let ppm = format!("P6 {side} {side} 255\n").into_bytes();
    vec![
        ("png", png),
        ("jpeg", jpeg),
        ("gif", gif),
        ("bmp", bmp.concat()),
        ("qoi", qoi.concat()),
        ("webp", webp.concat()),
        ("tiff", tiff.concat()),
        ("hdr", hdr),
        ("ppm", ppm),
        ("exr", [&0x0131_2f76_u32.to_le_bytes()[..], &[2, 0, 0, 0, 0]].concat()),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("html", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn what_is_too_large_or_too_many_is_refused() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let limit = served.get("/api/capabilities").json()["limits"]["bytes"].as_u64().expect("a limit");
    // Said to be too large, and too large without being said.
    let (host, cookie) = (served.host(), &served.cookie);
    let head =
        format!("PUT /api/pictures HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Puppyslug: 1\r\n");
    let said = served.say(&format!("{head}Content-Length: {}\r\n\r\n", limit + 1), b"");
    assert_eq!(said.status, 413);
    let order = format!("POST /api/jobs HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Puppyslug: 1\r\n");
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", 300_000, "x".repeat(300_000));
    let unsaid = served.say(&format!("{order}Transfer-Encoding: chunked\r\n\r\n"), chunk.as_bytes());
    assert_eq!(unsaid.status, 413);
    let long =
        served.say(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "x".repeat(100_000)), b"");
    assert!(matches!(long.status, 0 | 400 | 431), "{}", long.status);
    // The queue ends somewhere.
    served.wait_until(&served.order(&endless()), "dreaming");
    let queued = served.get("/api/capabilities").json()["limits"]["queued"].as_u64().expect("a limit");
    for _ in 0..queued {
        served.order(&endless());
    }
    assert_eq!(served.ask("POST", "/api/jobs", "", endless().to_string().as_bytes()).status, 503);
}

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
fn cancelling_meets_the_job_that_is_named_and_no_other() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let (first, second) = (served.order(&endless()), served.order(&endless()));
    served.wait_until(&first, "dreaming");
    assert_eq!(served.ask("POST", &format!("/api/jobs/{}/cancel", "0".repeat(24)), "", b"").status, 404);
    assert_eq!(served.ask("DELETE", &format!("/api/jobs/{first}"), "", b"").status, 409, "it is dreamed");
    // The one that waits is taken back; the one that is dreamed goes on.
    let cancel = |id: &str| served.ask("POST", &format!("/api/jobs/{id}/cancel"), "", b"").status;
    assert_eq!(cancel(&second), 200);
    assert_eq!(cancel(&second), 409, "somebody was faster");
    assert_eq!(served.job(&first)["state"], "dreaming");
    assert_eq!(served.job(&second)["state"], "stopped");
    // Two at once: one stops it, and neither meets the next.
    let third = served.order(&endless());
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| cancel(&first)));
        both.map(|one| one.join().expect("no panic")).to_vec()
    });
    assert!(answers.iter().all(|status| matches!(status, 200 | 409)), "{answers:?}");
    served.wait_until(&first, "stopped");
    served.wait_until(&third, "dreaming");
    // A change by GET is none.
    assert_eq!(served.get(&format!("/api/jobs/{third}/cancel")).status, 405);
}

#[test]
fn two_requests_in_one_are_two() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let host = served.host();
    // What one side takes for a body and the other for a request.
    let both = format!(
        "POST /api/jobs HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
         GET /api/jobs HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    );
    let mut stream = served.connect();
    stream.write_all(both.as_bytes()).expect("sent");
    let mut reader = BufReader::new(stream);
    let first = hear(&mut reader);
    assert!(matches!(first.status, 400 | 401), "{}", first.head);
    let second = hear(&mut reader);
    assert!(matches!(second.status, 0 | 400 | 421), "{}", second.head);
}

#[cfg(unix)]
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
    // Two seconds are promised; a machine that does much else may take longer, but not this long.
    assert!(status.success() && began.elapsed().as_secs() < 10, "{status} {:?}", began.elapsed());
    for stream in &mut streams {
        while next_event(stream).is_some() {}
    }
    println!("ended after {:?}", began.elapsed());
}
