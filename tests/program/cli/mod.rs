//! The program as a user meets it: arguments, files, exit codes, and what is said on stdout and stderr.

mod arguments;
mod inputs;
mod outputs;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use image::{ImageBuffer, Luma, LumaA, Rgb, Rgba};
use puppyslug::picture::{Format, Picture};
use testkit::{Desk, Ran, Tensor, WeightsFile, turned};

/// What makes a dream quick.
const QUICK: &str = "--device cpu --octaves 1 --iterations 1 --layer conv2/3x3";

fn gradient(width: u32, height: u32) -> ImageBuffer<Rgb<u8>, Vec<u8>> {
    ImageBuffer::from_fn(width, height, |x, y| Rgb([(x * 37) as u8, (y * 53) as u8, (x * y * 11) as u8]))
}

fn size_of(path: &Path) -> (u32, u32) {
    image::image_dimensions(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_dream_is_saved_in_every_format() {
    let desk = Desk::new();
    for extension in
        ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif", "ppm", "pnm", "tga", "qoi", "PNG"]
    {
        let out = format!("dream.{extension}");
        let ran = desk.run(&format!("dream cat.png -o {out} {QUICK}"));
        assert_eq!((ran.code, &ran.text()[..], &ran.err[..]), (Some(0), "", &format!("{out}\n")[..]));
        let (dream, cat) = (Picture::open(desk.path(&out)), Picture::open(desk.path("cat.png")));
        let (dream, cat) = (dream.expect(extension), cat.expect("the cat"));
        assert_eq!((dream.width(), dream.height()), (40, 32), "{extension}");
        assert_ne!(dream.rgb(), cat.rgb(), "{extension}");
        fs::remove_file(desk.path(&out)).expect("it is there");
        if !Format::of_path(&out).expect(extension).holds_text() {
            fs::remove_file(desk.path(&format!("{out}.json"))).expect("its recipe lies beside it");
        }
    }
    assert_eq!(desk.files(), BTreeSet::from(["cat.png".to_owned()]));
}

#[test]
fn a_dream_without_a_name_lies_where_the_user_stands() {
    let desk = Desk::new();
    fs::create_dir(desk.path("pictures")).expect("made");
    fs::rename(desk.path("cat.png"), desk.path("pictures/cat.v2.png")).expect("moved");
    desk.succeed(&format!("dream pictures/cat.v2.png {QUICK}"));
    assert_eq!(
        desk.files(),
        BTreeSet::from(["cat.v2-dream.png".to_owned(), "pictures/cat.v2.png".to_owned()])
    );
}

#[test]
fn without_a_picture_the_sky_is_dreamed_over() {
    let desk = Desk::new();
    for (size, expected) in [("48", (48, 36)), ("100x24", (32, 24))] {
        desk.succeed(&format!("dream --size {size} {QUICK}"));
        assert_eq!(size_of(&desk.path("sky-dream.png")), expected);
    }
    let first = fs::read(desk.path("sky-dream.png")).expect("it is there");
    desk.succeed(&format!("dream --size 100x24 {QUICK}"));
    assert_eq!(fs::read(desk.path("sky-dream.png")).expect("again"), first, "the same seed, the same dream");
    desk.succeed(&format!("dream --size 100x24 {QUICK} --seed 2"));
    assert_ne!(fs::read(desk.path("sky-dream.png")).expect("again"), first);
}

#[test]
fn an_old_dream_is_replaced() {
    let desk = Desk::new();
    desk.put("cat-dream.png", "something old");
    desk.succeed(&format!("dream cat.png {QUICK}"));
    assert_eq!(size_of(&desk.path("cat-dream.png")), (40, 32));
}

#[test]
fn verbose_says_what_is_done() {
    let desk = Desk::new();
    let ran =
        desk.run("dream cat.png -v --device cpu --octaves 2 --iterations 1 --objective logit:sunflower*2");
    for words in ["device:  cpu (", "towards: logit:sunflower*2", "40x32, 1 iterations each", "B of buffers"]
    {
        assert!(ran.err.contains(words), "no {words:?} in: {}", ran.err);
    }
}

#[test]
fn octaves_too_small_for_the_layer_are_left_out_and_it_is_said() {
    let desk = Desk::new();
    let arguments = "--octave-scale 2 --iterations 1 --device cpu --layer inception_4c/output";
    let ran = desk.run(&format!("dream cat.png --octaves 3 {arguments}"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.starts_with("dreaming 2 of 3 octaves: "), "{}", ran.err);
    assert!(ran.err.contains("inception_4c/output"), "{}", ran.err);
    let ran = desk.run(&format!("dream cat.png --octaves 1 {arguments}"));
    assert_eq!(ran.err, "cat-dream.png\n");
}

#[test]
fn every_kind_of_picture_can_be_dreamed_over() {
    let desk = Desk::new();
    desk.save("rgba.png", ImageBuffer::from_fn(32, 32, |x, y| Rgba([(x * 8) as u8, 9, (y * 8) as u8, 100])));
    desk.save("gray.png", ImageBuffer::from_fn(32, 32, |x, y| Luma([(x * y) as u8])));
    desk.save("gray_alpha.png", ImageBuffer::from_fn(32, 32, |x, y| LumaA([(x * y) as u8, 50])));
    desk.save(
        "deep.png",
        ImageBuffer::from_fn(32, 32, |x, y| Rgb([(x * 2000) as u16, 7, (y * 2000) as u16])),
    );
    let fixtures =
        ["gray16.tif", "cmyk.jpg", "ycck.jpg", "cmyk.tif", "palette_clear_white.png", "animated.gif"];
    for name in fixtures {
        desk.fetch(name);
    }
    for name in ["rgba.png", "gray.png", "gray_alpha.png", "deep.png"].into_iter().chain(fixtures) {
        desk.succeed(&format!("dream {name} -o dream.png {QUICK}"));
        let (before, after) = (Picture::open(desk.path(name)), Picture::open(desk.path("dream.png")));
        let (before, after) = (before.expect(name), after.expect(name));
        assert_eq!((after.width(), after.height()), (32, 32), "{name}");
        assert_eq!(before.alpha(), after.alpha(), "{name}");
    }
}

#[test]
fn a_picture_stored_sideways_is_dreamed_upright() {
    let desk = Desk::new();
    desk.save("wide.jpg", gradient(48, 32));
    let stored = fs::read(desk.path("wide.jpg")).expect("just written");
    desk.put("turned.jpg", turned(&stored, 6));
    desk.succeed(&format!("dream turned.jpg {QUICK}"));
    assert_eq!(size_of(&desk.path("turned-dream.png")), (32, 48));
}

#[test]
fn a_probe_of_a_picture_tells_what_the_network_sees() {
    let desk = Desk::new();
    let probed = desk
        .probe("cat.png --mean 1,2,3 --layer data --layer conv1/relu_7x7 --objective channel:conv2/3x3:5");
    let names = ["activation/conv1/relu_7x7", "activation/data", "gradient", "value"];
    assert_eq!(probed.names(), names);
    assert_eq!(
        names.map(|name| probed.shape(name)),
        [vec![64, 16, 20], vec![3, 32, 40], vec![3, 32, 40], vec![1]]
    );
    let cat = Picture::open(desk.path("cat.png")).expect("the cat");
    let planes = cat.rgb().chunks(32 * 40).rev().zip([1.0, 2.0, 3.0]);
    let expected: Vec<f32> = planes.flat_map(|(plane, mean)| plane.iter().map(move |v| v - mean)).collect();
    assert_eq!(probed.values("activation/data"), expected);
    assert!(probed.values("activation/conv1/relu_7x7").iter().all(|value| *value >= 0.0));
    assert!(probed.values("gradient").iter().any(|value| *value != 0.0));
}

#[test]
fn a_probe_takes_a_tensor_as_it_is() {
    let desk = Desk::new();
    let seen = desk.probe("cat.png --layer data").values("activation/data");
    let mut file = WeightsFile { tensors: [].into(), metadata: [].into() };
    file.put("input", Tensor::f32(&[3, 32, 40], &seen));
    desk.put("input.safetensors", file.bytes());
    let look = "--layer conv2/norm2 --objective l2:conv2/3x3";
    let (picture, tensor) =
        (desk.probe(&format!("cat.png {look}")), desk.probe(&format!("input.safetensors {look}")));
    for name in ["activation/conv2/norm2", "gradient", "value"] {
        assert_eq!(picture.values(name), tensor.values(name), "{name}");
    }
}

#[test]
fn gradients_of_objectives_add_up() {
    let desk = Desk::new();
    let (one, other) = ("neuron:conv2/3x3:7:3,4", "channel:inception_3a/3x3:5");
    let a = desk.probe(&format!("cat.png --objective {one}"));
    let b = desk.probe(&format!("cat.png --objective {other}"));
    let both = desk.probe(&format!("cat.png --objective {one}*-2 --objective {other}*3"));
    for name in ["gradient", "value"] {
        let sum: Vec<f32> =
            a.values(name).iter().zip(b.values(name)).map(|(a, b)| -2.0 * a + 3.0 * b).collect();
        let largest = sum.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        assert!(largest > 0.0, "{name}");
        for (found, expected) in both.values(name).iter().zip(&sum) {
            assert!((found - expected).abs() <= 1e-4 * largest, "{name}: {found} for {expected}");
        }
    }
}

#[test]
fn layers_are_listed_with_what_they_see() {
    let desk = Desk::new();
    let table = desk.answer("layers");
    let line = |name: &str| {
        let line = table.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in: {table}")).split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(line("inception_4c/output"), ["inception_4c/output", "512", "16", "299"]);
    assert_eq!(line("loss3/classifier")[..2], ["loss3/classifier", "1000"]);
    desk.put("three.safetensors", WeightsFile::zeros(Some(3)).bytes());
    let table = desk.answer("layers --weights three.safetensors");
    let classifier =
        table.lines().find(|line| line.starts_with("loss3/classifier ")).expect("the classifier");
    assert_eq!(classifier.split_whitespace().nth(1), Some("3"));
}

#[test]
fn weights_may_come_from_the_environment() {
    let desk = Desk::new();
    desk.put("none.safetensors", WeightsFile::zeros(None).bytes());
    let ran = Ran::of(desk.command("layers").env("PUPPYSLUG_WEIGHTS", "none.safetensors"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!ran.text().contains("loss3/classifier"));
}

#[test]
fn devices_ends_with_the_one_that_is_taken() {
    let out = Desk::new().answer("devices");
    assert!(out.contains("\ncpu  cpu (") || out.starts_with("cpu  cpu ("), "{out}");
    assert!(out.lines().last().expect("a line").starts_with("auto takes "), "{out}");
}

#[test]
fn a_bench_prints_json_and_draws() {
    let desk = Desk::new();
    let quick = "bench --device cpu --size 32 --turns 1 --objective l2:conv1/7x7_s2";
    let printed = desk.answer(&format!("{quick} --json --plot roof.svg"));
    let report: serde_json::Value = serde_json::from_str(&printed).expect("JSON and nothing else");
    assert_eq!(report["objective"], "l2:conv1/7x7_s2");
    assert!(fs::read_to_string(desk.path("roof.svg")).expect("it is there").starts_with("<svg"));
    desk.refuse_at_once(&format!("{quick} --plot missing/roof.svg"), 1, &["there is no folder 'missing'"]);
    desk.refuse_at_once(&format!("{quick} --plot ."), 2, &["is a folder"]);
    let several = desk
        .answer("bench --device cpu --size 64 --turns 1 --layer conv1/7x7_s2=2 --objective logit:3 --json");
    let report: serde_json::Value = serde_json::from_str(&several).expect("JSON");
    assert_eq!(report["objective"], "l2:conv1/7x7_s2*2 + logit:3");
    desk.refuse_at_once("bench --objective l2:conv9", 2, &["no layer 'conv9'"]);
    desk.refuse_at_once("bench --turns 0", 2, &["--turns", "1..=10000"]);
}

#[test]
fn help_has_examples_and_goes_to_stdout() {
    let desk = Desk::new();
    for arguments in ["--help", "dream --help", "probe --help", "help dream"] {
        let help = desk.answer(arguments);
        assert!(help.contains("Examples:\n  puppyslug "), "{help}");
        assert!(!help.contains('\x1b'), "colours in a pipe: {help}");
    }
    assert_eq!(desk.answer("--version"), format!("puppyslug {}\n", env!("CARGO_PKG_VERSION")));
    let ran = desk.run("");
    assert_eq!((ran.code, &ran.text()[..]), (Some(2), ""));
    let usage = format!("Usage: puppyslug{} <COMMAND>", std::env::consts::EXE_SUFFIX);
    assert!(ran.err.contains(&usage), "{}", ran.err);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut child = Desk::new().command("layers").stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_said() {
    let full = fs::File::create("/dev/full").expect("a device of every Linux");
    let ran = Ran::of(Desk::new().command("layers").stdout(full));
    ran.assert_failed("layers", 1, &["cannot write to stdout", "No space left"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_dreamed() {
    use std::io::{BufRead, BufReader, Read};
    let desk = Desk::new();
    let arguments = "dream --size 96 -v --device cpu --octaves 1 --iterations 1000000 --layer conv1/7x7_s2";
    let mut child = desk.command(arguments).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut talk = BufReader::new(child.stderr.take().expect("a pipe"));
    // From its last words before the work on, it listens.
    let mut line = String::new();
    while !line.starts_with("memory:") {
        line.clear();
        assert_ne!(talk.read_line(&mut line).expect("UTF-8"), 0, "it ended before it began");
    }
    let kill = std::process::Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status();
    assert!(kill.expect("a shell").success());
    let mut rest = String::new();
    talk.read_to_string(&mut rest).expect("UTF-8");
    assert_eq!(rest, "error: stopped by Ctrl-C; what was dreamed by then is in sky-dream.png\n");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    assert_eq!(size_of(&desk.path("sky-dream.png")), (96, 72));
    assert_eq!(desk.files(), BTreeSet::from(["cat.png".to_owned(), "sky-dream.png".to_owned()]));
}
