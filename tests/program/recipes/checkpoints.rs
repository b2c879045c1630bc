//! Dreams that are gone on with.

use std::ops::ControlFlow;

use puppyslug::device;
use puppyslug::dream::checkpoint::Checkpoint;
use puppyslug::dream::controls::Optimizer;
use puppyslug::dream::recipe::{
    DeviceMark, DirectionMark, FileMark, MaskMark, PictureMark, Recipe, ReferenceMarks, Source, WeightsMark,
};
use puppyslug::dream::{
    Config, Controls, Direction, Dream, Likeness, Mask, Objective, PerOctave, PixelBox, References, Run,
    Standing,
};
use puppyslug::extent::Extent;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::shaping::Normalise;
use testkit::Desk;

use super::{QUICK, recipe};

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
    let picture = sky(Extent::new(60, 72), 1).expect("a sky");
    let prepare = || Dream::prepare(&*machine, &weights, Extent::new(60, 72), config).expect("a plan");
    let go_on = |_| ControlFlow::Continue(());
    let from = |standing: &Standing| {
        let mut dream = prepare();
        let run = Run { standing: Some(standing), ..dream.over(&picture) };
        dream.run_with(&run, &mut { go_on })
    };
    let mut standings = vec![Standing::default()];
    let mut sizes = Vec::new();
    let mut keep = |landing: &mut puppyslug::dream::Landing<'_>| {
        let picture = landing.picture()?;
        sizes.push(picture.extent());
        standings.extend(landing.standing()?);
        Ok(())
    };
    let mut whole = prepare();
    let expected = whole.run_with(&whole.over(&picture), &mut (go_on, &mut keep)).expect("a dream");
    assert_eq!(sizes, whole.octave_sizes());
    assert_eq!(standings.len(), 3);
    for standing in &standings {
        let resumed = from(standing).expect("a dream");
        assert_eq!(bits(&resumed.picture), bits(&expected.picture), "after octave {}", standing.done);
    }
    // What the octaves hand on matters: without it the picture is another.
    let blank = Standing { done: 2, detail: vec![0.0; standings[2].detail.len()] };
    let other = from(&blank).expect("a dream");
    assert_ne!(bits(&other.picture), bits(&expected.picture));
    let wrong = Standing { done: 1, detail: vec![0.0; 3] };
    assert!(from(&wrong).is_err());
}

#[test]
fn checkpoints_come_back_as_they_were() {
    let desk = Desk::new();
    let alpha: Vec<u16> = (0..12).map(|n| n * 5000).collect();
    let rgb = (0..36).map(|n| n as f32 / 7.0).collect();
    let picture = Picture::from_rgb(Extent::new(3, 4), rgb)
        .and_then(|picture| picture.with_alpha(Some(alpha)))
        .expect("good");
    let text = String::new;
    let mark = || PictureMark { sha256: text(), width: 2, height: 1 };
    let region = Some(PixelBox { x: 1, y: 0, width: 1, height: 1 });
    let gray = |level: f32| Picture::from_rgb(Extent::new(1, 2), vec![level; 6]).expect("good");
    let references = References {
        guide: Some(gray(1.0)),
        like: Some(Likeness { picture: gray(2.0), region }),
        directions: vec![Direction { file: "v.npy".into(), cells: vec![0.5, -2.0] }],
        masks: vec![Mask::Picture(gray(3.0)), Mask::Alpha, Mask::Picture(gray(4.0))],
    };
    let recipe = Recipe {
        arithmetic: 1,
        puppyslug: text(),
        device: DeviceMark { kind: text(), name: text() },
        weights: WeightsMark { name: text(), sha256: text() },
        source: Source::Sky { seed: 7 },
        references: ReferenceMarks {
            guide: Some(mark()),
            like: Some(mark()),
            like_box: region,
            directions: vec![DirectionMark { file: "v.npy".into(), sha256: text() }],
            masks: vec![MaskMark::Picture(mark()), MaskMark::Alpha, MaskMark::Picture(mark())],
        },
        width: 4,
        height: 3,
        file: FileMark { format: puppyslug::picture::Format::Png, depth: None, quality: Some(3) },
        complete: true,
        film: None,
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
    refuse("--guide like.png", 1, &["'like.png' is not the picture of 33x50", "after"]);
    refuse("--guide guide.png --like like.png --mask left.png", 1, &["under a mask", "9x9", "--mask"]);
    refuse(&format!("{steered} --mask left.png"), 2, &["under a mask", "leave out 'left.png'"]);
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
    assert!(said.contains("`puppyslug resume c.safetensors` continues after octave"), "{said}");
    desk.refuse("replay part.png cat.png", 1, &["stopped before its end"]);
    desk.succeed("resume c.safetensors -o rest.png");
    assert_eq!(desk.read("rest.png"), desk.read("whole.png"));
}

#[test]
fn bad_checkpoint_names_are_refused() {
    let desk = Desk::new();
    desk.refuse("dream cat.png --checkpoint cat.png", 2, &[".safetensors"]);
    desk.refuse("dream cat.png --checkpoint no/c.safetensors", 1, &["there is no folder 'no'"]);
}
