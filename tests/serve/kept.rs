//! What is left when a server ends, and what the next one makes of it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::json;
use testkit::Desk;

use crate::client::Served;

fn small() -> serde_json::Value {
    json!({ "source": { "sky": 1 }, "size": "48", "settings": { "octaves": 1, "iterations": 1 } })
}

#[test]
fn a_killed_server_loses_nothing() {
    let desk = Desk::new();
    let first = Served::on(&desk);
    let done = first.order(&small());
    first.wait_until(&done, "done");
    let file = first.get(&format!("/api/jobs/{done}/result")).body;
    // Its last octave is long: killed there, it goes on after the first.
    let settings = json!({ "octaves": 2, "iterations": [2, 60], "objectives": ["l2:conv2/3x3"] });
    let long = json!({ "source": { "sky": 5 }, "size": "96", "settings": settings });
    let begun = first.order(&long);
    let waiting = first.order(&small());
    first.wait(|job| job["id"] == begun.as_str() && job["progress"]["octave"] == 2);
    first.kill();
    // As if something had been on its way when it was killed.
    let left =
        [format!("data/dreams/jobs/{begun}/.puppyslug-a"), "data/dreams/pictures/.puppyslug-b".to_owned()];
    left.iter().for_each(|name| desk.put(name, "half"));

    let second = Served::on(&desk);
    assert!(second.get(&format!("/api/jobs/{done}/result")).body == file, "what is done is kept");
    assert_eq!(second.get(&format!("/api/jobs/{done}/preview")).status, 200);
    let octaves = RefCell::new(BTreeSet::new());
    second.wait(|job| {
        let is_it = job["id"] == begun.as_str();
        octaves.borrow_mut().extend(job["progress"]["octave"].as_u64().filter(|_| is_it));
        is_it && job["state"] == "done"
    });
    assert_eq!(octaves.into_inner(), BTreeSet::from([2]), "the first octave is not dreamed again");
    second.wait_until(&waiting, "done");
    // It is the dream that it would have been.
    let whole = second.order(&long);
    second.wait_until(&whole, "done");
    let result = |id: &str| second.get(&format!("/api/jobs/{id}/result")).body;
    assert!(result(&begun) == result(&whole));
    assert!(!desk.files().iter().any(|file| file.contains("checkpoint") || file.contains(".puppyslug-")));
}

#[test]
fn the_oldest_dreams_make_room() {
    let desk = Desk::new();
    let first = Served::on(&desk);
    let done = first.order(&small());
    first.wait_until(&done, "done");
    let kept = first.get("/api/capabilities").json()["limits"]["kept"].as_u64().expect("a limit") as usize;
    first.kill();
    // The same dream, as often as dreams are kept.
    let record = desk.read(&format!("data/dreams/jobs/{done}/job.json"));
    let mut record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
    let ids: Vec<String> = (1..kept).map(|number| format!("{number:024x}")).collect();
    for (number, id) in (2..).zip(&ids) {
        record["id"] = json!(id);
        record["number"] = json!(number);
        desk.put(&format!("data/dreams/jobs/{id}/job.json"), record.to_string());
    }
    let second = Served::on(&desk);
    let number_of = |served: &Served| served.get("/api/jobs").json()["jobs"].as_array().map(Vec::len);
    assert_eq!(number_of(&second), Some(kept));
    let newest = second.order(&small());
    second.wait_until(&newest, "done");
    assert_eq!(number_of(&second), Some(kept), "one came, one went");
    assert_eq!(second.get(&format!("/api/jobs/{done}")).status, 404, "the oldest");
    assert_eq!(second.get(&format!("/api/jobs/{}", ids[0])).status, 200);
    assert!(!desk.files().iter().any(|file| file.contains(&done)), "with all that was its");
}

#[cfg(unix)]
#[test]
fn the_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let served = Served::on(&desk);
    served.wait_until(&served.order(&small()), "done");
    for folder in ["data/dreams", "data/dreams/jobs", "data/dreams/pictures"] {
        let mode = std::fs::metadata(desk.path(folder)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
    let other = desk.command("serve --port 0 --device cpu").output().expect("it runs");
    let err = String::from_utf8_lossy(&other.stderr);
    assert!(!other.status.success() && err.contains("another server keeps its dreams"), "{err}");
}

#[test]
fn an_atlas_that_is_none_is_refused() {
    let desk = Desk::new();
    desk.fail("serve --port 0 --device cpu --atlas cat.png", 1, &["cat.png", "it is no atlas"]);
}

#[test]
fn an_address_that_means_all_is_refused() {
    let desk = Desk::new();
    for address in ["0.0.0.0", "::"] {
        desk.fail(
            &format!("serve --port 0 --device cpu --listen {address}"),
            2,
            &["every address", "name the one"],
        );
    }
    desk.fail("serve --port 0 --device cpu --listen 192.0.2.1", 1, &["cannot listen on 192.0.2.1"]);
}
