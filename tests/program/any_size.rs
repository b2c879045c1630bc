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

/// The number that follows these words in an error.
fn number_after(error: &str, words: &str) -> usize {
    let (_, rest) = error.split_once(words).unwrap_or_else(|| panic!("'{words}' is not in: {error}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number follows '{words}' in: {error}"))
}

#[test]
fn the_tiles_that_are_named_as_working_work() {
    let desk = Desk::new();
    // The octaves are 100x75, 140x105, 196x147 and so on, each with another least tile.
    let dream = "dream --size 384x288 --octaves 5 --iterations 1 --device cpu --layer conv2/3x3 -o a.png";
    let exact = |tile: usize| format!("{dream} --tile-mode exact --tile {tile}");
    let refused = desk.refuse(&exact(20), 1, &["tiles of 20 pixels are too small"]);
    let least = number_after(&refused.err, "need at least ");
    desk.refuse(&exact(least - 1), 1, &[&format!("need at least {least}")]);
    desk.succeed(&exact(least));
}

#[test]
fn fast_tiles_that_do_not_fit_say_which_would() {
    let desk = Desk::new();
    let dream = |tile: usize| format!("{SKY} -o a.png --tile-mode fast --memory-limit 6M --tile {tile}");
    let words = ["is too large", "The largest tiles that fit are --tile ", "which `dream` takes"];
    let refused = desk.refuse(&dream(200), 1, &words);
    let fitting = number_after(&refused.err, "--tile ");
    assert!((1..200).contains(&fitting), "{fitting}");
    desk.succeed(&dream(fitting));
}

/// A replay has neither a size nor tiles of its own to offer.
#[cfg(target_os = "linux")]
#[test]
fn a_replay_of_fast_tiles_that_do_not_fit_says_which_would() {
    let desk = Desk::new();
    desk.succeed(&format!("{SKY} -o a.png --tile-mode fast --tile 96"));
    let text = read_recipe(desk.path("a.png")).expect("it is read").expect("a recipe");
    let mut recipe: Value = serde_json::from_str(&text).expect("JSON");
    (recipe["width"], recipe["height"]) = (3000.into(), 3000.into());
    recipe["dream"]["tiling"]["tile"] = 3000.into();
    desk.put("large.json", recipe.to_string());
    let ran = desk.run_with_memory(1_500_000, "replay large.json -o b.png --device cpu");
    ran.assert_failed(
        "replay large.json",
        1,
        &[
            "a dream of 3000x3000 is too large",
            "The largest tiles that fit are --tile ",
            "also with --recipe",
        ],
    );
    assert!(!ran.err.contains("--size"), "{}", ran.err);
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
