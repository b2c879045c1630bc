//! Recipes, replays and checkpoints: a dream can be had again, and gone on with, to the last bit.

use std::ops::ControlFlow;

use puppyslug::device;
use puppyslug::dream::checkpoint::Checkpoint;
use puppyslug::dream::controls::Optimizer;
use puppyslug::dream::recipe::{
    DeviceMark, FileMark, MaskMark, PictureMark, Recipe, ReferenceMarks, Source, WeightsMark,
};
use puppyslug::dream::{
    Config, Controls, Dream, Likeness, Mask, Objective, PerOctave, PixelBox, References, Standing,
};
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::read_recipe;
use puppyslug::picture::sky::sky;
use puppyslug::plan::shaping::Normalise;
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
    let words = ["a.bmp", "its recipe would replace 'a.bmp.json', which is none", "move that away"];
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
    desk.refuse(
        "dream cat.png --recipe a.bmp.json -o a.bmp --device cpu",
        2,
        &["'a.bmp.json', which is read"],
    );
    desk.paint("steps/octave-02.png", 40, 32);
    let over = "dream steps/octave-02.png -o b.png --steps-out steps --device cpu";
    desk.refuse(over, 2, &["'steps/octave-02.png', which is read"]);
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
    desk.refuse("replay one.png", 1, &["dreamed over a picture of 40x32", "SHA-256", "name its file"]);
    desk.refuse("replay one.png dog.png", 1, &["'dog.png' is another picture", "40x32"]);
    desk.refuse("replay cat.png", 1, &["'cat.png' carries no recipe"]);
    desk.succeed(&format!("dream --size 40x30 -o sky.png {QUICK}"));
    desk.refuse("replay sky.png cat.png", 2, &["over a sky"]);
    desk.refuse("replay one.png cat.png -o cat.png", 2, &["which is read"]);

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
fn wrong_recipes_are_refused() {
    let desk = Desk::new();
    for (text, words) in [
        ("{\"dream\": {\"stepp\": 1}}", ["'dream.stepp'", "nearest: step"]),
        ("{\"wieghts\": 1}", ["'wieghts'", "weights"]),
        ("{\"dream\": {\"octaves\": -1}}", ["'dream.octaves' is -1", "a whole number"]),
        ("{\"dream\": {\"octaves\": 0}}", ["'dream.octaves' is 0", "from 1 to 100"]),
        ("{\"dream\": {\"objectives\": [\"l2:\"]}}", ["'dream.objectives'", "names nothing"]),
        ("{\"dream\": 7}", ["'dream' is 7", "object"]),
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

fn config() -> Config {
    let objectives = vec![Objective::l2("conv2/3x3")];
    let iterations = PerOctave::new(vec![2, 3]);
    Config { objectives, octaves: 3.into(), iterations, jitter: 7.into(), seed: 5, ..Config::default() }
}

fn bits(picture: &Picture) -> Vec<u32> {
    picture.rgb().iter().map(|sample| sample.to_bits()).collect()
}

#[test]
fn a_dream_goes_on_bit_by_bit_from_every_octave() {
    goes_on(&config());
    // Whatever the loop remembers begins anew with each octave.
    let controls = Controls {
        normalize: Normalise::Deviation,
        smooth: true,
        laplacian: 2,
        tv: (1.0, 2.0),
        optimizer: Optimizer::Adam,
        l2: 1.0,
        guard: true,
        ..Controls::default()
    };
    goes_on(&Config { controls, step: PerOctave::new(vec![2.0, 1.0, 0.5]), ..config() });
}

fn goes_on(config: &Config) {
    let weights = Weights::embedded();
    let machine = device::open("cpu", &Default::default()).expect("the processor");
    let picture = sky(72, 60, 1).expect("a sky");
    let prepare = || Dream::prepare(&*machine, &weights, (60, 72), config).expect("a plan");
    let go_on = &mut |_| ControlFlow::Continue(());
    let mut standings = vec![Standing::default()];
    let mut sizes = Vec::new();
    let mut keep = |landing: &mut puppyslug::dream::Landing<'_>| {
        let picture = landing.picture()?;
        sizes.push((picture.height(), picture.width()));
        standings.extend(landing.standing()?);
        Ok(())
    };
    let mut whole = prepare();
    let expected = whole.run_from(&picture, &Standing::default(), go_on, &mut keep).expect("a dream");
    assert_eq!(sizes, whole.octave_sizes());
    assert_eq!(standings.len(), 3);
    for standing in &standings {
        let resumed = prepare().run_from(&picture, standing, go_on, &mut |_| Ok(())).expect("a dream");
        assert_eq!(bits(&resumed.picture), bits(&expected.picture), "after octave {}", standing.done);
    }
    // What the octaves hand on matters: without it the picture is another.
    let blank = Standing { done: 2, detail: vec![0.0; standings[2].detail.len()] };
    let other = prepare().run_from(&picture, &blank, go_on, &mut |_| Ok(())).expect("a dream");
    assert_ne!(bits(&other.picture), bits(&expected.picture));
    let wrong = Standing { done: 1, detail: vec![0.0; 3] };
    assert!(prepare().run_from(&picture, &wrong, go_on, &mut |_| Ok(())).is_err());
}

#[test]
fn checkpoints_come_back_as_they_were() {
    let desk = Desk::new();
    let alpha: Vec<u16> = (0..12).map(|n| n * 5000).collect();
    let rgb = (0..36).map(|n| n as f32 / 7.0).collect();
    let picture =
        Picture::from_rgb(4, 3, rgb).and_then(|picture| picture.with_alpha(Some(alpha))).expect("good");
    let text = String::new;
    let mark = || PictureMark { sha256: text(), width: 2, height: 1 };
    let region = Some(PixelBox { x: 1, y: 0, width: 1, height: 1 });
    let gray = |level: f32| Picture::from_rgb(2, 1, vec![level; 6]).expect("good");
    let references = References {
        guide: Some(gray(1.0)),
        like: Some(Likeness { picture: gray(2.0), region }),
        masks: vec![Mask::Picture(gray(3.0)), Mask::Alpha, Mask::Picture(gray(4.0))],
    };
    let recipe = Recipe {
        puppyslug: text(),
        device: DeviceMark { kind: text(), name: text() },
        weights: WeightsMark { name: text(), sha256: text() },
        source: Source::Sky { seed: 7 },
        references: ReferenceMarks {
            guide: Some(mark()),
            like: Some(mark()),
            like_box: region,
            masks: vec![MaskMark::Picture(mark()), MaskMark::Alpha, MaskMark::Picture(mark())],
        },
        width: 4,
        height: 3,
        file: FileMark { format: puppyslug::picture::Format::Png, depth: None, quality: Some(3) },
        complete: true,
        dream: config(),
    };
    let standing = Standing { done: 2, detail: vec![1.0 / 3.0, -7.5] };
    let checkpoint = Checkpoint { recipe, picture, references, standing, out: "somewhere/else.png".into() };
    let path = desk.path("c.safetensors");
    checkpoint.save(&path).expect("saved");
    assert_eq!(Checkpoint::open(&path).expect("read"), checkpoint);
    let bytes = desk.read("c.safetensors");
    for length in [0, 7, 100, bytes.len() - 1] {
        desk.put("cut.safetensors", &bytes[..length]);
        desk.refuse("resume cut.safetensors", 1, &["'cut.safetensors' is not a checkpoint"]);
    }
    desk.refuse("resume none.safetensors", 1, &["cannot read the checkpoint 'none.safetensors'"]);
}

#[test]
fn a_resumed_dream_is_the_same_file() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png -o one.png {QUICK}"));
    desk.succeed(&format!("dream cat.png -o two.png --checkpoint c.safetensors --steps-out steps {QUICK}"));
    let two = desk.read("two.png");
    assert_eq!(two, desk.read("one.png"));
    std::fs::remove_file(desk.path("two.png")).expect("removed");
    // The checkpoint is that of the last boundary: one octave is done and one is not. Nothing else is needed.
    std::fs::remove_file(desk.path("cat.png")).expect("removed");
    desk.succeed("resume c.safetensors");
    assert_eq!(desk.read("two.png"), two);
    desk.succeed("resume c.safetensors -o three.png");
    assert_eq!(desk.read("three.png"), two);
    let steps = |name: &str| Picture::open(desk.path(name)).expect(name);
    assert_eq!((steps("steps/octave-01.png").width(), steps("steps/octave-02.png").width()), (29, 40));
    assert_eq!(steps("steps/octave-02.png").rgb(), Picture::open(desk.path("one.png")).expect("one").rgb());
}

/// What a dream is steered by is in its recipe by hash, and in its checkpoint as it is.
#[test]
fn a_steered_dream_comes_again() {
    let desk = Desk::new();
    let pictures = [("guide.png", 33, 50), ("like.png", 50, 33), ("left.png", 40, 32), ("right.png", 9, 9)];
    for (name, width, height) in pictures {
        desk.paint(name, width, height);
    }
    let climbs = "--objective guide:conv2/3x3#1 --objective like:pool1/norm1*0.5#2 --like-box 5,5,20,20";
    let controls = "--laplacian 3 --optimizer adam --keep 0.05,0.1 --color keep --iterations 2,3 --step 2,1";
    let steered = "--guide guide.png --like like.png --mask left.png --mask right.png";
    let quick = "--device cpu --octaves 2 --jitter 5";
    let way = "--checkpoint c.safetensors";
    desk.succeed(&format!("dream cat.png -o one.png {climbs} {controls} {steered} {quick} {way}"));
    let recipe = recipe(&desk, "one.png");
    assert_eq!(recipe["references"]["guide"]["height"], 50);
    assert_eq!(recipe["references"]["like_box"]["width"], 20);
    assert_eq!(recipe["references"]["masks"][1]["picture"]["width"], 9);
    assert_eq!(recipe["dream"]["iterations"], serde_json::json!([2, 3]));
    desk.succeed(&format!("replay one.png cat.png -o again.png {steered}"));
    assert_eq!(desk.read("again.png"), desk.read("one.png"));
    let refuse = |arguments: &str, code, words: &[&str]| {
        desk.refuse(&format!("replay one.png cat.png -o not.png {arguments}"), code, words);
    };
    refuse("", 1, &["'one.png' was dreamed after a guide, a picture of 33x50", "--guide"]);
    refuse("--guide like.png", 1, &["'like.png' is another picture than the one of 33x50", "after"]);
    refuse("--guide guide.png --like like.png --mask left.png", 1, &["under a mask", "9x9", "--mask"]);
    refuse(&format!("{steered} --mask left.png"), 2, &["under a mask", "leave 'left.png' away"]);
    // As a base, the pictures are given anew.
    desk.refuse("dream cat.png --recipe one.png", 2, &["guide:conv2/3x3#1", "--guide"]);
    desk.succeed(&format!("dream cat.png -o base.png --recipe one.png {steered} --device cpu"));
    assert_eq!(desk.read("base.png"), desk.read("one.png"));
    for (name, ..) in pictures {
        std::fs::remove_file(desk.path(name)).expect("removed");
    }
    desk.succeed("resume c.safetensors -o rest.png");
    assert_eq!(desk.read("rest.png"), desk.read("one.png"));
}

#[cfg(unix)]
#[test]
fn a_dream_stopped_by_ctrl_c_goes_on_to_the_same_file() {
    let desk = Desk::new();
    let slow = "--device cpu --octaves 2 --iterations 400 --layer conv2/3x3 --seed 4";
    desk.succeed(&format!("dream cat.png -o whole.png {slow}"));
    let mut child = desk.command(&format!("dream cat.png -o part.png --checkpoint c.safetensors {slow}"));
    let mut child = child.stderr(std::process::Stdio::piped()).spawn().expect("the program starts");
    // The first checkpoint is there before anything is dreamed.
    while !desk.path("c.safetensors").exists() {
        std::thread::yield_now();
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill is there").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("piped"), &mut said).expect("text");
    assert!(said.contains("`puppyslug resume c.safetensors` goes on after octave"), "{said}");
    desk.refuse("replay part.png cat.png", 1, &["stopped on its way"]);
    desk.succeed("resume c.safetensors -o rest.png");
    assert_eq!(desk.read("rest.png"), desk.read("whole.png"));
}

#[test]
fn bad_checkpoint_names_are_refused() {
    let desk = Desk::new();
    desk.refuse("dream cat.png --checkpoint cat.png", 2, &[".safetensors"]);
    desk.refuse("dream cat.png --checkpoint no/c.safetensors", 1, &["there is no folder 'no'"]);
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
