//! What steers a dream: which layers and channels, in which octaves, and after which pictures. Each control is
//! told by what it changes in numbers; each wrong value, by its one line.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use puppyslug::cpu::Cpu;
use puppyslug::dream::probe::{Map, Probed, network_input, probe};
use puppyslug::dream::sky::sky;
use puppyslug::dream::{Objective, Picture};
use puppyslug::net::Weights;
use tempfile::TempDir;

/// What makes a dream quick.
const QUICK: &str = "--device cpu --iterations 1 --jitter 0";

/// A folder with a picture of 64x48 in it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        painted(64, 48).save(&desk.path("cat.png")).expect("a picture is written");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program with these arguments, which are parted by blanks.
    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_puppyslug"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        // Mesa complains on stderr where this is missing.
        command.env_remove("PUPPYSLUG_WEIGHTS").env("XDG_RUNTIME_DIR", std::env::temp_dir());
        command.output().expect("the program starts")
    }

    /// Runs what must succeed; returns what was said.
    fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(0), "{arguments}: {said}");
        said
    }

    /// Runs what must be refused as wrong usage: one line of error that holds these words, and no picture.
    fn refuse(&self, arguments: &str, words: &[&str]) {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error:")).collect();
        let [error] = errors[..] else { panic!("{arguments}: {said}") };
        for word in words {
            assert!(error.contains(word), "{arguments}: no {word:?} in: {error}");
        }
        assert!(fs::read_dir(self.0.path()).expect("the folder").count() == 1, "{arguments}: something is left");
    }
}

fn painted(width: usize, height: usize) -> Picture {
    sky(width, height, 7).expect("a small sky")
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
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png {QUICK} --octaves 1 --layer inception_3*/output=2"));
    fs::remove_file(desk.path("cat-dream.png")).expect("it is there");
    desk.refuse("dream cat.png --layer inception_9*/output", &["inception_9*/output", "nearest: inception_"]);
    let channels = "channel:inception_*/output:3,250-900";
    desk.refuse(&format!("dream cat.png --objective {channels}"), &["channels 0 to 255, and 900"]);
    desk.refuse("dream cat.png --objective channel:conv2/3x3:5-3", &["5-3", "range of them like 3-7"]);
}
