//! What steers a dream: which layers and channels, in which octaves, and after which pictures. Each control is
//! told by what it changes in numbers; each wrong value, by its one line.

mod references;

use std::fs;
use std::ops::ControlFlow;

use puppyslug::cpu::Cpu;
use puppyslug::dream::presets::PRESETS;
use puppyslug::dream::probe::{Map, Probed, network_input, probe};
use puppyslug::dream::{Config, Dream, DreamError, Found, Objective, Octaves, PerOctave, Progress};
use puppyslug::extent::Extent;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use testkit::Desk;

/// What makes a dream quick.
const QUICK: &str = "--device cpu --iterations 1 --jitter 0";

/// A folder with a picture of 64x48 in it.
fn desk() -> Desk {
    let desk = Desk::new();
    painted(64, 48).save(desk.path("cat.png")).expect("a picture is written");
    desk
}

fn painted(width: usize, height: usize) -> Picture {
    sky(Extent { height, width }, 7).expect("a small sky")
}

/// What the embedded network makes of a painted picture.
fn probed(objective: &str) -> Probed {
    let weights = Weights::embedded();
    let input = network_input(&painted(64, 48), weights.mean());
    let objective: Objective = objective.parse().expect(objective);
    probe(&Cpu::new(), &weights, &input, &[], &[objective]).expect("a probe")
}

fn gradient(probed: &Probed) -> &Map {
    probed.gradient.as_ref().expect("there is an objective")
}

/// The gradients' sum, and how far the gradient of all at once is from it, in parts of its largest cell.
fn assert_sum(whole: &str, parts: &[&str]) {
    let (whole, parts) = (probed(whole), parts.iter().map(|part| probed(part)).collect::<Vec<_>>());
    let values: f32 = parts.iter().filter_map(|part| part.value).sum();
    let value = whole.value.expect("there is an objective");
    // Each value is rounded from f64 sums; a handful of roundings of f32 each.
    assert!((value - values).abs() <= 1e-5 * values.abs(), "{value} and {values}");
    let cells = &gradient(&whole).cells;
    let largest = cells.iter().fold(0.0f32, |most, cell| most.max(cell.abs()));
    for (index, cell) in cells.iter().enumerate() {
        let sum: f32 = parts.iter().map(|part| gradient(part).cells[index]).sum();
        // As in the comparators of whole gradients: some forty layers, each rounding its sums.
        assert!((cell - sum).abs() <= 1e-4 * largest, "cell {index}: {cell} and {sum} of {largest}");
    }
}

#[test]
fn a_pattern_climbs_every_layer_that_it_matches() {
    let parts = ["l2:inception_3a/output*0.5", "l2:inception_3b/output*0.5"];
    assert_sum("l2:inception_3?/output*0.5", &parts);
    let pattern = probed("l2:inception_3*/output").value;
    assert_ne!(pattern, probed("l2:inception_3a/output").value, "one of them is not both");
}

#[test]
fn several_channels_add_up() {
    let part = |channel: usize| format!("channel:inception_3a/output:{channel}*2");
    let parts = [part(3), part(17), part(18), part(19)];
    assert_sum("channel:inception_3a/output:3,17-19*2", &parts.each_ref().map(String::as_str));
}

#[test]
fn layers_that_are_not_there_are_named() {
    let desk = desk();
    desk.succeed(&format!("dream cat.png {QUICK} --octaves 1 --layer inception_3*/output=2"));
    fs::remove_file(desk.path("cat-dream.png")).expect("it is there");
    desk.refuse(
        "dream cat.png --layer inception_9*/output",
        2,
        &["inception_9*/output", "nearest: inception_"],
    );
    let channels = "channel:inception_*/output:3,250-900";
    desk.refuse(&format!("dream cat.png --objective {channels}"), 2, &["no channel 900; accepted: 0 to 255"]);
    desk.refuse("dream cat.png --objective channel:conv2/3x3:5-3", 2, &["5-3", "range of them like 3-7"]);
}

/// Two octaves of 48x32 and 96x64, two iterations each, that climb these objectives.
fn two_octaves(objectives: &[&str]) -> Config {
    Config {
        objectives: objectives.iter().map(|objective| objective.parse().expect(objective)).collect(),
        octaves: Octaves::Count(2),
        octave_scale: 2.0,
        iterations: 2.into(),
        jitter: 0.into(),
        ..Config::for_weights(&Weights::embedded())
    }
}

fn prepared(config: &Config) -> Result<Dream, DreamError> {
    Dream::prepare(&Cpu::new(), &Weights::embedded(), Extent::new(64, 96), config)
}

/// What is told of every iteration: octave, value, and magnitude, to the bit.
fn reports(config: &Config) -> Vec<(usize, u32, u32)> {
    let mut octaves = Vec::new();
    let mut watch = |now: Progress| {
        octaves.push(now.octave);
        ControlFlow::Continue(())
    };
    let mut dream = prepared(config).expect("a small dream");
    let found = dream.run(&painted(96, 64), &mut watch).expect("it runs").found;
    assert_eq!(octaves.len(), found.len(), "every iteration is watched and accounted for");
    let bits = |(octave, found): (usize, Found)| (octave, found.value.to_bits(), found.magnitude.to_bits());
    octaves.into_iter().zip(found).map(bits).collect()
}

#[test]
fn an_octave_has_as_many_iterations_as_its_place_in_the_list() {
    let config = |iterations| Config { iterations, ..two_octaves(&["l2:conv2/3x3"]) };
    let octaves = |iterations| reports(&config(iterations)).iter().map(|now| now.0).collect::<Vec<_>>();
    assert_eq!(octaves(PerOctave::new(vec![3, 1])), [1, 1, 1, 2]);
    assert_eq!(octaves(PerOctave::new(vec![2])), [1, 1, 2, 2]);
}

/// What is set for the second octave changes nothing in the first, and something in the second.
#[test]
fn a_second_value_is_that_of_the_second_octave() {
    let plain = two_octaves(&["l2:conv2/3x3"]);
    let same = reports(&plain);
    let change = |config: Config| {
        let other = reports(&config);
        assert_eq!(other[..2], same[..2], "the first octave has changed");
        assert_ne!(other[3], same[3], "the second octave has not");
    };
    change(Config { step: PerOctave::new(vec![1.5, 3.0]), ..plain.clone() });
    change(Config { jitter: PerOctave::new(vec![0, 8]), ..plain.clone() });
    let objectives = ["l2:conv2/3x3@1", "l2:conv2/norm2@2-"];
    change(Config { objectives: two_octaves(&objectives).objectives, ..plain });
}

#[test]
fn every_octave_needs_something_to_climb() {
    let refusal = |config: Config| prepared(&config).expect_err("it is refused").to_string();
    let gap = refusal(two_octaves(&["l2:conv2/3x3@2-"]));
    assert!(gap.contains("objectives in octave 1 of 2 is 0"), "{gap}");
    let beyond = refusal(two_octaves(&["l2:conv2/3x3", "l2:conv2/norm2@2-3"]));
    assert!(beyond.contains("l2:conv2/norm2@2-3") && beyond.contains("at most 2"), "{beyond}");
    let steps = PerOctave::new(vec![1.0, 2.0, 3.0]);
    let long = refusal(Config { step: steps, ..two_octaves(&["l2:conv2/3x3"]) });
    assert!(long.contains("values for step is 1,2,3, and must be at most 2"), "{long}");
}

#[test]
fn auto_goes_down_to_the_smallest_size_that_the_layer_can_see() {
    let weights = Weights::embedded();
    let config = |octaves, min_edge| Config {
        octaves,
        min_edge,
        ..two_octaves(&["l2:inception_4c/output", "l2:conv1/7x7_s2@1"])
    };
    let sizes = |octaves, min_edge| prepared(&config(octaves, min_edge)).expect("a dream").octave_sizes();
    let all = sizes(Octaves::Auto, 1);
    let layer = weights.network().find("inception_4c/output").expect("a layer");
    let fits = |size| weights.network().check_size(layer, size).is_ok();
    let half = Extent::new(all[0].height / 2, all[0].width / 2);
    assert!(fits(all[0]) && !fits(half), "{all:?}");
    assert_eq!(all, sizes(Octaves::Count(all.len()), 1));
    assert_eq!(prepared(&config(Octaves::Auto, 1)).expect("a dream").octaves_left_out(), 0);
    let whole = Extent::new(64, 96);
    assert_eq!(sizes(Octaves::Auto, 32), [Extent::new(32, 48), whole]);
    assert_eq!(sizes(Octaves::Count(2), 33), [whole]);
    assert_eq!(sizes(Octaves::Auto, 1000), [whole], "the picture's own size is always dreamed");
}

#[test]
fn wrong_octaves_are_refused_with_their_number() {
    let desk = desk();
    for (arguments, words) in [
        ("--iterations 5,0", &["iterations of octave 2 is 0", "from 1 to 1000000"][..]),
        ("--step 1.5,2,0", &["step of octave 3 is 0"]),
        ("--jitter 1,2,70000", &["jitter of octave 3 is 70000"]),
        ("--iterations 5,,5", &["'5,,5'", "a whole number is needed"]),
        ("--step 1,x", &["'1,x'", "a number is needed"]),
        ("--octaves 2 --iterations 3,2,1", &["values for iterations is 3,2,1", "at most 2"]),
        ("--octaves all", &["'all'", "--octaves"]),
        ("--min-edge 0", &["min edge is 0"]),
        ("--layer conv2/3x3@0", &["'0' is not a range of octaves"]),
        ("--layer conv2/3x3@2-", &["octave 1"]),
        ("--objective l2:conv2/3x3@3-1", &["'3-1' is not a range of octaves"]),
    ] {
        desk.refuse(&format!("dream cat.png --device cpu {arguments}"), 2, words);
    }
    let lists = "--octaves auto --min-edge 20 --iterations 2,1 --step 2,1.5 --jitter 0,4";
    let said = desk.succeed(&format!("dream cat.png -v --device cpu --layer conv2/3x3@1- {lists}")).err;
    assert!(said.contains("2,1 iterations") && said.contains("33x24"), "{said}");
}

// Presets.

#[test]
fn a_preset_is_its_settings_and_flags_count_more() {
    let desk = desk();
    let start = "dream cat.png --device cpu --octaves 1 --iterations 2";
    let dreamed = |arguments: &str| {
        let said = desk.succeed(&format!("{start} -v {arguments}")).err;
        (said, fs::read(desk.path("cat-dream.png")).expect("a dream"))
    };
    let (said, classic) = dreamed("--preset classic");
    assert!(
        said.contains("towards: l2:inception_4c/output\n") && said.contains("2 iterations each"),
        "{said}"
    );
    let flags = "--layer inception_4c/output --octave-scale 1.4 --step 1.5 --jitter 32 --mean 104,116,122";
    assert_eq!(dreamed(flags).1, classic, "the notebook's settings one by one");
    assert_ne!(dreamed("--preset classic --mean 117,117,117").1, classic, "--mean was not heard");
    let (said, layer) = dreamed("--preset classic --layer conv2/3x3");
    assert!(said.contains("towards: l2:conv2/3x3\n"), "{said}");
    assert_ne!(layer, classic, "--layer was not heard");
    fs::remove_file(desk.path("cat-dream.png")).expect("it is there");
    desk.refuse("dream cat.png --preset puppyslugs", 2, &["'puppyslugs'", "--preset"]);
}

#[test]
fn every_preset_makes_another_dream_and_is_in_the_help() {
    let desk = desk();
    let help = String::from_utf8(desk.run("dream --help").out).expect("UTF-8");
    let mut dreams = Vec::new();
    for preset in &PRESETS {
        assert!(help.contains(&format!("- {}: ", preset.name)) && help.contains(preset.about), "{help}");
        desk.succeed(&format!("dream cat.png {QUICK} --octaves 1 --preset {}", preset.name));
        dreams.push(fs::read(desk.path("cat-dream.png")).expect("a dream"));
    }
    dreams.sort();
    dreams.dedup();
    assert_eq!(dreams.len(), PRESETS.len());
}
