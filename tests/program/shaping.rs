//! What each control must change, in numbers, and how bad values are refused.

use std::ops::ControlFlow;
use std::path::Path;

use image::{DynamicImage, GrayImage, Luma, Rgba, RgbaImage};
use puppyslug::cpu::Cpu;
use puppyslug::dream::controls::{Color, Optimizer};
use puppyslug::dream::{Config, Controls, Dream, Mask, References};
use puppyslug::extent::Extent;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::shaping::Normalise;
use testkit::Desk;

const WIDTH: usize = 72;
const HEIGHT: usize = 56;

/// A short dream over a sky that is shaped.
fn dream(controls: Controls) -> Picture {
    dream_over(&source(), controls, None)
}

fn source() -> Picture {
    sky(Extent::new(HEIGHT, WIDTH), 7).expect("a sky")
}

fn dream_over(source: &Picture, controls: Controls, mask: Option<Vec<f32>>) -> Picture {
    let weights = Weights::embedded();
    let config =
        Config { octaves: 2.into(), iterations: 4.into(), controls, ..Config::for_weights(&weights) };
    let size = source.extent();
    let gray = |mask: Vec<f32>| {
        let gray: Vec<f32> = mask.into_iter().map(|factor| 255.0 * factor).collect();
        Mask::Picture(Picture::from_rgb(size, [&gray[..]; 3].concat()).expect("a mask"))
    };
    let references = References { masks: mask.map(gray).into_iter().collect(), ..References::default() };
    let mut dream = Dream::prepare_with(&Cpu::new(), &weights, size, &config, &references).expect("it fits");
    dream.run(source, &mut |_| ControlFlow::Continue(())).expect("a dream").picture
}

fn bits(picture: &Picture) -> Vec<u32> {
    picture.rgb().iter().map(|sample| sample.to_bits()).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    sum / count as f64
}

/// Mean distance of all samples.
fn distance(a: &Picture, b: &Picture) -> f64 {
    mean(a.rgb().iter().zip(b.rgb()).map(|(a, b)| f64::from((a - b).abs())))
}

/// As a file has it: whole numbers from 0 to 255.
fn saved(picture: &Picture) -> Picture {
    let mut saved = picture.clone();
    saved.rgb_mut().iter_mut().for_each(|sample| *sample = sample.round().clamp(0.0, 255.0));
    saved
}

/// Cb and Cr (BT.601, full range) of each pixel.
fn chroma(picture: &Picture) -> Vec<[f64; 2]> {
    let plane = picture.width() * picture.height();
    let sample = |at: usize| f64::from(picture.rgb()[at]);
    let pixels = (0..plane).map(|at| [sample(at), sample(plane + at), sample(2 * plane + at)]);
    let of =
        |[r, g, b]: [f64; 3]| [-0.168736 * r - 0.331264 * g + 0.5 * b, 0.5 * r - 0.418688 * g - 0.081312 * b];
    pixels.map(of).collect()
}

fn largest_chroma_change(a: &Picture, b: &Picture) -> f64 {
    let pairs = chroma(a).into_iter().zip(chroma(b));
    pairs.flat_map(|(a, b)| [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()]).fold(0.0, f64::max)
}

/// Mean and standard deviation of each colour.
fn moments(picture: &Picture) -> Vec<(f64, f64)> {
    let plane = picture.width() * picture.height();
    let of = |cells: &[f32]| {
        let middle = mean(cells.iter().map(|&cell| f64::from(cell)));
        (middle, mean(cells.iter().map(|&cell| (f64::from(cell) - middle).powi(2))).sqrt())
    };
    picture.rgb().chunks_exact(plane).map(of).collect()
}

#[test]
fn where_the_mask_is_zero_nothing_changes() {
    let source = source();
    let mask: Vec<f32> = (0..WIDTH * HEIGHT).map(|at| [0.0, 0.5, 1.0][at % WIDTH * 3 / WIDTH]).collect();
    let plain = dream(Controls::default());
    let masked = dream_over(&source, Controls::default(), Some(mask.clone()));
    let (mut moved, mut moved_plain) = ([0.0; 3], [0.0; 3]);
    for (index, (to, from)) in masked.rgb().iter().zip(source.rgb()).enumerate() {
        let at = index % (WIDTH * HEIGHT);
        if mask[at] == 0.0 {
            assert_eq!(to.to_bits(), from.to_bits(), "sample {index}");
        }
        moved[at % WIDTH * 3 / WIDTH] += (to - from).abs();
        moved_plain[at % WIDTH * 3 / WIDTH] += (plain.rgb()[index] - from).abs();
    }
    assert!(moved[1] > 0.2 * moved_plain[1] && moved[1] < 0.9 * moved_plain[1], "{moved:?} {moved_plain:?}");
    assert!(moved[2] > 0.5 * moved_plain[2], "{moved:?} {moved_plain:?}");
}

#[test]
fn a_mask_of_ones_is_no_mask() {
    let open = dream_over(&source(), Controls::default(), Some(vec![1.0; WIDTH * HEIGHT]));
    assert_eq!(bits(&open), bits(&dream(Controls::default())));
}

#[test]
fn kept_colours_are_within_one_level() {
    let (source, plain) = (source(), dream(Controls::default()));
    let kept = dream(Controls { color: Color::Keep, ..Controls::default() });
    let change = largest_chroma_change(&saved(&kept), &saved(&source));
    assert!(change <= 1.0, "chroma moves by {change}");
    assert!(largest_chroma_change(&plain, &source) > 10.0, "the plain dream has colours of its own");
    assert!(distance(&kept, &source) > 2.0, "brightness is dreamed");
    // Saturated colours leave brightness no room, and stay what they are.
    let blue = Picture::from_rgb(
        Extent::new(HEIGHT, WIDTH),
        [0.0, 0.0, 255.0].map(|x| vec![x; WIDTH * HEIGHT]).concat(),
    );
    let mut blue = blue.expect("a picture");
    blue.rgb_mut().iter_mut().zip(source.rgb()).skip(40).take(900).for_each(|(to, from)| *to = *from);
    let kept = dream_over(&blue, Controls { color: Color::Keep, ..Controls::default() }, None);
    assert!(largest_chroma_change(&saved(&kept), &saved(&blue)) <= 1.0);
}

#[test]
fn strength_goes_from_the_source_to_the_dream_and_beyond() {
    let (source, plain) = (source(), dream(Controls::default()));
    let with = |strength| dream(Controls { strength, ..Controls::default() });
    assert_eq!(bits(&with(0.0)), bits(&source));
    assert_eq!(bits(&with(1.0)), bits(&plain));
    let whole = distance(&plain, &source);
    for strength in [0.25, 1.5] {
        let part = distance(&with(strength), &source) / whole;
        assert!((part - f64::from(strength)).abs() < 1e-4, "{strength}: {part}");
    }
}

#[test]
fn contrast_makes_percentiles_black_and_white() {
    let fitted = dream(Controls { contrast: Some((5.0, 90.0)), ..Controls::default() });
    let share = |value: f32| mean(fitted.rgb().iter().map(|&x| f64::from(u8::from(x == value))));
    // Of samples that are all different, rounding moves one at most.
    assert!((share(0.0) - 0.05).abs() < 2e-3, "black: {}", share(0.0));
    assert!((share(255.0) - 0.10).abs() < 2e-3, "white: {}", share(255.0));
}

#[test]
fn what_pulls_back_keeps_the_dream_near() {
    let source = source();
    let plain = distance(&dream(Controls::default()), &source);
    let with = |controls| distance(&dream(controls), &source);
    let l2 = with(Controls { l2: 40.0, ..Controls::default() });
    let kept = with(Controls { keep: (0.3, 0.3), ..Controls::default() });
    assert!(l2 < 0.9 * plain, "{l2} of {plain}");
    assert!(kept < 0.9 * plain, "{kept} of {plain}");
    let whole = with(Controls { keep: (1.0, 1.0), ..Controls::default() });
    assert!(whole < 1e-4, "all the way back: {whole}");
    let gray = dream(Controls { keep: (0.0, 1.0), ..Controls::default() });
    let (free, held) = (dream(Controls::default()), largest_chroma_change(&gray, &source));
    // Eight turns round samples of up to 255 a dozen times.
    assert!(held <= 1e-2 && largest_chroma_change(&free, &source) > 10.0, "chroma moves by {held}");
}

/// The guard works on f32 sums of four thousand cells, and on a picture that is clipped to 0..255 only by
/// the next step: what the last one puts outside is still there.
#[test]
fn the_guard_keeps_mean_and_variance() {
    let before = moments(&source());
    let guarded = moments(&dream(Controls { guard: true, ..Controls::default() }));
    for (&(mean, deviation), (found_mean, found_deviation)) in before.iter().zip(guarded) {
        assert!((found_mean - mean).abs() < 1e-2, "mean {mean} became {found_mean}");
        assert!((found_deviation / deviation - 1.0).abs() < 1e-3, "{deviation} became {found_deviation}");
    }
    let free = moments(&dream(Controls::default()));
    let drifts = before.iter().zip(free).any(|(a, b)| (b.1 / a.1 - 1.0).abs() > 1e-2);
    assert!(drifts, "without a guard nothing drifts either");
}

#[test]
fn a_gradient_is_as_long_as_its_norm_says() {
    let source = source();
    let moved = |normalize| distance(&dream(Controls { normalize, ..Controls::default() }), &source);
    let (mean, std, rms) =
        (moved(Normalise::Mean), moved(Normalise::Deviation), moved(Normalise::RootMeanSquare));
    // The root of a mean square is never below the mean magnitude, and for gradients well above.
    assert!(rms < mean && std < mean, "mean {mean}, std {std}, rms {rms}");
}

/// Sum of squared differences of neighbours, the picture going on from its last cell to its first.
fn variation(picture: &Picture) -> f64 {
    let (height, width) = (picture.height(), picture.width());
    let plane = |cells: &[f32]| {
        let at = |row: usize, column: usize| f64::from(cells[row % height * width + column % width]);
        let cells = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        cells
            .map(|(row, column)| {
                let here = at(row, column);
                (here - at(row, column + 1)).powi(2) + (here - at(row + 1, column)).powi(2)
            })
            .sum::<f64>()
    };
    picture.rgb().chunks_exact(height * width).map(plane).sum()
}

#[test]
fn total_variation_falls_with_its_weight() {
    let with = |tv| variation(&dream(Controls { tv, ..Controls::default() }));
    let (none, some, much) = (with((0.0, 2.0)), with((2.0, 2.0)), with((8.0, 2.0)));
    assert!(some < 0.98 * none && much < 0.95 * some, "{none}, {some}, {much}");
    let edges = with((1.0, 1.5));
    assert!(edges < 0.98 * none, "{none}, {edges}");
}

#[test]
fn smoothed_gradients_make_smoother_pictures() {
    let source = source();
    let rough = |controls| {
        let dreamed = dream(controls);
        let mut detail = dreamed.clone();
        detail.rgb_mut().iter_mut().zip(source.rgb()).for_each(|(to, from)| *to -= from);
        let energy: f64 = detail.rgb().iter().map(|&x| f64::from(x).powi(2)).sum();
        variation(&detail) / energy
    };
    let (plain, smooth) =
        (rough(Controls::default()), rough(Controls { smooth: true, ..Controls::default() }));
    assert!(smooth < 0.8 * plain, "{smooth} of {plain}");
    // Coarse bands made as strong as fine ones do the same.
    let coarse = rough(Controls { laplacian: 4, ..Controls::default() });
    assert!(coarse < 0.9 * plain, "{coarse} of {plain}");
}

/// With Adam's first turn every sample that has a gradient moves by the step; no later one moves farther than
/// `(1 - b1) / sqrt(1 - b2) = 3.2` steps.
#[test]
fn adam_goes_by_steps() {
    let (source, weights) = (source(), Weights::embedded());
    let run = |iterations: usize, step: f32| {
        let controls = Controls { optimizer: Optimizer::Adam, ..Controls::default() };
        let (octaves, iterations, step) = (1.into(), iterations.into(), step.into());
        let config = Config { octaves, iterations, step, controls, ..Config::for_weights(&weights) };
        let mut dream =
            Dream::prepare(&Cpu::new(), &weights, Extent::new(HEIGHT, WIDTH), &config).expect("it fits");
        let dreamed = dream.run(&source, &mut |_| ControlFlow::Continue(())).expect("a dream").picture;
        dreamed.rgb().iter().zip(source.rgb()).map(|(to, from)| (to - from).abs()).collect::<Vec<f32>>()
    };
    // Moving to a sum with 255 and back costs each sample some roundings of 1e-5.
    let first = run(1, 1.5);
    let whole = first.iter().filter(|&&moved| (moved - 1.5).abs() < 1e-3).count();
    assert!(whole > first.len() * 9 / 10, "{whole} of {} moved by the step", first.len());
    assert!(first.iter().all(|&moved| moved < 1.501), "some move farther");
    assert!(run(3, 0.5).iter().all(|&moved| moved < 3.0 * 3.2 * 0.5), "bounded");
}

// The flags.

/// What makes a dream quick.
const QUICK: &str = "--device cpu --octaves 1 --iterations 1 --layer conv2/3x3";

fn pixels(path: impl AsRef<Path>) -> RgbaImage {
    image::open(path).expect("a picture").into_rgba8()
}

fn paint(desk: &Desk, name: &str, image: impl Into<DynamicImage>) {
    image.into().save(desk.path(name)).expect("a picture is written");
}

#[test]
fn masks_come_from_files_and_from_alpha() {
    let desk = Desk::new();
    paint(&desk, "mask.png", GrayImage::from_fn(40, 32, |x, _| Luma([if x < 20 { 0 } else { 255 }])));
    desk.succeed(&format!("dream cat.png --mask mask.png -o masked.png {QUICK}"));
    let (cat, masked) = (pixels(desk.path("cat.png")), pixels(desk.path("masked.png")));
    let changed = |columns: std::ops::Range<u32>| {
        columns.flat_map(|x| (0..32).map(move |y| (x, y))).any(|(x, y)| cat[(x, y)] != masked[(x, y)])
    };
    assert!(!changed(0..20) && changed(20..40));
    let clear = RgbaImage::from_fn(40, 32, |x, y| {
        Rgba([(x * 6) as u8, (y * 7) as u8, (x * y) as u8, if y < 16 { 0 } else { 255 }])
    });
    paint(&desk, "clear.png", clear.clone());
    desk.succeed(&format!("dream clear.png --mask alpha -o masked.png {QUICK}"));
    let masked = pixels(desk.path("masked.png"));
    let same = |(x, y, pixel): &(u32, u32, &Rgba<u8>)| *y >= 16 || clear[(*x, *y)] == **pixel;
    assert!(masked.enumerate_pixels().all(|at| same(&at)));
    assert!(masked.rows().skip(16).flatten().zip(clear.rows().skip(16).flatten()).any(|(a, b)| a != b));
}

#[test]
fn every_flag_dreams() {
    let desk = Desk::new();
    for flags in [
        "--color keep",
        "--strength 0.5",
        "--contrast 1,99",
        "--normalize std",
        "--normalize rms",
        "--l2 2",
        "--keep 0.1",
        "--keep 0.1,0.5",
        "--guard",
        "--smooth",
        "--laplacian 4",
        "--tv 2",
        "--tv 2,1.5",
        "--optimizer adam",
        "--smooth --laplacian 3 --normalize std --tv 1 --optimizer adam --guard --keep 0.1 --color keep",
    ] {
        desk.succeed(&format!("dream cat.png {flags} {QUICK}"));
        std::fs::remove_file(desk.path("cat-dream.png")).expect("it is there");
    }
    desk.succeed(&format!("dream cat.png --strength 0 {QUICK}"));
    assert_eq!(pixels(desk.path("cat-dream.png")), pixels(desk.path("cat.png")));
}

#[test]
fn bad_values_are_refused() {
    let desk = Desk::new();
    for (flags, words) in [
        ("--color gray", &["'gray'", "--color", "dream or keep"][..]),
        ("--optimizer sgd", &["'sgd'", "--optimizer", "step or adam"]),
        ("--laplacian 11", &["laplacian is 11", "from 0 to 10"]),
        ("--laplacian -1", &["'-1'", "--laplacian", "a whole number"]),
        ("--tv x", &["'x'", "--tv", "one or two numbers are needed, weight and exponent"]),
        ("--tv 1,2,3", &["'1,2,3'", "--tv", "one or two numbers are needed, weight and exponent"]),
        ("--tv -1", &["tv weight is -1", "from 0 to 1000"]),
        ("--tv 1,0.5", &["tv exponent is 0.5", "from 1 to 4"]),
        ("--tv 1,nan", &["tv exponent is NaN", "from 1 to 4"]),
        ("--normalize max", &["'max'", "--normalize", "mean, std or rms"]),
        ("--strength x", &["'x'", "--strength", "a number is needed"]),
        ("--strength 11", &["strength is 11", "from 0 to 10"]),
        ("--strength -1", &["strength is -1", "from 0 to 10"]),
        ("--strength nan", &["strength is NaN", "from 0 to 10"]),
        ("--contrast 5", &["'5'", "--contrast", "two numbers are needed"]),
        ("--contrast 99,1", &["contrast is 99,1", "the lower first"]),
        ("--contrast -1,50", &["contrast low is -1", "from 0 to 100"]),
        ("--l2 -1", &["l2 is -1", "from 0 to 1000"]),
        ("--l2 inf", &["l2 is inf", "from 0 to 1000"]),
        ("--keep 2", &["keep luma is 2", "from 0 to 1"]),
        ("--keep 0.1,x", &["'0.1,x'", "--keep", "one or two numbers are needed, luma and chroma"]),
        ("--keep 0.1,nan", &["keep chroma is NaN", "from 0 to 1"]),
        ("--mask alpha", &["transparency", "--mask PICTURE"]),
    ] {
        desk.refuse(&format!("dream cat.png {flags} {QUICK}"), 2, words);
    }
    desk.refuse(&format!("dream cat.png --mask nothing.png {QUICK}"), 1, &["nothing.png"]);
}
