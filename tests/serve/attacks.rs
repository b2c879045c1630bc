//! What other pages, other computers and other programs may try.

use std::io::{BufReader, Read, Write};

use serde_json::json;
use testkit::Desk;

use crate::client::{Answer, Served, endless, hear};

/// Everything that reads, everything that changes, and the stream.
const DOORS: [(&str, &str); 9] = [
    ("GET", "/"),
    ("GET", "/api.js"),
    ("GET", "/api/health"),
    ("GET", "/api/jobs"),
    ("GET", "/api/events"),
    ("PUT", "/api/pictures"),
    ("PUT", "/api/films"),
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
        // There are no web sockets here, and asking for one opens nothing.
        "Origin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket".to_owned(),
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
            let open = matches!(door, ("GET", "/" | "/api.js" | "/api/health"));
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
    // No script sees the cookie, and no other site sends it.
    let next = served.told();
    let token = next.split_once("?token=").expect("a token").1;
    let answer = served.get(&format!("/?token={token}"));
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert_eq!(cookie, format!("{}; HttpOnly; SameSite=Strict; Path=/", served.cookie));
    assert_eq!(answer.header("location"), Some("/"), "the token does not stay in the address");
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
    let listens =
        |rest: &str| rest.split_once('=').is_some_and(|(name, _)| name.chars().all(char::is_alphabetic));
    assert!(!page.split(" on").skip(1).any(listens));
    for sign in ["<style", " style=", "<script>", "javascript:", "http:", "https:"] {
        assert!(!page.contains(sign), "{sign}");
    }
    // What comes back of a picture is ours, not what was sent.
    let answer = served.get(&view);
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    assert!(answer.body.starts_with(&[0xff, 0xd8]));
    // A view is named by its picture's hash. A sheet of channels is not: another atlas may be given at the next start.
    assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000"));
    assert_eq!(served.get("/api/channels/0").header("cache-control"), Some("no-store"));
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
