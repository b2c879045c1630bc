//! Several masks, each with objectives of its own.

use std::ops::ControlFlow;

use puppyslug::cpu::Cpu;
use puppyslug::dream::{Config, Dream, DreamError, Mask, Objective, References};
use puppyslug::extent::Extent;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::Step;
use puppyslug::plan::dream::{Climb, DreamSettings, OctaveSettings, plan_dream};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::network::{Aim, Target};
use testkit::Desk;

const WIDTH: usize = 72;
const HEIGHT: usize = 56;
const EYES: &str = "l2:inception_3a/output";
const LINES: &str = "channel:conv2/3x3:5";

/// White between two columns, black elsewhere.
fn stripe(columns: std::ops::Range<usize>) -> Mask {
    let gray = |at: usize| if columns.contains(&(at % WIDTH)) { 255.0 } else { 0.0 };
    let rgb = (0..3 * WIDTH * HEIGHT).map(gray).collect();
    Mask::Picture(Picture::from_rgb(Extent::new(HEIGHT, WIDTH), rgb).expect("a mask"))
}

fn left() -> Mask {
    stripe(0..30)
}

fn right() -> Mask {
    stripe(40..WIDTH)
}

/// One iteration, in which every gradient is that of the source.
fn dream(objectives: &[&str], masks: &[Mask]) -> Result<Picture, DreamError> {
    let weights = Weights::embedded();
    let objectives: Vec<Objective> = objectives.iter().map(|spec| spec.parse().expect(spec)).collect();
    let config = Config {
        objectives,
        octaves: 1.into(),
        iterations: 1.into(),
        seed: 3,
        ..Config::for_weights(&weights)
    };
    let references = References { masks: masks.to_vec(), ..References::default() };
    let mut dream =
        Dream::prepare_with(&Cpu::new(), &weights, Extent::new(HEIGHT, WIDTH), &config, &references)?;
    Ok(dream.run(&source(), &mut |_| ControlFlow::Continue(()))?.picture)
}

fn source() -> Picture {
    sky(Extent::new(HEIGHT, WIDTH), 7).expect("a sky")
}

/// The columns in which two pictures are the same to the bit.
fn same_columns(a: &Picture, b: &Picture) -> Vec<bool> {
    let mut same = vec![true; WIDTH];
    for (at, (a, b)) in a.rgb().iter().zip(b.rgb()).enumerate() {
        same[at % WIDTH] &= a.to_bits() == b.to_bits();
    }
    same
}

fn all(columns: &[bool]) -> bool {
    columns.iter().all(|&same| same)
}

#[test]
fn each_mask_has_objectives_of_its_own() {
    let both = dream(&[&format!("{EYES}#1"), &format!("{LINES}#2")], &[left(), right()]).expect("a dream");
    let eyes = same_columns(&both, &dream(&[EYES], &[left()]).expect("a dream"));
    let lines = same_columns(&both, &dream(&[LINES], &[right()]).expect("a dream"));
    let still = same_columns(&both, &source());
    assert!(all(&eyes[..40]) && !all(&eyes[40..]), "left as under one mask: {eyes:?}");
    assert!(all(&lines[30..]) && !all(&lines[..30]), "right as under one mask: {lines:?}");
    assert!(all(&still[30..40]) && !all(&still[..30]) && !all(&still[40..]), "between them: {still:?}");
}

#[test]
fn what_names_no_mask_is_climbed_everywhere_or_under_the_mask_that_nothing_names() {
    let (named, plain) = (format!("{EYES}#1"), dream(&[LINES], &[]).expect("a dream"));
    let open = dream(&[&named, LINES], &[left()]).expect("a dream");
    let same = same_columns(&open, &plain);
    assert!(all(&same[30..]) && !all(&same[..30]), "{same:?}");
    let under = dream(&[&named, LINES], &[left(), right()]).expect("a dream");
    let two = dream(&[&named, &format!("{LINES}#2")], &[left(), right()]).expect("a dream");
    assert!(all(&same_columns(&under, &two)));
}

#[test]
fn objectives_under_one_mask_add_up() {
    let together = dream(&[&format!("{EYES}#1"), &format!("{LINES}*1000#1")], &[left()]).expect("a dream");
    let sum = dream(&[EYES, &format!("{LINES}*1000")], &[left()]).expect("a dream");
    assert!(all(&same_columns(&together, &sum)));
    assert!(!all(&same_columns(&together, &dream(&[EYES], &[left()]).expect("a dream"))));
}

#[test]
fn the_way_forward_is_gone_once_for_all_masks() {
    let weights = Weights::embedded();
    let network = weights.network();
    let climb = |layer: &str, mask| {
        let layer = network.find(layer).expect(layer);
        let targets = vec![Target { layer, aim: Aim::HalfSquares, weight: 1.0 }];
        Climb { targets, mask: Some(mask) }
    };
    let steps = |climbs: &[Climb]| -> (usize, usize) {
        let plain = OctaveSettings::plain(Extent::new(HEIGHT, WIDTH), Vec::new(), 1.5);
        let octaves = vec![OctaveSettings { climbs: climbs.to_vec(), ..plain }];
        let settings = DreamSettings {
            octaves,
            bounds: [(-128.0, 128.0); 3],
            masks: 2,
            moving: false,
            carried: false,
            iteration: Iteration::default(),
        };
        let plan = plan_dream(network, &settings).expect("a plan").plan;
        let count = |test: fn(&Step) -> bool| plan.steps().filter(|step| test(step)).count();
        (count(|step| matches!(step, Step::Conv(_))), count(|step| matches!(step, Step::ConvGradient(_))))
    };
    let (deep, shallow) = (climb("inception_3a/output", 0), climb("conv2/3x3", 1));
    let alone = |climb| steps(std::slice::from_ref(climb));
    let ((forward, back), (_, less)) = (alone(&deep), alone(&shallow));
    assert!(less > 0 && back > less, "{back} and {less} convolutions back");
    assert_eq!(steps(&[deep, shallow]), (forward, back + less));
}

#[test]
fn idle_and_missing_masks_are_refused() {
    let refused = |objectives: &[&str], masks: &[Mask], words: &str| {
        let error = dream(objectives, masks).expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
    };
    refused(&[&format!("{EYES}#2")], &[left()], "must be under a given mask (masks given: 1)");
    refused(&[EYES], &[left(), right()], "mask without an objective is 2");
    refused(&[&format!("{EYES}#2")], &[left(), right()], "mask without an objective is 1");
    let desk = Desk::new();
    desk.paint("mask.png", 40, 32);
    let refuse = |arguments: &str, words: &[&str]| {
        desk.refuse(&format!("dream cat.png --device cpu {arguments}"), 2, words);
    };
    refuse("--layer conv2/3x3#2 --mask mask.png", &["l2:conv2/3x3#2", "masks given: 1"]);
    refuse("--mask mask.png --mask mask.png", &["mask without an objective is 2", "#2"]);
    refuse("--layer conv2/3x3#x", &["'x' is not the number of a mask"]);
}
