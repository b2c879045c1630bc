//! Many pictures in one go.

use puppyslug::picture::Picture;
use puppyslug::picture::read_recipe;
use serde_json::Value;
use testkit::{Desk, fixture};

/// What makes a dream quick.
const QUICK: &str = "--device cpu --octaves 1 --iterations 1 --layer conv2/3x3";

/// Two classes of pictures, and what else may lie in a folder.
fn classes() -> Desk {
    let desk = Desk::new();
    desk.paint("set/cats/one.png", 40, 32);
    desk.paint("set/cats/two.jpg", 33, 44);
    desk.paint("set/dogs/deep/three.png", 40, 32);
    desk.put("set/dogs/notes.txt", "not a picture, and not taken for one");
    desk
}

fn recipe(desk: &Desk, name: &str) -> Value {
    let text = read_recipe(desk.path(name)).expect(name).expect("a recipe");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn folders_keep_their_layout() {
    let desk = classes();
    let before = desk.files();
    let ran = desk.succeed(&format!("dream set cat.png --out-dir out {QUICK}"));
    assert!(ran.err.contains("4 dreamed, in out"), "{}", ran.err);
    let made: Vec<String> = desk.files().difference(&before).cloned().collect();
    let expected = ["cat-dream.png", "cats/one-dream.png", "cats/two-dream.png", "dogs/deep/three-dream.png"];
    assert_eq!(made, expected.map(|name| format!("out/{name}")));
    let two = Picture::open(desk.path("out/cats/two-dream.png")).expect("a picture");
    assert_eq!((two.width(), two.height()), (33, 44));
    // Each as if it had been alone, though pictures of one size share a loaded plan.
    desk.succeed(&format!("dream set/cats/one.png -o alone.png {QUICK}"));
    assert_eq!(desk.read("alone.png"), desk.read("out/cats/one-dream.png"));
    desk.succeed(&format!("dream set/dogs/deep/three.png -o alone.png {QUICK}"));
    assert_eq!(desk.read("alone.png"), desk.read("out/dogs/deep/three-dream.png"));
}

#[test]
fn what_is_there_is_left_out_when_asked_for() {
    let desk = classes();
    desk.put("out/cats/one-dream.png", "whatever it is");
    let ran = desk.succeed(&format!("dream set --out-dir out --skip-existing {QUICK}"));
    assert!(ran.err.contains("2 dreamed, 1 there already"), "{}", ran.err);
    assert_eq!(desk.read("out/cats/one-dream.png"), b"whatever it is");
    desk.succeed(&format!("dream set --out-dir out {QUICK}"));
    assert_ne!(desk.read("out/cats/one-dream.png"), b"whatever it is");
    // A folder for dreams inside the folder of pictures is not dreamed over again.
    desk.succeed(&format!("dream set --out-dir set/out {QUICK}"));
    let ran = desk.succeed(&format!("dream set --out-dir set/out --skip-existing {QUICK}"));
    assert!(ran.err.contains("0 dreamed, 3 there already"), "{}", ran.err);
}

#[test]
fn a_bad_picture_does_not_stop_the_rest() {
    let desk = classes();
    desk.put("set/cats/bad.png", "no picture at all");
    let ran = desk.fail(&format!("dream set gone.png --out-dir out {QUICK}"), 1, &["3 dreamed, 2 failed"]);
    assert!(ran.err.contains("failed: 'set/cats/bad.png': "), "{}", ran.err);
    assert!(ran.err.contains("failed: 'gone.png': there is no picture"), "{}", ran.err);
    assert!(desk.files().contains("out/dogs/deep/three-dream.png"));
    assert!(!desk.files().contains("out/cats/bad-dream.png"));
}

#[test]
fn a_decoder_that_panics_does_not_stop_the_rest() {
    let desk = classes();
    desk.put(
        "set/cats/breaks.jpg",
        std::fs::read(fixture("kinds/breaks.jpg")).expect("the fixture is there"),
    );
    for jobs in ["1", "2"] {
        let run = format!("dream set --out-dir out{jobs} --jobs {jobs} {QUICK}");
        let ran = desk.fail(&run, 1, &["3 dreamed, 1 failed"]);
        assert!(
            ran.err.contains("failed: 'set/cats/breaks.jpg': ") && ran.err.contains("a bug of the decoder")
        );
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
    // Wherever a picture is read.
    let breaks = "set/cats/breaks.jpg";
    let words = ["'set/cats/breaks.jpg' cannot be decoded: its decoder crashes on it"];
    desk.refuse_at_once(&format!("dream {breaks} -o o.png {QUICK}"), 1, &words);
    desk.refuse_at_once(&format!("dream cat.png --guide {breaks} -o o.png {QUICK}"), 1, &words);
    desk.refuse_at_once(&format!("dream cat.png --mask {breaks} -o o.png {QUICK}"), 1, &words);
    desk.refuse_at_once(
        &format!("probe {breaks} -o o.safetensors --device cpu --layer conv2/3x3"),
        1,
        &words,
    );
    desk.refuse_at_once(&format!("classify {breaks} --device cpu"), 1, &words);
}

#[test]
fn what_cannot_be_read_is_named_and_what_is_no_picture_is_left_out() {
    let desk = Desk::new();
    desk.put("set/x.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    desk.put("set/y.avif", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1");
    let ran = desk.fail(&format!("dream set --out-dir out {QUICK}"), 1, &["0 dreamed, 2 failed"]);
    assert!(ran.err.contains("failed: 'set/x.heic': 'set/x.heic' is a HEIC picture"), "{}", ran.err);
    assert!(ran.err.contains("failed: 'set/y.avif': 'set/y.avif' is an AVIF picture"), "{}", ran.err);
    // What macOS leaves beside each file on a disk of another system.
    desk.paint("photos/a.jpg", 40, 32);
    desk.put("photos/._a.jpg", b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ");
    let ran = desk.succeed(&format!("dream photos --out-dir out {QUICK}"));
    assert!(ran.err.contains("[1/1] out/a-dream.png") && !ran.err.contains("._"), "{}", ran.err);
}

#[test]
fn two_pictures_never_become_one() {
    let desk = Desk::new();
    desk.paint("cat.jpg", 40, 32);
    let ran = desk.fail(&format!("dream cat.png cat.jpg --out-dir out {QUICK}"), 1, &["1 dreamed, 1 failed"]);
    assert!(ran.err.contains("'cat.jpg': 'out/cat-dream.png' is the dream of 'cat.png'"), "{}", ran.err);
}

#[test]
fn no_dream_replaces_a_picture_that_is_to_be_dreamed_over() {
    let desk = Desk::new();
    desk.paint("cat-dream.png", 33, 44);
    let before = desk.read("cat-dream.png");
    let ran =
        desk.fail(&format!("dream cat.png cat-dream.png --out-dir . {QUICK}"), 1, &["1 dreamed, 1 failed"]);
    assert!(ran.err.contains("'cat.png': its dream would overwrite './cat-dream.png'"), "{}", ran.err);
    assert!(ran.err.contains("[2/2] ./cat-dream-dream.png"), "{}", ran.err);
    assert_eq!(desk.read("cat-dream.png"), before);
    let ran = desk.succeed(&format!("dream cat.png cat-dream.png --out-dir . --skip-existing {QUICK}"));
    assert!(ran.err.contains("0 dreamed, 2 there already"), "{}", ran.err);
    // Nor the recipe.
    desk.put("set/notes.txt", "no picture");
    desk.succeed(&format!("dream cat.png -o set/cat-dream.png {QUICK}"));
    let recipe = desk.read("set/cat-dream.png");
    desk.fail("dream cat.png --recipe set/cat-dream.png --out-dir set --device cpu", 1, &["1 failed"]);
    assert_eq!(desk.read("set/cat-dream.png"), recipe);
    // Among the pictures is no place for dreams.
    let ran = desk.fail(&format!("dream set --out-dir set {QUICK}"), 1, &["1 failed"]);
    assert!(ran.err.contains("'set': the dreams would be saved among the pictures"), "{}", ran.err);
}

#[test]
fn a_picture_given_twice_is_dreamed_over_once() {
    let desk = Desk::new();
    let ran = desk.succeed(&format!("dream cat.png ./cat.png --out-dir out {QUICK}"));
    assert!(ran.err.contains("[1/1] out/cat-dream.png") && ran.err.contains("1 dreamed"), "{}", ran.err);
}

#[test]
fn flags_for_many_pictures_are_refused_where_there_is_one() {
    let desk = Desk::new();
    for flag in ["--skip-existing", "--augment 2", "--jobs 2"] {
        desk.refuse(
            &format!("dream cat.png -o out.png {flag} {QUICK}"),
            2,
            &["--out", "cannot be used with"],
        );
        desk.refuse(&format!("dream cat.png {flag} {QUICK}"), 2, &["required arguments were not provided"]);
    }
}

#[test]
fn bitmaps_and_gray_pictures_in_folders_are_dreamed_over_too() {
    let desk = Desk::new();
    let gray = [b"P5 40 32 255\n".to_vec(), (0..40 * 32).map(|cell| (cell % 251) as u8).collect()].concat();
    desk.put("set/gray.pgm", gray);
    let ran = desk.succeed(&format!("dream set --out-dir out {QUICK}"));
    assert!(ran.err.contains("[1/1] out/gray-dream.png"), "{}", ran.err);
}

#[test]
fn variants_have_the_octaves_that_the_flags_speak_of() {
    let desk = Desk::new();
    desk.paint("large.png", 120, 90);
    let quick = "--device cpu --octave-scale 1.1 --layer conv2/3x3@4-";
    desk.succeed(&format!(
        "dream large.png --out-dir out --augment 6 --iterations 1,1,1 --layer conv2/3x3 {quick}"
    ));
    for number in 1..=6 {
        assert_eq!(recipe(&desk, &format!("out/large-{number}.png"))["dream"]["octaves"], 4);
    }
}

#[test]
fn variants_are_drawn_by_the_seed() {
    let desk = classes();
    let quick = "--device cpu --iterations 1 --layer conv2/3x3";
    desk.succeed(&format!("dream set --out-dir a --augment 3 {quick}"));
    desk.succeed(&format!("dream set --out-dir b --augment 3 --jobs 3 {quick}"));
    desk.succeed(&format!("dream set/cats/one.png --out-dir c --augment 1 --seed 8 {quick}"));
    let files = desk.files();
    assert_eq!(files.iter().filter(|name| name.starts_with("a/")).count(), 9);
    for name in files.iter().filter_map(|name| name.strip_prefix("a/")) {
        // However many work at a time, and whoever comes first.
        assert_eq!(desk.read(&format!("a/{name}")), desk.read(&format!("b/{name}")), "{name}");
    }
    let dream = |name: &str| recipe(&desk, name)["dream"].clone();
    let (one, two) = (dream("a/cats/one-1.png"), dream("a/cats/one-2.png"));
    assert_ne!(one["seed"], two["seed"]);
    assert_eq!((&one["iterations"], &one["objectives"]), (&two["iterations"], &two["objectives"]));
    assert_ne!(dream("c/one-1.png")["seed"], one["seed"]);
    desk.succeed("replay a/cats/two-3.png set/cats/two.jpg");
}

#[test]
fn wrong_batches_are_refused() {
    let desk = classes();
    desk.put("empty/notes.txt", "nothing here");
    desk.refuse("dream cat.png set/cats/one.png", 2, &["second picture", "--out-dir"]);
    desk.refuse("dream empty --out-dir out --device cpu", 1, &["none of the given files and folders"]);
    desk.refuse("dream - --out-dir out --device cpu", 2, &["not '-'"]);
    desk.refuse("dream set --out-dir out -o x.png", 2, &["cannot be used with"]);
    desk.refuse("dream set --out-dir out --checkpoint c.safetensors", 2, &["cannot be used with"]);
    desk.refuse("dream cat.png --augment 3", 2, &["required"]);
    desk.refuse("dream set --out-dir out --jobs 0", 2, &["from 1 to 1000"]);
    desk.refuse("dream set --out-dir out --augment -1", 2, &["whole number"]);
}
