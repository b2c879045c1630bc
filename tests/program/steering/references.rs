//! Pictures to dream after: guides, and regions to grow like.

use std::ops::ControlFlow;

use puppyslug::cpu::Cpu;
use puppyslug::dream::probe::{Map, network_input, probe};
use puppyslug::dream::{Config, Dream, Likeness, PixelBox, References};
use puppyslug::extent::Extent;
use puppyslug::machine::Machine;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::probe::plan_probe;
use puppyslug::plan::{Step, View, step};
use testkit::oracle;

use super::{desk, painted, two_octaves};

/// The layer that the notebook dreams after a guide with.
const GUIDED: &str = "inception_3b/output";

/// Another picture, of another size.
fn guide() -> Picture {
    sky(Extent::new(40, 88), 3).expect("a small sky")
}

/// What the embedded network sees in a picture at a layer.
fn features(picture: &Picture, layer: &str) -> Map {
    let weights = Weights::embedded();
    let input = network_input(picture, weights.mean());
    let seen = probe(&Cpu::new(), &weights, &input, &[layer.to_owned()], &[]).expect("a probe");
    seen.activations.into_iter().next().expect("of one layer").1
}

/// `A = x^T y` in f64, and how far f32 may be from each of its cells.
fn products(x: &Map, y: &Map) -> Vec<Vec<(f64, f64)>> {
    let [columns_of_x, columns_of_y] = [x, y].map(|map| map.shape.plane());
    let product = |i: usize, j: usize| {
        let terms = (0..x.shape.channels).map(|channel| {
            f64::from(x.cells[channel * columns_of_x + i]) * f64::from(y.cells[channel * columns_of_y + j])
        });
        let cell = oracle::Sum::of(terms).cell();
        (cell.value, cell.tolerance)
    };
    (0..columns_of_x).map(|i| (0..columns_of_y).map(|j| product(i, j)).collect()).collect()
}

/// The largest of a row.
fn largest(row: &[(f64, f64)]) -> f64 {
    row.iter().map(|&(value, _)| value).fold(f64::NEG_INFINITY, f64::max)
}

/// `dx[:, i] = y[:, argmax over j of A[i, j]]`, in f64; of columns that f32 cannot tell apart, either.
#[test]
fn a_guide_is_followed_by_the_rule_of_the_notebook() {
    let weights = Weights::embedded();
    let (x, y) = (features(&painted(64, 48), GUIDED), features(&guide(), GUIDED));
    let layer = weights.network().find(GUIDED).expect("a layer");
    let aim = Aim::Guide(Given { number: 0, columns: y.shape.plane() });
    let target = Target { layer, aim, weight: 1.0 };
    let probe = plan_probe(weights.network(), Extent::new(48, 64), &[], &[target]).expect("large enough");
    let plan = testkit::unshared(&probe.plan);
    let mut machine = Cpu::new().load(&plan, &weights).expect("a small plan");
    machine.write(probe.input, &network_input(&painted(64, 48), weights.mean()).cells).expect("written");
    machine.write(plan.given[0].1, &y.cells).expect("written");
    machine.run_once(probe.phase, &[]).expect("it runs");
    let matched = plan.steps().find_map(|step| match step {
        Step::MatchGradient(step::MatchGradient { choice, dx, .. }) => Some((*choice, dx.view)),
        _ => None,
    });
    let (choice, dx) = matched.expect("a guide is matched");
    let mut read = |view: View| machine.read(view).expect("it is there");
    let (choice, dx, value) = (read(choice), read(dx), read(probe.value)[0]);

    let rows = products(&x, &y);
    let mut decided = 0;
    for (row, &chosen) in rows.iter().zip(&choice) {
        let (found, tolerance) = row[chosen as usize];
        assert!(largest(row) - found <= 2.0 * tolerance, "column {chosen} of {}: {found}", largest(row));
        decided += row.iter().filter(|(other, _)| largest(row) - other > 2.0 * tolerance).count();
    }
    // The control: other columns would not have passed.
    assert!(decided * 10 > rows.len() * y.shape.plane() * 9, "{decided} of {} products differ", rows.len());
    let (cells, columns) = (x.shape.plane(), y.shape.plane());
    for (index, &found) in dx.iter().enumerate() {
        let (channel, cell) = (index / cells, index % cells);
        // Every gradient in a plan has passed the layer's ReLU already.
        let open = x.cells[index] > 0.0;
        let expected = if open { y.cells[channel * columns + choice[cell] as usize] } else { 0.0 };
        assert_eq!(found, expected, "channel {channel} of cell {cell}");
    }
    let sum: f64 = rows.iter().map(|row| largest(row)).sum();
    assert!((f64::from(value) - sum).abs() <= 1e-5 * sum, "{value} and {sum}");
}

/// The value before the first step, and all after it.
fn values(references: &References, objectives: &[&str]) -> Vec<f32> {
    let config = Config { octaves: 1.into(), ..two_octaves(objectives) };
    let picture = painted(64, 48);
    let mut dream =
        Dream::prepare_with(&Cpu::new(), &Weights::embedded(), Extent::new(48, 64), &config, references)
            .expect("a dream");
    let dreamed = dream.run(&picture, &mut |_| ControlFlow::Continue(())).expect("it runs");
    dreamed.found.into_iter().map(|found| found.value).collect()
}

fn near(found: f32, expected: f64) {
    // A value of f32 sums over features that went through some ten layers of f32.
    assert!((f64::from(found) - expected).abs() <= 1e-5 * expected.abs(), "{found} and {expected}");
}

#[test]
fn a_guided_dream_grows_more_like_its_guide() {
    let references = References { guide: Some(guide()), ..References::default() };
    let score = |layer: &str| -> f64 {
        let rows = products(&features(&painted(64, 48), layer), &features(&guide(), layer));
        rows.iter().map(|row| largest(row)).sum()
    };
    let one = values(&references, &[&format!("guide:{GUIDED}")]);
    near(one[0], score(GUIDED));
    assert!(one[1] > one[0], "{one:?}");
    // Several layers, each with its weight.
    let several = values(&references, &["guide:inception_3?/output*0.5"]);
    near(several[0], 0.5 * (score("inception_3a/output") + score(GUIDED)));
    // Another guide leads elsewhere.
    let other = References { guide: Some(painted(40, 40)), ..References::default() };
    assert_ne!(values(&other, &[&format!("guide:{GUIDED}")]), one);
}

#[test]
fn a_dream_grows_like_a_region() {
    let region = PixelBox { x: 8, y: 0, width: 24, height: 16 };
    let like =
        |region| References { like: Some(Likeness { picture: guide(), region }), ..References::default() };
    let found = values(&like(Some(region)), &[&format!("like:{GUIDED}*2")]);
    // Cells of 8 pixels: columns 1 to 3 and rows 0 and 1 of 11 by 5.
    let (x, y) = (features(&painted(64, 48), GUIDED), features(&guide(), GUIDED));
    assert_eq!((y.shape.width, y.shape.height), (11, 5));
    let mean = |channel: usize| -> f64 {
        let cells = [0, 1].map(|row| &y.cells[channel * 55 + row * 11 + 1..][..3]).concat();
        cells.iter().map(|&cell| f64::from(cell)).sum::<f64>() / 6.0
    };
    let direction: Vec<f64> = (0..y.shape.channels).map(mean).collect();
    let length = direction.iter().map(|cell| cell * cell).sum::<f64>().sqrt();
    let planes = x.cells.chunks_exact(x.shape.plane());
    let sum: f64 =
        planes.zip(&direction).flat_map(|(plane, d)| plane.iter().map(move |&x| d * f64::from(x))).sum();
    near(found[0], 2.0 * sum / length / x.shape.plane() as f64);
    assert!(found[1] > found[0], "{found:?}");
    assert_ne!(values(&like(None), &[&format!("like:{GUIDED}*2")]), found, "the box makes no difference");
}

#[test]
fn pictures_to_dream_after_are_checked() {
    let desk = desk();
    let start = "dream cat.png --device cpu --octaves 1 --iterations 1";
    for (arguments, words) in [
        ("--objective guide:inception_3b/output", &["guide:inception_3b/output", "--guide"][..]),
        ("--objective like:inception_3b/output", &["like:inception_3b/output", "--like"]),
        ("--guide cat.png --layer conv2/3x3", &["a guide is given", "guide:LAYER"]),
        ("--like cat.png --layer conv2/3x3", &["to be like is given", "like:LAYER"]),
        ("--guide cat.png --objective guide:conv9", &["conv9", "nearest"]),
        ("--like cat.png --like-box 60,0,5,4", &["60,0,5,4", "64x48"]),
        ("--like cat.png --like-box 1,2,3", &["'1,2,3'", "left, top, width and height"]),
        ("--like cat.png --like-box 1,2,0,3", &["'1,2,0,3'"]),
        ("--like-box 1,2,3,4", &["--like PICTURE"]),
    ] {
        desk.refuse(&format!("{start} {arguments}"), 2, words);
    }
    let guided = desk.run(&format!("{start} --guide none.png"));
    assert_eq!(guided.code, Some(1));
    assert!(guided.err.contains("none.png"), "{}", guided.err);
    let said = desk.succeed(&format!("{start} -v --guide cat.png --like cat.png --like-box 0,0,9,9")).err;
    assert!(said.contains("towards: guide:inception_") && said.contains(" + like:inception_"), "{said}");
}
