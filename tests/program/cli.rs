//! The program as a user meets it: arguments, files, exit codes, and what is said on stdout and stderr.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use image::{ImageBuffer, Luma, LumaA, Rgb, Rgba};
use puppyslug::net::Weights;
use puppyslug::picture::Format;
use puppyslug::picture::Picture;
use testkit::{Desk, Ran, Tensor, WeightsFile, hostile_weights, turned};

/// What makes a dream quick.
const QUICK: &str = "--device cpu --octaves 1 --iterations 1 --layer conv2/3x3";

fn gradient(width: u32, height: u32) -> ImageBuffer<Rgb<u8>, Vec<u8>> {
    ImageBuffer::from_fn(width, height, |x, y| Rgb([(x * 37) as u8, (y * 53) as u8, (x * y * 11) as u8]))
}

fn size_of(path: &Path) -> (u32, u32) {
    image::image_dimensions(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

// The ordinary ways.

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
    for words in
        ["device:  cpu (", "climbs:  logit:sunflower*2", "40x32, 1 iterations each", "MiB of buffers"]
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
    desk.refuse(&format!("{quick} --plot missing/roof.svg"), 1, &["there is no folder 'missing'"]);
    desk.refuse(&format!("{quick} --plot ."), 2, &["is a folder"]);
    desk.refuse("bench --objective l2:conv9", 2, &["no layer 'conv9'"]);
    desk.refuse("bench --turns 0", 2, &["--turns", "1..=10000"]);
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
    assert!(ran.err.contains("Usage: puppyslug <COMMAND>"), "{}", ran.err);
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
    let kill = Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status();
    assert!(kill.expect("a shell").success());
    let mut rest = String::new();
    talk.read_to_string(&mut rest).expect("UTF-8");
    assert_eq!(rest, "error: stopped by Ctrl-C; what was dreamed by then is in sky-dream.png\n");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    assert_eq!(size_of(&desk.path("sky-dream.png")), (96, 72));
    assert_eq!(desk.files(), BTreeSet::from(["cat.png".to_owned(), "sky-dream.png".to_owned()]));
}

// What is refused: arguments.

#[test]
fn unknown_words_are_refused() {
    let desk = Desk::new();
    desk.refuse("dreem", 2, &["unrecognized subcommand 'dreem'"]);
    desk.refuse("dream --colour", 2, &["'--colour'"]);
    desk.refuse("dream cat.png dog.png", 2, &["'dog.png'"]);
    desk.refuse("probe cat.png --layer data", 2, &["required"]);
    desk.refuse("probe -o out.safetensors --layer data", 2, &["required"]);
    desk.refuse("dream -o", 2, &["a value is required for '--out <FILE>'"]);
    desk.refuse("dream cat.png --octaves 1 --octaves 2", 2, &["cannot be used multiple times"]);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let desk = Desk::new();
    for (flag, name) in
        [("octaves", "N|auto"), ("iterations", "N[,N...]"), ("jitter", "N[,N...]"), ("seed", "N")]
    {
        for value in ["-1", "x", "1.5", "nan", "1e3"] {
            let words = [&format!("'{value}'"), &format!("--{flag} <{name}>"), "a whole number is needed"];
            desk.refuse(&format!("dream cat.png --{flag}={value}"), 2, &words);
        }
        let words = [&format!("--{flag} <{name}>"), "too large"];
        desk.refuse(&format!("dream cat.png --{flag} 99999999999999999999999"), 2, &words);
    }
    for (flag, name) in [("octave-scale", "X"), ("step", "X[,X...]")] {
        for value in ["x", "1,5,", "1..2"] {
            let words = [&format!("'{value}'"), &format!("--{flag} <{name}>"), "a number is needed"];
            desk.refuse(&format!("dream cat.png --{flag}={value}"), 2, &words);
        }
    }
    desk.refuse("dream cat.png --jitter -1", 2, &["'-1'", "--jitter"]);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let desk = Desk::new();
    for (flag, values, accepted) in [
        ("octaves", &["0", "101"][..], "from 1 to 100"),
        ("iterations", &["0", "1000001"], "from 1 to 1000000"),
        ("jitter", &["65536", "4294967295"], "from 0 to 65535"),
        ("octave-scale", &["1", "0.5", "0", "-2", "101", "nan", "inf", "-inf"], "above 1 and at most 100"),
        ("step", &["0", "-0", "1001", "-1001", "1e39", "nan", "NaN", "inf", "-inf"], "from -1000 to 1000"),
    ] {
        for value in values {
            desk.refuse(&format!("dream cat.png --{flag}={value}"), 2, &[accepted, &flag.replace('-', " ")]);
        }
    }
}

#[test]
fn means_and_sizes_that_are_none_are_refused() {
    let desk = Desk::new();
    for mean in ["1,2", "1,2,3,4", "a,b,c", "256,0,0", "-1,0,0", "nan,0,0", "inf,0,0", "104;116;122", ","] {
        let words = [&format!("'{mean}'"), "--mean", "three numbers from 0 to 255"];
        desk.refuse(&format!("dream cat.png --mean={mean}"), 2, &words);
        desk.refuse(&format!("probe cat.png -o o.safetensors --layer data --mean={mean}"), 2, &words);
    }
    for size in ["0", "0x5", "5x0", "x", "-5", "5x", "65536", "1.5", "nan", "1x2x3", "999999999999999999999"]
    {
        let words = [&format!("'{size}'"), "--size", "640x480", "65535"];
        desk.refuse(&format!("dream cat.png --size={size}"), 2, &words);
    }
}

#[test]
fn objectives_that_are_none_are_refused() {
    let desk = Desk::new();
    for (flag, words) in [
        ("--objective inception_4c/output", "no colon"),
        ("--objective l3:data", "no kind of objective is called 'l3'"),
        ("--objective channel:data", "wrong number of fields"),
        ("--objective channel:data:x", "'x' is not a channel number"),
        ("--objective neuron:data:0:1", "not a row and a column"),
        ("--objective l2:data*nan", "weight 'nan'"),
        ("--objective l2:data*0", "weight '0'"),
        ("--objective l2:data*@0", "'0' are no octaves"),
        ("--objective l2:", "names nothing"),
        ("--layer data=inf", "weight 'inf'"),
        ("--layer data=0", "weight '0'"),
        ("--layer =1", "a layer's name is needed"),
    ] {
        desk.refuse(&format!("dream cat.png {flag}"), 2, &[words]);
    }
    desk.refuse("probe cat.png -o o.safetensors --objective l2", 2, &["no colon"]);
}

#[test]
fn names_that_are_not_there_get_the_nearest_that_are() {
    let desk = Desk::new();
    let layer = ["no layer 'inception_4c/outptu'", "nearest: inception_4c/output", "`puppyslug layers`"];
    let class = ["no class 'sunflwer'", "nearest: sunflower"];
    for (command, output) in [("dream", "o.png"), ("probe", "o.safetensors")] {
        let start = format!("{command} cat.png -o {output} --device cpu");
        desk.refuse(&format!("{start} --objective l2:inception_4c/outptu"), 2, &layer);
        desk.refuse(&format!("{start} --layer inception_4c/outptu"), 2, &layer);
        desk.refuse(&format!("{start} --objective logit:sunflwer"), 2, &class);
        desk.refuse(&format!("{start} --objective logit:1000"), 2, &["classes 0 to 999, and 1000"]);
        desk.refuse(
            &format!("{start} --objective channel:inception_3a/output:256"),
            2,
            &["'inception_3a/output' has channels 0 to 255, and 256"],
        );
        desk.refuse(
            &format!("{start} --objective neuron:inception_3a/output:0:4,5"),
            1,
            &["neuron 4,5 lies outside layer 'inception_3a/output'", "4 rows by 5 columns", "40x32"],
        );
        let far = "neuron:inception_3a/output:0:0,18446744073709551615";
        desk.refuse(&format!("{start} --objective {far}"), 1, &["lies outside", "4 rows by 5 columns"]);
    }
    for device in ["cqu", "4096", "-"] {
        let words = [&format!("no device '{device}'"), "nearest: ", "`puppyslug devices`"];
        desk.refuse(&format!("dream cat.png --device {device}"), 2, &words);
        desk.refuse(&format!("probe cat.png -o o.safetensors --layer data --device {device}"), 2, &words);
    }
}

#[test]
fn a_probe_of_nothing_is_refused() {
    Desk::new().refuse("probe cat.png -o o.safetensors", 2, &["nothing to probe", "--layer", "--objective"]);
}

// What is refused: outputs.

#[test]
fn outputs_that_cannot_be_are_refused() {
    let desk = Desk::new();
    fs::create_dir(desk.path("folder.png")).expect("made");
    fs::create_dir(desk.path("folder.safetensors")).expect("made");
    let probe = "probe cat.png --layer data --device cpu";
    for output in ["o", "o.xyz", "o.", ".png", "o.png.bak"] {
        desk.refuse(&format!("dream cat.png -o {output}"), 2, &[&format!("'{output}'"), "png, jpg"]);
    }
    desk.refuse(&format!("{probe} -o o.png"), 2, &["'o.png'", "must end in .safetensors"]);
    for (start, ending) in [("dream cat.png", "png"), (probe, "safetensors")] {
        desk.refuse(&format!("{start} -o folder.{ending}"), 2, &["cannot write 'folder.", "is a folder"]);
        desk.refuse(&format!("{start} -o ."), 2, &["cannot write '.'", "is a folder"]);
        let missing = ["cannot write", "there is no folder 'missing'"];
        desk.refuse(&format!("{start} -o missing/o.{ending}"), 1, &missing);
        desk.refuse(&format!("{start} -o cat.png/o.{ending}"), 1, &["there is no folder 'cat.png'"]);
        if cfg!(target_os = "linux") {
            let words = ["cannot write '/proc/o.", "folder '/proc' takes no new file"];
            desk.refuse(&format!("{start} -o /proc/o.{ending}"), 1, &words);
        }
    }
}

#[test]
fn what_is_read_is_never_written_over() {
    let desk = Desk::new();
    let mut file = WeightsFile { tensors: [].into(), metadata: [].into() };
    file.put("input", Tensor::f32(&[3, 8, 8], &[1.0; 192]));
    desk.put("in.safetensors", file.bytes());
    fs::create_dir(desk.path("sub")).expect("made");
    let mut outputs = vec!["cat.png".to_owned(), "./cat.png".to_owned(), "sub/../cat.png".to_owned()];
    outputs.push(desk.path("cat.png").display().to_string());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("cat.png", desk.path("link.png")).expect("made");
        outputs.push("link.png".to_owned());
        desk.refuse("dream link.png -o cat.png", 2, &["'cat.png' is 'link.png'"]);
    }
    let cat = fs::read(desk.path("cat.png")).expect("the cat");
    for output in outputs {
        desk.refuse(&format!("dream cat.png -o {output} {QUICK}"), 2, &["which is read", "another place"]);
    }
    assert_eq!(fs::read(desk.path("cat.png")).expect("the cat"), cat);
    let probe = "probe in.safetensors --layer data -o";
    desk.refuse(&format!("{probe} ./in.safetensors"), 2, &["another place"]);
    desk.put("w.safetensors", WeightsFile::zeros(None).bytes());
    desk.refuse(&format!("{probe} w.safetensors --weights w.safetensors"), 2, &["another place"]);
}

#[test]
fn a_picture_larger_than_the_format_is_refused_before_the_work() {
    let desk = Desk::new();
    desk.save("wide.png", gradient(16_385, 1));
    let words = ["16385x1 is too large for this format", "16384"];
    let work = "--iterations 1000000 --device cpu --layer conv1/7x7_s2";
    desk.refuse(&format!("dream wide.png -o wide.webp {work}"), 1, &words);
}

// What is refused: pictures.

#[test]
fn files_that_are_no_pictures_are_refused() {
    let desk = Desk::new();
    let png = fs::read(desk.path("cat.png")).expect("the cat");
    desk.put("empty.png", "");
    desk.put("cut.png", &png[..png.len() / 2]);
    desk.put("text.png", "Dear diary, today I saw a dog in the clouds.");
    desk.put("lying.ppm", "P6 16000 16000 255\n???");
    desk.put("flat.ppm", "P6 5 0 255\n");
    desk.put("giant.ppm", "P6 60000 50000 255\n???");
    desk.put("two\nlines.png", "");
    fs::create_dir(desk.path("folder")).expect("made");
    for (name, words) in [
        ("missing.png", "there is no picture at"),
        ("empty.png", "is empty"),
        ("cut.png", "damaged or cut short"),
        ("text.png", "not a picture in a known format"),
        ("lying.ppm", "damaged or cut short"),
        ("flat.ppm", "has no pixels"),
        ("giant.ppm", "60000x50000 is too large"),
        ("folder", "is a folder"),
    ] {
        desk.refuse(&format!("dream {name} --device cpu"), 1, &[name, words]);
        desk.refuse(&format!("probe {name} -o o.safetensors --layer data --device cpu"), 1, &[name, words]);
    }
    let ran = Ran::of(desk.command("dream").arg("two\nlines.png"));
    ran.assert_failed("a name of two lines", 1, &["'two\\nlines.png' is empty"]);
    assert_eq!(ran.err.lines().count(), 1);
}

#[test]
fn a_picture_too_small_for_the_layer_is_refused_with_the_size_needed() {
    let desk = Desk::new();
    desk.save("dot.png", gradient(1, 1));
    let words = ["1x1", "inception_4c/output", "at least 15 pixels a side"];
    let climb = "--layer inception_4c/output --device cpu";
    desk.refuse(&format!("dream dot.png {climb}"), 1, &words);
    desk.refuse(&format!("probe dot.png -o o.safetensors {climb}"), 1, &words);
    desk.refuse(&format!("dream --size 1 {climb}"), 1, &words);
}

#[test]
fn a_picture_that_moves_nothing_is_refused() {
    let desk = Desk::new();
    // The mean colour leaves nothing but the bias, and a negative one does not pass the ReLU.
    let weights = Weights::embedded();
    let [b, g, r] = weights.mean();
    let mean = [r, g, b].map(|level| level as u8);
    desk.save("flat.png", ImageBuffer::from_pixel(32, 32, Rgb(mean)));
    let conv1 = weights.network().find("conv1/7x7_s2").expect("a layer");
    let dead = weights.filter(conv1).bias.iter().position(|bias| *bias < 0.0).expect("a negative bias");
    let objective = format!("channel:conv1/relu_7x7:{dead}");
    desk.refuse(
        &format!("dream flat.png --octaves 1 --device cpu --objective {objective}"),
        1,
        &["the gradient is zero in octave 1 (32x32)", &objective, "Try another layer"],
    );
}

#[test]
fn numbers_that_run_away_are_refused() {
    let desk = Desk::new();
    let arguments = "dream cat.png --octaves 1 --iterations 1 --device cpu --layer conv2/3x3=3e38";
    desk.refuse(arguments, 1, &["not finite in octave 1", "weight"]);
}

#[test]
fn tensors_that_are_no_input_are_refused() {
    let desk = Desk::new();
    let tensor = |name: &str, tensor: Tensor| {
        let mut file = WeightsFile { tensors: [].into(), metadata: [].into() };
        file.put(name, tensor);
        file.bytes()
    };
    let mut integers = Tensor::f32(&[3, 1, 1], &[0.0; 3]);
    integers.dtype = safetensors::Dtype::I32;
    for (bytes, words) in [
        (Vec::new(), "not a safetensors file"),
        (b"P6 3 3 255".to_vec(), "not a safetensors file"),
        (u64::MAX.to_le_bytes().repeat(3), "not a safetensors file"),
        (tensor("picture", Tensor::f32(&[3, 1, 1], &[0.0; 3])), "no tensor 'input'"),
        (
            tensor("input", Tensor::f32(&[1, 3, 1, 1], &[0.0; 3])),
            "is [1, 3, 1, 1], expected [3, height, width]",
        ),
        (tensor("input", Tensor::f32(&[4, 1, 1], &[0.0; 4])), "is [4, 1, 1], expected [3, height, width]"),
        (tensor("input", Tensor::f32(&[3, 0, 5], &[])), "5x0 has no pixels"),
        (tensor("input", Tensor::f32(&[3, 1, 70_000], &[0.0; 210_000])), "70000x1 is too large"),
        (tensor("input", integers), "is I32, expected F32"),
        (tensor("input", Tensor::f32(&[3, 1, 1], &[0.0, f32::NAN, 0.0])), "not finite"),
        (tensor("input", Tensor::f32(&[3, 1, 1], &[0.0, f32::INFINITY, 0.0])), "not finite"),
    ] {
        desk.put("in.safetensors", bytes);
        let arguments = "probe in.safetensors -o o.safetensors --layer conv1/7x7_s2 --device cpu";
        desk.refuse(arguments, 1, &["'in.safetensors'", words]);
    }
    let missing = "probe missing.safetensors -o o.safetensors --layer data --device cpu";
    desk.refuse(missing, 1, &["'missing.safetensors'"]);
}

// What is refused: weights.

#[test]
fn hostile_weights_are_refused() {
    let desk = Desk::new();
    for (name, bytes, words) in hostile_weights() {
        desk.put("w.safetensors", bytes);
        for command in ["dream cat.png", "probe cat.png -o o.safetensors --layer data", "layers"] {
            let arguments = format!("{command} --weights w.safetensors");
            desk.refuse(&arguments, 1, &["weights 'w.safetensors' cannot be used", words]);
        }
        assert!(!name.is_empty());
    }
    desk.refuse("dream --weights missing.safetensors", 1, &["cannot read weights 'missing.safetensors'"]);
    desk.refuse("dream --weights .", 1, &["cannot read weights '.'"]);
    if cfg!(target_os = "linux") {
        desk.refuse("layers --weights /dev/zero", 1, &["'/dev/zero'", "larger than 1024 MiB"]);
    }
}

#[test]
fn without_a_classifier_there_are_no_classes() {
    let desk = Desk::new();
    desk.put("w.safetensors", WeightsFile::zeros(None).bytes());
    for objective in ["logit:3", "logit:dog", "l2:prob", "channel:loss3/classifier:0"] {
        let arguments = format!("dream cat.png --device cpu --weights w.safetensors --objective {objective}");
        desk.refuse(&arguments, 2, &["without a classifier"]);
    }
    desk.put("w.safetensors", WeightsFile::zeros(Some(3)).bytes());
    let start = "dream cat.png --device cpu --octaves 1 --weights w.safetensors --objective";
    desk.refuse(&format!("{start} logit:dog"), 2, &["do not name their classes ('dog')", "0 to 2"]);
    desk.refuse(&format!("{start} logit:2"), 1, &["the gradient is zero"]);
}

// What is refused: more than there is memory for.

/// The address space is too small even for the picture that is asked for, so nothing can have been made.
#[cfg(target_os = "linux")]
#[test]
fn a_dream_too_large_is_refused_before_any_memory_is_taken() {
    let desk = Desk::new();
    let limited = |arguments: &str| {
        let program = testkit::program().display().to_string();
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -v 1000000 && exec {program} {arguments}"));
        desk.settle(&mut command);
        Ran::of(command.env("RAYON_NUM_THREADS", "2"))
    };
    for picture in ["", "cat.png"] {
        let large = format!("dream {picture} --size 18000 --octaves 100 --octave-scale 1.001 --device cpu");
        let ran = limited(&large);
        ran.assert_failed(
            &large,
            1,
            &["18000x", "is too large", "GB are free", "The largest that fits is --size "],
        );
        assert_eq!(ran.err.lines().count(), 1);
    }
    let beyond = "dream --size 60000 --device cpu";
    limited(beyond).assert_failed(beyond, 1, &["60000x45000 is too large", "268435456 pixels"]);
    assert_eq!(desk.files(), BTreeSet::from(["cat.png".to_owned()]));
}
