//! Recipes, replays and checkpoints: a dream can be had again, and gone on with, to the last bit.

mod checkpoints;

use puppyslug::dream::recipe::{Recipe, WeightsMark};
use puppyslug::picture::{Picture, read_recipe};
use serde_json::Value;
use testkit::Desk;

/// What makes a dream quick, and still has two octaves.
const QUICK: &str = "--device cpu --octaves 2 --iterations 2 --layer conv2/3x3 --jitter 5";

fn recipe(desk: &Desk, name: &str) -> Value {
    let text = read_recipe(desk.path(name)).expect(name).expect("a recipe");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn every_output_carries_its_recipe() {
    let desk = Desk::new();
    for ending in ["png", "jpg", "tif", "webp", "bmp"] {
        let name = format!("out.{ending}");
        desk.succeed(&format!("dream cat.png -o {name} --size 36 --seed 9 {QUICK}"));
        let recipe = recipe(&desk, &name);
        assert_eq!(recipe["puppyslug"], env!("CARGO_PKG_VERSION"));
        assert_eq!(recipe["device"]["kind"], "cpu");
        assert_eq!(recipe["weights"]["name"], "embedded");
        assert_eq!(recipe["weights"]["sha256"].as_str().map(str::len), Some(64));
        assert_eq!(recipe["source"]["picture"]["width"], 40);
        assert_eq!((&recipe["width"], &recipe["height"]), (&36.into(), &29.into()));
        assert_eq!(recipe["file"]["format"], ending);
        assert_eq!(recipe["dream"]["seed"], 9);
        assert_eq!(recipe["dream"]["objectives"][0], "l2:conv2/3x3");
    }
    assert!(desk.files().contains("out.bmp.json"));
}

#[test]
fn lists_may_be_longer_than_the_usual_octaves() {
    let desk = Desk::new();
    desk.paint("large.png", 120, 90);
    let lists = "--octaves 6 --octave-scale 1.1 --iterations 1,1,1,1,1,2 --layer conv2/3x3 --device cpu";
    desk.succeed(&format!("dream large.png -o a.png --checkpoint c.safetensors {lists}"));
    desk.succeed("replay a.png large.png --device cpu");
    desk.succeed("resume c.safetensors -o b.png --device cpu");
    desk.succeed("dream large.png --recipe a.png -o c.png --device cpu");
    assert_eq!(desk.read("a.png"), desk.read("b.png"));
    assert_eq!(desk.read("a.png"), desk.read("c.png"));
    let short = "dream large.png -o d.png --octaves 2 --iterations 3,2,1 --device cpu";
    desk.refuse(short, 2, &["is 3,2,1, and must be at most 2, as many as there are octaves"]);
}

#[test]
fn a_recipe_says_which_weights_and_masks_it_meant() {
    let desk = Desk::new();
    desk.paint("mask.png", 40, 32);
    desk.succeed(&format!("dream cat.png -o a.png --mask mask.png {QUICK}"));
    let ran = desk.succeed("dream cat.png --recipe a.png -o b.png --device cpu");
    assert!(ran.err.contains("without --mask"), "{}", ran.err);
    let ran = desk.succeed("dream cat.png --recipe a.png --mask mask.png -o c.png --device cpu");
    assert!(!ran.err.contains("--mask"), "{}", ran.err);
    assert_eq!(desk.read("a.png"), desk.read("c.png"));
    let text = read_recipe(desk.path("a.png")).expect("a.png").expect("a recipe");
    let mut other = Recipe::parse(&text).expect("a recipe");
    other.weights = WeightsMark { name: "bvlc".to_owned(), sha256: "0123".to_owned() };
    desk.put("other.json", other.to_json());
    desk.refuse(
        "dream cat.png --recipe other.json -o d.png",
        1,
        &["weights 'bvlc' (SHA-256 0123)", "--weights"],
    );
    desk.succeed(
        "dream cat.png --recipe other.json --mask mask.png --weights embedded -o d.png --device cpu",
    );
    assert_eq!(desk.read("a.png"), desk.read("d.png"));
}

#[test]
fn samples_that_are_no_numbers_are_told() {
    let desk = Desk::new();
    let light =
        image::ImageBuffer::from_fn(40, 32, |x, _| image::Rgb([if x == 3 { f32::NAN } else { 0.5 }; 3]));
    image::DynamicImage::ImageRgb32F(light).save(desk.path("light.exr")).expect("encoded");
    let ran = desk.succeed(&format!("dream light.exr -o a.png {QUICK}"));
    assert!(ran.err.contains("'light.exr': 96 samples are not finite"), "{}", ran.err);
}

#[test]
fn a_recipe_replaces_no_file_of_another_kind() {
    let desk = Desk::new();
    desk.put("a.bmp.json", "{\"notes\": \"mine\"}");
    let words =
        ["a.bmp", "its recipe would overwrite 'a.bmp.json', which is not a recipe", "move that file first"];
    desk.refuse(&format!("dream cat.png -o a.bmp {QUICK}"), 2, &words);
    assert_eq!(desk.read("a.bmp.json"), b"{\"notes\": \"mine\"}");
}

#[cfg(target_os = "linux")]
#[test]
fn names_keep_their_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::new();
    let name = |bytes: &[u8]| desk.path("").join(OsStr::from_bytes(bytes));
    std::fs::copy(desk.path("cat.png"), name(b"c\xff.png")).expect("copied");
    let ran = |rest: &str| {
        let mut command = desk.command("dream");
        command
            .arg(OsStr::from_bytes(b"c\xff.png"))
            .args(rest.split_whitespace())
            .output()
            .expect("it starts")
    };
    assert!(ran(QUICK).status.success());
    assert!(name(b"c\xff-dream.png").exists());
    let refused = ran(&format!("{QUICK} --checkpoint c.safetensors"));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("is not UTF-8") && !desk.path("c.safetensors").exists(), "{said}");
}

#[test]
fn what_is_written_beside_and_on_the_way_replaces_nothing_that_is_read() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png -o a.bmp {QUICK}"));
    desk.refuse("dream cat.png --recipe a.bmp.json -o a.bmp --device cpu", 2, &["is the input 'a.bmp.json'"]);
    desk.paint("steps/octave-02.png", 40, 32);
    let over = "dream steps/octave-02.png -o b.png --steps-out steps --device cpu";
    desk.refuse(over, 2, &["is the input 'steps/octave-02.png'"]);
}

#[test]
fn the_recipe_names_the_files_bytes() {
    let desk = Desk::new();
    // FIPS 180-2 is tested elsewhere; here, that it is the file and not what was decoded from it.
    desk.succeed(&format!("dream cat.png -o a.png {QUICK}"));
    let before = recipe(&desk, "a.png");
    let mut bytes = desk.read("cat.png");
    bytes.extend(b"behind the picture");
    desk.put("cat.png", bytes);
    desk.succeed(&format!("dream cat.png -o b.png {QUICK}"));
    let after = recipe(&desk, "b.png");
    assert_ne!(before["source"]["picture"]["sha256"], after["source"]["picture"]["sha256"]);
    assert_eq!(before["dream"], after["dream"]);
}

#[test]
fn a_replay_is_the_same_file() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png -o one.png --depth 16 --step 0.7 --seed 3 {QUICK}"));
    let ran = desk.succeed("replay one.png cat.png -o two.png");
    assert!(ran.err.contains("bit for bit"), "{}", ran.err);
    assert_eq!(desk.read("one.png"), desk.read("two.png"));
    desk.succeed(&format!("dream --size 40x30 -o sky.jpg --quality 80 {QUICK}"));
    desk.succeed("replay sky.jpg");
    assert_eq!(desk.read("sky.jpg"), desk.read("sky-replay.jpg"));
    // Another format for the result does not spoil the comparison.
    desk.succeed("replay sky.jpg -o sky.webp");
}

#[test]
fn a_replay_that_differs_says_so() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png -o one.png {QUICK}"));
    let picture = Picture::open(desk.path("one.png")).expect("a picture");
    let mut changed = picture.clone();
    changed.rgb_mut()[7] += if picture.rgb()[7] > 100.0 { -2.0 } else { 2.0 };
    let mut recipe =
        Recipe::parse(&read_recipe(desk.path("one.png")).expect("good").expect("one")).expect("good");
    let save = |recipe: &Recipe| {
        let text = recipe.to_json();
        let options = puppyslug::picture::SaveOptions { recipe: Some(&text), ..Default::default() };
        changed.save_as(desk.path("two.png"), &options).expect("saved");
    };
    save(&recipe);
    desk.fail("replay two.png cat.png", 1, &["1 of 3840 samples", "at most 2 of 255", "was changed"]);
    recipe.puppyslug = "0.0.1".to_owned();
    recipe.device.name = "cpu (1000 threads)".to_owned();
    save(&recipe);
    desk.fail(
        "replay two.png cat.png",
        1,
        &["version of puppyslug was 0.0.1", "device was cpu (1000 threads)"],
    );
}

#[test]
fn a_replay_needs_the_very_files() {
    let desk = Desk::new();
    desk.paint("dog.png", 40, 31);
    desk.succeed(&format!("dream cat.png -o one.png {QUICK}"));
    desk.refuse("replay one.png", 1, &["dreamed over a picture of 40x32", "SHA-256", "Name its file"]);
    desk.refuse("replay one.png dog.png", 1, &["'dog.png' is not the picture", "40x32"]);
    desk.refuse("replay cat.png", 1, &["'cat.png' carries no recipe"]);
    desk.succeed(&format!("dream --size 40x30 -o sky.png {QUICK}"));
    desk.refuse("replay sky.png cat.png", 2, &["over a sky"]);
    desk.refuse("replay one.png cat.png -o cat.png", 2, &["is the input"]);

    let text = read_recipe(desk.path("one.png")).expect("good").expect("one");
    let mut recipe = Recipe::parse(&text).expect("good");
    recipe.weights = WeightsMark { name: "bvlc".to_owned(), sha256: "0123".to_owned() };
    desk.put("other.json", recipe.to_json());
    desk.refuse("replay other.json cat.png", 1, &["weights 'bvlc' (SHA-256 0123)", "--weights"]);
    let embedded = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/emoji1000.safetensors");
    desk.refuse(
        &format!("replay other.json cat.png --weights {embedded}"),
        1,
        &["weights 'bvlc' (SHA-256 0123)", "is another file"],
    );
}

#[test]
fn a_recipe_is_a_base_to_change() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png -o one.png --size 36 --step 0.7 {QUICK}"));
    desk.succeed("dream cat.png -o two.png --recipe one.png --device cpu");
    assert_eq!(desk.read("one.png"), desk.read("two.png"));
    desk.succeed("dream cat.png -o three.png --recipe one.png --octaves 1 --device cpu");
    let (one, three) = (recipe(&desk, "one.png"), recipe(&desk, "three.png"));
    assert_eq!(three["dream"]["octaves"], 1);
    assert_eq!(three["dream"]["step"], one["dream"]["step"]);
    assert_eq!(three["dream"]["objectives"], one["dream"]["objectives"]);
    // A flag that says what the default is was said all the same.
    desk.succeed("dream cat.png -o four.png --recipe one.png --step 1.5 --layer pool1/3x3_s2 --device cpu");
    let four = recipe(&desk, "four.png");
    assert_eq!(
        (&four["dream"]["step"], &four["dream"]["objectives"][0]),
        (&1.5.into(), &"l2:pool1/3x3_s2".into())
    );
    // Settings alone will do.
    desk.put(
        "mine.json",
        "{\"dream\": {\"octaves\": 1, \"iterations\": 1, \"objectives\": [\"l2:conv2/3x3\"]}}",
    );
    desk.succeed("dream cat.png -o five.png --recipe mine.json --device cpu");
    assert_eq!(recipe(&desk, "five.png")["dream"]["iterations"], 1);
}

#[test]
fn a_replay_goes_by_content_whatever_the_file_is_called() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png -o a.png {QUICK}"));
    desk.put("dream.jpg", desk.read("a.png"));
    let ran = desk.succeed("replay dream.jpg cat.png --device cpu");
    assert!(ran.err.contains("the same as dream.jpg, bit for bit"), "{}", ran.err);
    assert_eq!(desk.read("dream-replay.png"), desk.read("a.png"));
    let expected = ["a.png", "cat.png", "dream-replay.png", "dream.jpg"].map(str::to_owned);
    assert_eq!(desk.files(), expected.into());
}

#[test]
fn wrong_recipes_are_refused() {
    let desk = Desk::new();
    for (text, words) in [
        ("{\"dream\": {\"stepp\": 1}}", ["'dream.stepp'", "nearest: step"]),
        ("{\"wieghts\": 1}", ["'wieghts'", "weights"]),
        ("{\"dream\": {\"octaves\": -1}}", ["'dream.octaves' is -1", "a whole number"]),
        ("{\"dream\": {\"octaves\": 0}}", ["'dream.octaves' is 0", "from 1 to 100"]),
        ("{\"dream\": {\"objectives\": [\"l2:\"]}}", ["'dream.objectives'", "nothing follows the colon"]),
        ("{\"dream\": 7}", ["'dream' is 7", "object"]),
        ("{\"width\": \"wide\"}", ["'width' is \"wide\"", "a whole number, 0 or more, is needed"]),
        ("{\"dream\": ", ["not a recipe in JSON", "EOF"]),
    ] {
        desk.put("bad.json", text);
        desk.refuse("dream cat.png --recipe bad.json", 1, &["the recipe in 'bad.json'", words[0], words[1]]);
    }
    desk.refuse("dream cat.png --recipe none.json", 1, &["none.json"]);
    desk.put("bad.json", "{\"dream\": {\"octaves\": 3}}");
    desk.refuse("replay bad.json", 1, &["not complete", "missing field"]);
    desk.put("bad.json", "{\"dream\": {\"objectives\": [\"l2:conv9\"]}}");
    desk.refuse("dream cat.png --recipe bad.json", 2, &["conv9"]);
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = String::from_utf8(desk.succeed(&format!("completions {shell}")).out).expect("text");
        for word in ["replay", "resume", "octave-scale"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    let page = String::from_utf8(desk.succeed("man").out).expect("text");
    for word in [".TH puppyslug 1", "puppyslug\\-dream", "puppyslug\\-resume", "octave\\-scale"] {
        assert!(page.contains(word), "{word}");
    }
    desk.refuse("completions sh", 2, &["sh"]);
}
