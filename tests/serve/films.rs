//! Films: sent, dreamed, stopped, killed, and fetched. They need ffmpeg, but for those that are pictures that move.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{Desk, frame_times, make_film};

use crate::client::{Answer, Served, next_event};

const TONE: &str = "-f lavfi -i sine=frequency=440:duration=0.2";
const USUAL: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -shortest";

/// So many frames of moving colours.
fn colours(frames: usize) -> String {
    format!("-f lavfi -i testsrc2=size=64x48:rate=25 -frames:v {frames}")
}

impl Served {
    /// Sends a film.
    fn send_film(&self, bytes: &[u8]) -> Answer {
        self.ask("PUT", "/api/films", "", bytes)
    }

    /// Sends the desk's film; gives its hash.
    fn film(&self, desk: &Desk, name: &str) -> String {
        let answer = self.send_film(&desk.read(name));
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["sha256"].as_str().expect("a hash").to_owned()
    }
}

/// A film whose frames take so many iterations.
fn order(film: &str, iterations: usize, carrying: &Value) -> Value {
    let settings = json!({ "octaves": 1, "iterations": iterations, "objectives": ["l2:conv2/3x3"] });
    json!({ "source": { "film": film }, "settings": settings, "carrying": carrying })
}

#[test]
fn a_film_has_the_bytes_of_the_command_line() {
    let desk = Desk::new();
    make_film(
        &format!("-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.2 {TONE} {USUAL}"),
        desk.path("film.mp4"),
    );
    desk.succeed("video film.mp4 -o film.gif --strength 0 --octaves 1 --iterations 1 --device cpu");
    let served = Served::on(&desk);
    let sent = served.send_film(&desk.read("film.mp4")).json();
    assert_eq!((&sent["width"], &sent["height"], &sent["frames"]), (&json!(64), &json!(48), &json!(5)));
    let film = sent["sha256"].as_str().expect("a hash");
    assert_eq!(served.get(&format!("/api/films/{film}")).json(), sent);
    assert_eq!(served.get(&format!("/api/pictures/{film}/view")).header("content-type"), Some("image/jpeg"));

    let wanted = json!({ "carry": 0.5, "per_frame": 1, "every": 2, "cuts": "3f" });
    let mut wanted = order(film, 2, &wanted);
    wanted["size"] = json!("48");
    let id = served.order(&wanted);
    let job = served.wait_until(&id, "done");
    assert_eq!((&job["kind"], &job["width"], &job["height"]), (&json!("film"), &json!(48), &json!(36)));
    let dream = "--octaves 1 --objective l2:conv2/3x3 --device cpu";
    let steady = "--carry 0.5 --per-frame 1 --every 2 --cuts 3f";
    desk.succeed(&format!("video film.mp4 -o told.mp4 --size 48 --iterations 2 {dream} {steady}"));
    let answer = served.get(&format!("/api/jobs/{id}/result"));
    assert_eq!(answer.header("content-type"), Some("video/mp4"));
    let told = desk.read("told.mp4");
    assert!(answer.body == told, "the command line's film");
    assert_eq!(served.get(&format!("/api/jobs/{id}/recipe")).json()["film"]["cuts"], "3f");
    // A player asks for parts.
    let url = format!("/api/jobs/{id}/result");
    let part = served.ask("GET", &url, "Range: bytes=10-19\r\n", b"");
    assert_eq!((part.status, part.body.as_slice()), (206, &told[10..20]));
    assert_eq!(part.header("content-range"), Some(format!("bytes 10-19/{}", told.len()).as_str()));
    assert_eq!(served.ask("GET", &url, "Range: bytes=99999999-\r\n", b"").status, 416);
    // It comes back with its recipe.
    assert_eq!(served.send_film(&told).json()["recipe"]["film"]["every"], 2);

    // A part of it, otherwise encoded.
    let mut wanted = order(film, 1, &json!({}));
    for (key, value) in [("from", "1f"), ("to", "0.16"), ("file", "mkv"), ("codec", "ffv1")] {
        wanted[key] = json!(value);
    }
    let id = served.order(&wanted);
    served.wait_until(&id, "done");
    desk.succeed(&format!(
        "video film.mp4 -o told.mkv --from 1f --to 0.16 --codec ffv1 --iterations 1 {dream}"
    ));
    let answer = served.get(&format!("/api/jobs/{id}/result"));
    assert!(answer.body == desk.read("told.mkv"), "the command line's part of it");
    desk.put("part.mkv", answer.body);
    assert_eq!(frame_times(&desk.path("part.mkv")).len(), 3);

    // A picture that moves, sent as a picture, becomes a film without ffmpeg.
    let sent = served.ask("PUT", "/api/pictures", "", &desk.read("film.gif")).json();
    assert_eq!(sent["frames"], 5);
    let mut wanted = order(sent["sha256"].as_str().expect("a hash"), 1, &json!({}));
    wanted["file"] = json!("gif");
    let id = served.order(&wanted);
    served.wait_until(&id, "done");
    desk.succeed(&format!("video film.gif -o told.gif --iterations 1 {dream}"));
    assert!(served.get(&format!("/api/jobs/{id}/result?format=gif")).body == desk.read("told.gif"));
    for other in ["format=mp4", "depth=8", "quality=9"] {
        assert_eq!(served.get(&format!("/api/jobs/{id}/result?{other}")).status, 400, "{other}");
    }
    assert_eq!(
        served
            .ask("POST", "/api/jobs", "", json!({ "source": { "dream": id } }).to_string().as_bytes())
            .status,
        409
    );
}

#[test]
fn a_film_that_is_stopped_plays_up_to_there() {
    let desk = Desk::new();
    make_film(&format!("{} -c:v libx264 -preset ultrafast", colours(200)), desk.path("film.mp4"));
    let served = Served::on(&desk);
    let id = served.order(&order(&served.film(&desk, "film.mp4"), 30, &json!({ "carry": 0.0 })));
    let job =
        served.wait(|job| job["progress"]["frame"].as_u64() >= Some(3) && job["preview"].as_u64().is_some());
    assert_eq!(job["progress"]["frames"], 200);
    assert!(
        job["progress"]["rate"].as_f64() > Some(0.0) && job["progress"]["left"].as_f64() > Some(0.0),
        "{job}"
    );
    assert_eq!(served.ask("POST", &format!("/api/jobs/{id}/cancel"), "", b"").status, 200);
    assert_eq!(served.wait_until(&id, "stopped")["result"], true);
    desk.put("part.mp4", served.get(&format!("/api/jobs/{id}/result")).body);
    let frames = frame_times(&desk.path("part.mp4")).len();
    assert!((3..200).contains(&frames), "{frames}");
    assert_eq!(served.get(&format!("/api/jobs/{id}/thumbnail")).status, 200);
    assert!(!desk.files().iter().any(|file| file.contains(".part/") || file.contains(".puppyslug-")));
}

#[test]
fn a_killed_server_goes_on_with_a_film_after_its_last_segment() {
    goes_on_with_a_film(Served::kill);
}

#[cfg(unix)]
#[test]
fn an_interrupted_server_goes_on_with_a_film_after_its_last_segment() {
    goes_on_with_a_film(|served| {
        let mut events = served.listen("");
        let status = served.interrupt();
        assert!(status.success(), "{status}");
        while next_event(&mut events).is_some() {}
    });
}

/// Ends a server while it dreams the second segment of a film; what the next one makes of it.
fn goes_on_with_a_film(end: impl FnOnce(Served)) {
    let desk = Desk::new();
    make_film(&format!("{} -c:v libx264 -preset ultrafast", colours(12)), desk.path("film.mp4"));
    let first = Served::on(&desk);
    let film = first.film(&desk, "film.mp4");
    let wanted = order(&film, 30, &json!({ "cuts": "4f", "per_frame": 30 }));
    let id = first.order(&wanted);
    first.wait(|job| job["progress"]["frame"].as_u64() >= Some(5));
    end(first);

    let second = Served::on(&desk);
    assert_eq!(second.get(&format!("/api/jobs/{id}/result")).status, 409, "nothing is there by half");
    let frames = RefCell::new(BTreeSet::new());
    second.wait(|job| {
        frames.borrow_mut().extend(job["progress"]["frame"].as_u64());
        job["id"] == id.as_str() && job["state"] == "done"
    });
    assert!(frames.borrow().first() >= Some(&5), "the first segment is not dreamed again: {frames:?}");
    let whole = second.order(&wanted);
    second.wait_until(&whole, "done");
    let result = |id: &str| second.get(&format!("/api/jobs/{id}/result")).body;
    assert!(result(&id) == result(&whole), "it is the film that it would have been");
    assert!(!desk.files().iter().any(|file| file.contains(".part/") || file.contains(".puppyslug-")));
}

#[cfg(unix)]
#[test]
fn a_server_ends_in_the_middle_of_a_frame() {
    let desk = Desk::new();
    make_film(&format!("{} -c:v libx264 -preset ultrafast", colours(12)), desk.path("film.mp4"));
    let first = Served::on(&desk);
    // Its first frame takes longer than any test: whoever waits for that fails it.
    let id = first.order(&order(&first.film(&desk, "film.mp4"), 1_000_000, &json!({})));
    first.wait(|job| job["width"] == 64);
    let began = std::time::Instant::now();
    let status = first.interrupt();
    assert!(status.success(), "{status}");
    println!("ended after {:?}", began.elapsed());
    let second = Served::on(&desk);
    second.wait_until(&id, "dreaming");
    assert_eq!(second.ask("POST", &format!("/api/jobs/{id}/cancel"), "", b"").status, 200);
    assert_eq!(second.wait_until(&id, "stopped")["result"], false);
    assert!(!desk.files().iter().any(|file| file.contains(".part/") || file.contains(".puppyslug-")));
}

#[test]
fn what_is_no_film_here_is_refused_in_one_line() {
    let desk = Desk::new();
    desk.put("secret.txt", "secret");
    make_film(&format!("{} -c:v libx264 -preset ultrafast", colours(2)), desk.path("film.mp4"));
    make_film(
        "-f lavfi -i color=size=16x16:rate=25 -frames:v 3001 -c:v libx264 -preset ultrafast",
        desk.path("long.mp4"),
    );
    let served = Served::on(&desk);
    let there = desk.path("secret.txt").display().to_string();
    let playlists = [
        format!("ffconcat version 1.0\nfile '{there}'\n"),
        format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile://{there}\n#EXT-X-ENDLIST\n"),
        "no film".to_owned(),
        String::new(),
    ];
    for bytes in
        playlists.iter().map(String::as_bytes).chain([&desk.read("cat.png")[..], &desk.read("long.mp4")])
    {
        let answer = served.send_film(bytes);
        let words = answer.json()["error"].as_str().expect("a line").to_owned();
        assert_eq!(answer.status, 422, "{words}");
        assert!(
            !words.contains("dreams/") && !words.contains("secret") && words.lines().count() == 1,
            "{words}"
        );
    }
    let kept = std::fs::read_dir(desk.path("data/dreams/pictures")).expect("it is there").count();
    assert_eq!(kept, 0);
    let head = format!(
        "PUT /api/films HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nX-Puppyslug: 1\r\nContent-Length: 300000000\r\n\r\n",
        served.host(),
        served.cookie
    );
    assert_eq!(served.say(&head, b"").status, 413);

    let film = served.film(&desk, "film.mp4");
    let with = |key: &str, value: Value| {
        let mut order = order(&film, 1, &json!({}));
        order[key] = value;
        order
    };
    for (wanted, words) in [
        (with("carrying", json!({ "carry": 2 })), "carry"),
        (with("carrying", json!({ "carryy": 0.5 })), "carry"),
        (with("carrying", json!({ "cuts": "soon" })), "soon"),
        (with("size", json!({ "width": 64, "height": 48 })), "shape"),
        (with("file", json!("exe")), "exe"),
        (with("size", json!("9000x9000")), "pixels"),
        (with("from", json!("soon")), "'soon' is not a time"),
        (with("to", json!("-1")), "'-1' is not a time"),
        (with("codec", json!("xvid")), "'xvid' is not a codec"),
        (with("codec", json!("prores")), "a .mp4 file cannot hold prores"),
        (json!({ "source": { "film": film }, "file": "gif", "codec": "h264" }), "a .gif file takes no codec"),
        (json!({ "source": { "sky": 1 }, "from": "1f" }), "no film"),
        (json!({ "source": { "sky": 1 }, "file": "mp4" }), "no film"),
        (json!({ "source": { "sky": 1 }, "carrying": { "every": 2 } }), "no film"),
    ] {
        let answer = served.ask("POST", "/api/jobs", "", wanted.to_string().as_bytes());
        let said = answer.json()["error"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status, 400, "{wanted}: {said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{wanted}: {said}");
    }
}
