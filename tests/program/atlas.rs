//! `puppyslug atlas`.

use std::collections::BTreeSet;
use std::fs;

use puppyslug::dream::probe::{network_input, probe};
use puppyslug::net::Weights;
use puppyslug::picture::{Picture, Size};
use serde_json::Value;
use testkit::Desk;

/// A layer of few channels: an atlas of it takes little time.
const LAYER: &str = "inception_3a/relu_5x5_reduce";
const CHANNELS: usize = 16;
const ATLAS: &str = "atlas --device cpu --layer inception_3a/relu_5x5_reduce";

/// What a page knows.
fn known(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"atlas-data\">").expect("data");
    serde_json::from_str(rest.split_once("</script>").expect("an end").0).expect("JSON")
}

fn page(desk: &Desk, name: &str) -> String {
    String::from_utf8(desk.read(name)).expect("text")
}

#[test]
fn whatever_ends_it_the_atlas_is_the_same() {
    let desk = Desk::new();
    let whole = desk.succeed(ATLAS);
    assert_eq!((whole.text(), &whole.err[..]), (String::new(), "atlas.html: 16 channels, 0 of them dead\n"));
    // Killed once some channels are done, as the file that grows shows.
    let mut child = desk.command(&format!("{ATLAS} -o again.html")).spawn().expect("it runs");
    let kept = desk.path("again.html.part");
    while fs::metadata(&kept).map_or(0, |there| there.len()) < 40_000 {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before");
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(!desk.path("again.html").exists());
    let asked = desk.succeed(&format!("{ATLAS} -o again.html --dry-run"));
    assert!(asked.text().starts_with("16 channels, of which "), "{}", asked.text());
    // Cut in the middle of a channel, as by a full disk.
    let bytes = desk.read("again.html.part");
    desk.put("again.html.part", &bytes[..bytes.len() - 5]);
    desk.fail(&format!("{ATLAS} -o again.html --quality good"), 1, &["other layers, weights or quality"]);
    desk.succeed(&format!("{ATLAS} -o again.html"));
    assert_eq!(desk.read("again.html"), desk.read("atlas.html"));
    let files: BTreeSet<String> = ["again.html", "atlas.html", "cat.png"].map(str::to_owned).into();
    assert_eq!(desk.files(), files);
    let known = known(&page(&desk, "atlas.html"));
    let units = known["layers"][0]["units"].as_array().expect("units");
    assert_eq!((units.len(), &known["about"]["quality"]), (CHANNELS, &Value::from("draft")));
    for unit in units {
        assert_eq!(unit["dead"], false);
        assert!(!unit["classes"].as_array().expect("classes").is_empty());
        assert_eq!(unit["neighbours"].as_array().expect("neighbours").len(), 6);
        assert_eq!(unit["feeders"].as_array().expect("feeders").len(), 6);
    }
}

/// By brute force: of each channel the pictures with the largest activations, in their order.
#[test]
fn examples_are_what_excites_most() {
    let desk = Desk::new();
    for (name, side) in [("a.png", 90), ("b.png", 64), ("sub/c.png", 70), ("d.png", 500), ("e.png", 64)] {
        desk.paint(&format!("own/{name}"), side, side - 7);
    }
    desk.put("own/broken.png", "not a picture");
    let ran = desk.succeed(&format!("{ATLAS} --examples own"));
    assert!(ran.err.contains("broken.png is left out"), "{}", ran.err);
    let known = known(&page(&desk, "atlas.html"));
    let weights = Weights::embedded();
    let cpu = puppyslug::device::open("cpu", &Default::default()).expect("a processor");
    let layer = [LAYER.to_owned()];
    let mut best = vec![Vec::new(); CHANNELS];
    for name in ["a.png", "b.png", "d.png", "e.png", "sub/c.png"] {
        let picture = Picture::open(desk.path(&format!("own/{name}"))).expect("a picture");
        let small = picture.extent().longest() <= 448;
        let picture = if small { picture } else { picture.fit(Size::Within(448)).expect("a size") };
        let seen =
            probe(&*cpu, &weights, &network_input(&picture, weights.mean()), &layer, &[]).expect("seen");
        let map = &seen.activations[0].1;
        for (channel, cells) in map.cells.chunks_exact(map.shape.plane()).enumerate() {
            best[channel].push((cells.iter().copied().fold(0.0_f32, f32::max), name));
        }
    }
    let units = known["layers"][0]["units"].as_array().expect("units");
    for (channel, (unit, best)) in units.iter().zip(&mut best).enumerate() {
        best.sort_by(|one, other| other.0.total_cmp(&one.0));
        best.retain(|found| found.0 > 0.0);
        best.truncate(4);
        let found: Vec<(&str, f64)> = unit["examples"].as_array().map_or(Vec::new(), |all| {
            all.iter()
                .map(|one| (one[0].as_str().expect("a name"), one[1].as_f64().expect("a value")))
                .collect()
        });
        // Pictures that excite it to the same bit come in the order of their names, which both keep.
        assert_eq!(
            found.iter().map(|one| one.0).collect::<Vec<_>>(),
            best.iter().map(|one| one.1).collect::<Vec<_>>()
        );
        for (one, other) in found.iter().zip(best.iter()) {
            // Three digits are noted.
            assert!((one.1 / f64::from(other.0) - 1.0).abs() < 0.006, "{channel}: {one:?} {other:?}");
        }
    }
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let desk = Desk::new();
    desk.put("folder/x", "");
    desk.put("letter.html.part", "a letter\n");
    for (arguments, code, words) in [
        ("atlas --quality best", 2, &["draft or good"][..]),
        ("atlas --layer inception_4c/outptu", 2, &["nearest: inception_4c/output"]),
        ("atlas --layer data", 2, &["the picture itself"]),
        ("atlas -o folder", 2, &["it is a folder"]),
        ("atlas -o nowhere/atlas.html", 1, &["there is no folder"]),
        ("atlas --examples nowhere", 1, &["cannot read 'nowhere'"]),
    ] {
        desk.refuse(arguments, code, words);
    }
    desk.fail(&format!("{ATLAS} -o letter.html"), 1, &["it is not the state of an atlas"]);
    assert_eq!(desk.read("letter.html.part"), b"a letter\n");
}
