//! The flags for pictures larger than memory: what they make, what they say, and what recipes keep of them.

use puppyslug::picture::Picture;
use puppyslug::picture::read_recipe;
use serde_json::{Value, json};
use testkit::Desk;

/// A sky that two by two tiles of 160 pixels cover.
const SKY: &str = "dream --size 240x200 --device cpu --octaves 2 --iterations 2 --layer conv2/3x3 --jitter 5";

fn tiling(desk: &Desk, name: &str) -> Value {
    let text = read_recipe(desk.path(name)).expect(name).expect("a recipe");
    let recipe: Value = serde_json::from_str(&text).expect("JSON");
    recipe["dream"]["tiling"].clone()
}

#[test]
fn exact_tiles_make_the_same_picture() {
    let desk = Desk::new();
    desk.succeed(&format!("{SKY} -o whole.png"));
    desk.succeed(&format!("{SKY} -o exact.png --tile 160 --tile-mode exact"));
    desk.succeed(&format!("{SKY} -o fast.png --tile 160 --tile-mode fast"));
    let rgb = |name: &str| Picture::open(desk.path(name)).expect(name).into_rgb();
    assert_eq!(rgb("exact.png"), rgb("whole.png"));
    assert_ne!(rgb("fast.png"), rgb("whole.png"));
}

#[test]
fn a_limit_makes_tiles_and_the_recipe_says_which() {
    let desk = Desk::new();
    let free = desk.succeed(&format!("{SKY} -o free.png -v"));
    assert!(free.err.contains("memory:") && !free.err.contains("tiles"), "{}", free.err);
    assert_eq!(tiling(&desk, "free.png"), json!({ "tile": null, "tile_mode": null, "memory_limit": null }));
    let tight = desk.succeed(&format!("{SKY} -o tight.png -v --memory-limit 10M"));
    assert!(
        tight.err.contains("tiles of at most") && tight.err.contains("there are 10.0 MB"),
        "{}",
        tight.err
    );
    let chosen = tiling(&desk, "tight.png");
    assert!(chosen["tile"].is_number() && chosen["tile_mode"].is_string(), "{chosen}");
    assert_eq!(chosen["memory_limit"], Value::Null);
    // Wherever it is replayed, and however much memory there is.
    let again = desk.succeed("replay tight.png -o again.png");
    assert!(again.err.contains("bit for bit"), "{}", again.err);
    // A recipe's tiles are the base, and flags change them.
    desk.succeed(&format!("{SKY} -o other.png --recipe tight.png --tile-mode fast --tile 96"));
    assert_eq!(tiling(&desk, "other.png"), json!({ "tile": 96, "tile_mode": "fast", "memory_limit": null }));
}

#[test]
fn tiles_are_gone_on_with() {
    let desk = Desk::new();
    let tiles = "--tile 96 --tile-mode fast";
    desk.succeed(&format!("{SKY} -o all.png {tiles} --checkpoint way.safetensors"));
    desk.succeed("resume way.safetensors -o rest.png");
    assert_eq!(desk.read("all.png"), desk.read("rest.png"));
}

#[test]
fn wrong_values_are_said_in_one_line() {
    let desk = Desk::new();
    for (flags, code, words) in [
        ("--tile 0", 2, "tile is 0, and must be from 1 to 65535 pixels"),
        ("--tile -5", 2, "whole number"),
        ("--tile 20 --tile-mode exact", 1, "tiles of 20 pixels are too small"),
        ("--tile-mode best", 2, "exact or fast"),
        ("--memory-limit lots", 2, "a size is needed, like 900M"),
        ("--memory-limit 5", 2, "memory limit is 5 bytes, and must be 1 MiB or more"),
        ("--memory-limit 1.1M", 1, "too large"),
        ("--tile 96 --tile-mode exact --objective logit:3", 1, "sees the whole picture"),
    ] {
        desk.refuse(&format!("{SKY} -o never.png {flags}"), code, &[words]);
    }
}
