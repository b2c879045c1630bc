//! Dreams that are ordered: what comes of them, and what is heard of them.

use serde_json::json;
use testkit::Desk;

use crate::client::{Served, next_event};

#[test]
fn a_result_has_the_bytes_of_the_command_line() {
    let desk = Desk::new();
    desk.paint("mask.png", 40, 32);
    let served = Served::on(&desk);
    let (cat, mask) = (served.send(&desk.read("cat.png")), served.send(&desk.read("mask.png")));
    let cases = [
        (
            json!({ "source": { "picture": cat }, "settings": { "iterations": 2, "octaves": 2 } }),
            "cat.png --iterations 2 --octaves 2",
        ),
        (
            json!({ "source": { "picture": cat }, "size": "48", "preset": "brush", "settings": { "iterations": 1 } }),
            "cat.png --size 48 --preset brush --iterations 1",
        ),
        (
            json!({ "source": { "sky": 3 }, "size": "64x40", "settings": { "seed": 3, "iterations": 1, "octaves": 1 } }),
            "--size 64x40 --seed 3 --iterations 1 --octaves 1",
        ),
        (
            json!({ "source": { "picture": cat }, "guide": cat, "masks": [mask], "settings": { "iterations": 1, "octaves": 1, "objectives": ["guide:inception_3b/output#1"] } }),
            "cat.png --guide cat.png --mask mask.png --objective guide:inception_3b/output#1 --iterations 1 --octaves 1",
        ),
    ];
    for (order, arguments) in cases {
        let id = served.order(&order);
        let job = served.wait_until(&id, "done");
        assert_eq!(job["result"], true);
        for format in ["png", "jpg", "exr"] {
            desk.succeed(&format!("dream {arguments} --device cpu -o told.{format}"));
            let answer = served.get(&format!("/api/jobs/{id}/result?format={format}"));
            assert!(answer.body == desk.read(&format!("told.{format}")), "{arguments} as {format}");
        }
        let recipe = served.get(&format!("/api/jobs/{id}/recipe")).json();
        assert_eq!(recipe["complete"], true);
    }
    for (query, words) in
        [("format=pdf", "pdf"), ("format=png&quality=9", "jpg"), ("format=jpg&depth=16", "16")]
    {
        let id = served.get("/api/jobs").json()["jobs"][0]["id"].as_str().expect("a name").to_owned();
        let answer = served.get(&format!("/api/jobs/{id}/result?{query}"));
        assert_eq!(answer.status, 400);
        assert!(answer.json()["error"].as_str().is_some_and(|error| error.contains(words)), "{query}");
    }
}

#[test]
fn stopping_keeps_what_is_shown_and_it_goes_on_from_there() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let cat = served.send(&desk.read("cat.png"));
    let id = served.order(
        &json!({ "source": { "picture": cat }, "settings": { "octaves": 1, "iterations": 1_000_000 } }),
    );
    // Somebody looks on: pictures come, each after the last was fetched.
    let preview = format!("/api/jobs/{id}/preview?rev=");
    served.wait(|job| {
        let seen = job["preview"].as_u64().unwrap_or(0);
        seen >= 3 || (seen > 0 && served.get(&format!("{preview}{seen}")).status != 200)
    });
    assert_eq!(served.get(&format!("{preview}3")).header("content-type"), Some("image/jpeg"));
    assert_eq!(served.ask("POST", &format!("/api/jobs/{id}/cancel"), "", b"").status, 200);
    let stopped = served.wait_until(&id, "stopped");
    assert_eq!(stopped["result"], true);
    desk.put("stopped.png", served.get(&format!("/api/jobs/{id}/result")).body);
    // What goes on from it is what the command line makes of the file.
    let on =
        served.order(&json!({ "source": { "dream": id }, "settings": { "octaves": 1, "iterations": 2 } }));
    let job = served.wait_until(&on, "done");
    assert_eq!(job["parent"], id.as_str());
    desk.succeed("dream stopped.png --octaves 1 --iterations 2 --device cpu -o on.png");
    assert!(served.get(&format!("/api/jobs/{on}/result")).body == desk.read("on.png"));
    // A dream that comes back says how it was dreamed, and its picture is here.
    let answer = served.ask("PUT", "/api/pictures", "", &desk.read("on.png")).json();
    let source = answer["recipe"]["source"]["picture"]["sha256"].as_str().expect("a source").to_owned();
    assert_eq!(served.get(&format!("/api/pictures/{source}")).json()["width"], 40);
    assert_eq!(served.get(&format!("/api/pictures/{}", "0".repeat(64))).status, 404);
}

#[test]
fn what_makes_no_sense_is_refused_in_one_line() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    for (order, status, words) in [
        (json!({}), 400, "source"),
        (json!({ "source": { "picture": "0".repeat(64) } }), 404, "send it first"),
        (json!({ "source": { "dream": "0".repeat(24) } }), 404, "no job"),
        (json!({ "source": { "sky": 1 }, "preset": "nightmare" }), 400, "nightmare"),
        (json!({ "source": { "sky": 1 }, "size": "big" }), 400, "big"),
        (json!({ "source": { "sky": 1 }, "settings": { "stepp": 1 } }), 400, "step"),
        (json!({ "source": { "sky": 1 }, "settings": { "octaves": 0 } }), 400, "octaves"),
        (json!({ "source": { "sky": 1 }, "settings": { "objectives": ["l2:nowhere"] } }), 400, "nowhere"),
        (json!({ "source": { "sky": 1 }, "settings": { "objectives": ["logit:dog#1"] } }), 400, "mask"),
        (
            json!({ "source": { "sky": 1 }, "like_box": { "x": 0, "y": 0, "width": 1, "height": 1 } }),
            400,
            "box",
        ),
    ] {
        let answer = served.ask("POST", "/api/jobs", "", order.to_string().as_bytes());
        assert_eq!(answer.status, status, "{order}");
        let error = answer.json()["error"].as_str().expect("a line").to_owned();
        assert!(error.contains(words) && error.lines().count() == 1, "{order}: {error}");
    }
}

#[test]
fn events_go_on_where_they_broke_off() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let order =
        json!({ "source": { "sky": 1 }, "size": "48", "settings": { "octaves": 1, "iterations": 1 } });
    let first = served.order(&order);
    served.wait_until(&first, "done");
    let mut events = served.listen("");
    let (kind, _, all) = next_event(&mut events).expect("an event");
    assert_eq!((kind.as_str(), &all["jobs"]), ("all", &json!([first])));
    let (_, last, _) = next_event(&mut events).expect("an event");
    drop(events);
    let second = served.order(&order);
    served.wait_until(&second, "done");
    assert_eq!(served.ask("DELETE", &format!("/api/jobs/{first}"), "", b"").status, 204);
    // Only what is newer: the second job, and that the first is gone.
    let mut events = served.listen(&format!("Last-Event-ID: {last}\r\n"));
    let (kind, _, data) = next_event(&mut events).expect("an event");
    assert_eq!((kind.as_str(), &data["id"]), ("gone", &json!(first)));
    let (kind, _, data) = next_event(&mut events).expect("an event");
    assert_eq!((kind.as_str(), &data["id"]), ("job", &json!(second)));
    // The last event of another run means nothing.
    let mut events = served.listen("Last-Event-ID: 0123-7\r\n");
    assert_eq!(next_event(&mut events).expect("an event").0, "all");
    assert_eq!(served.ask("DELETE", "/api/jobs", "", b"").status, 204);
    assert_eq!(served.get("/api/jobs").json()["jobs"], json!([]));
    assert!(desk.files().iter().all(|file| !file.contains("jobs/")), "nothing is left of them");
}

#[test]
fn whatever_is_described_can_be_asked_for() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let api = served.get("/api/openapi.json").json();
    for (path, methods) in api["paths"].as_object().expect("paths") {
        let there = path
            .replace("{id}", &"0".repeat(24))
            .replace("{sha256}", &"0".repeat(64))
            .replace("{sheet}", "99");
        for method in methods.as_object().expect("methods").keys() {
            if path == "/api/events" {
                continue;
            }
            let answer = served.ask(&method.to_uppercase(), &there, "", b"");
            assert!(
                answer.status != 405 && !answer.body.windows(13).any(|it| it == b"is nothing he"),
                "{method} {path}"
            );
            let said = &api["paths"][path][method]["responses"][answer.status.to_string()];
            assert!(!said.is_null(), "{method} {path} answers {}, which is not described", answer.status);
        }
    }
}
