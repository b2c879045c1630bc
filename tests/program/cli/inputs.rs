//! Files that are read, and that are refused: pictures, tensors and weights.

use std::fs;

use image::{ImageBuffer, Rgb};
use puppyslug::net::Weights;
#[cfg(unix)]
use testkit::Ran;
use testkit::{Desk, Tensor, WeightsFile, hostile_weights};

use super::gradient;

/// What comes out of a pipe is a picture like any other, by whatever name the pipe goes.
#[cfg(unix)]
#[test]
fn pipes_are_pictures() {
    let desk = Desk::new();
    let cat = desk.read("cat.png");
    let quick = "--device cpu --octaves 1 --iterations 1 --layer conv1/7x7_s2";
    desk.feed(&format!("dream - -o expected.png {quick}"), &cat);
    let expected = desk.read("expected.png");
    let ran = desk.feed(&format!("dream /dev/stdin -o a.png {quick}"), &cat);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(desk.read("a.png") == expected);
    // What is behind a name that a shell has made, or that somebody has.
    let pipe = desk.path("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .expect("a pipe");
    let through = |arguments: &str, bytes: &[u8]| {
        let (pipe, bytes) = (pipe.clone(), bytes.to_vec());
        let writer = std::thread::spawn(move || fs::write(pipe, bytes));
        let ran = desk.run(arguments);
        // Before the writer is waited for, who waits for a reader.
        assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.err);
        writer.join().expect("no panic").expect("all of it was read");
    };
    through(&format!("dream pipe -o b.png {quick}"), &cat);
    assert!(desk.read("b.png") == expected);
    through("probe pipe -o o.safetensors --layer data --device cpu", &cat);
    through("classify pipe --device cpu", &cat);
    through(&format!("dream cat.png -o c.png --mask pipe {quick}"), &cat);
    through("replay pipe cat.png -o again.png --device cpu", &expected);
    through("dream cat.png -o d.png --recipe pipe --device cpu", &expected);
    assert!(desk.read("again.png") == expected && desk.read("d.png") == expected);
    // In a folder it is left out: nobody may ever write into it.
    fs::rename(&pipe, desk.path("pipe.png")).expect("renamed");
    fs::create_dir(desk.path("in")).expect("made");
    fs::rename(desk.path("pipe.png"), desk.path("in/pipe.png")).expect("moved");
    desk.put("in/cat.png", &cat);
    desk.succeed(&format!("dream in --out-dir out {quick}"));
    let ran = desk.feed("dream /dev/stdin -o never.png --device cpu", b"");
    ran.assert_failed("an empty pipe", 1, &["is empty"]);
}

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
        desk.refuse_at_once(&format!("dream {name} --device cpu"), 1, &[name, words]);
        desk.refuse_at_once(
            &format!("probe {name} -o o.safetensors --layer data --device cpu"),
            1,
            &[name, words],
        );
    }
}

#[cfg(unix)]
#[test]
fn a_name_of_two_lines_is_told_in_one() {
    let desk = Desk::new();
    desk.put("two\nlines.png", "");
    let ran = Ran::of(desk.command("dream").arg("two\nlines.png"));
    ran.assert_failed("a name of two lines", 1, &["'two\\nlines.png' is empty"]);
    assert_eq!(ran.err.lines().count(), 1);
}

/// A name may hold whatever would clear a terminal, or rename its window.
#[cfg(unix)]
#[test]
fn names_never_steer_a_terminal() {
    let desk = Desk::new();
    let evil = "c\u{1b}[2J\u{9b}31m\u{7}.png";
    let shown = "c\\u{1b}[2J\\u{9b}31m\\u{7}";
    desk.put(evil, desk.read("cat.png"));
    desk.put(&format!("in/{evil}"), desk.read("cat.png"));
    desk.put("w.safetensors", WeightsFile::zeros(None).bytes());
    let quick = "--device cpu --octaves 1 --iterations 1 --layer conv1/7x7_s2";
    let outs = |ending: &str| format!("{}{ending}", evil.trim_end_matches(".png"));
    let (dreamed, replayed) = (outs("-dream.png"), outs("-dream-replay.png"));
    for (arguments, names) in [
        (format!("dream {quick}"), vec![evil.to_owned()]),
        ("replay --device cpu".to_owned(), vec![dreamed, evil.to_owned()]),
        (format!("dream in --out-dir {} {quick}", outs("")), vec![]),
        ("probe cat.png --layer data --device cpu -o".to_owned(), vec![outs(".safetensors")]),
        ("weights import w.safetensors -o".to_owned(), vec![outs("-w.safetensors")]),
        ("dream".to_owned(), vec![format!("--{evil}")]),
        ("dream --size".to_owned(), vec![evil.to_owned()]),
        ("classify --device cpu".to_owned(), vec![format!("none{evil}"), evil.to_owned()]),
    ] {
        let ran = Ran::of(desk.command(&arguments).args(&names));
        let controls = |text: &str| text.contains(|char: char| char.is_control() && char != '\n');
        assert!(!controls(&ran.err), "{arguments}: {:?}", ran.err);
        // Of what clap repeats it takes colours away.
        let claps = arguments.ends_with("--size") || names.iter().any(|name| name.starts_with("--"));
        assert!(claps || ran.err.contains(shown), "{arguments}: {:?}", ran.err);
    }
    assert!(desk.files().contains(&replayed));
}

/// Neither do those in what is said of a picture: that not all of it is read, or has a place in the result.
#[cfg(unix)]
#[test]
fn remarks_on_pictures_never_steer_a_terminal() {
    let desk = Desk::new();
    let evil = "c\u{1b}[2J\u{9b}31m\u{7}.tif";
    let shown = "'c\\u{1b}[2J\\u{9b}31m\\u{7}.tif'";
    let kind = |name: &str| fs::read(testkit::fixture("kinds").join(name)).expect("the fixture is there");
    desk.put(&format!("in/{evil}"), kind("pages.tif"));
    desk.put(&format!("profiled/{evil}"), kind("gray_profile.png"));
    let layered = kind("parts.exr");
    let name = layered.windows(4).position(|part| part == b"left").expect("the name of its first layer");
    let layered = [&layered[..name], &b"\x1b[2J"[..], &layered[name + 4..]].concat();
    desk.put(&format!("layered/{evil}"), layered);
    let quick = "--device cpu --octaves 1 --iterations 1 --layer conv1/7x7_s2";
    for (folder, out, words) in [
        ("in", "png", "only the first of its 2 pages is read"),
        ("profiled", "bmp", "its colour profile is lost"),
        ("layered", "png", "'\\u{1b}[2J' is read"),
    ] {
        let path = format!("{folder}/{evil}");
        for arguments in [
            format!("dream -o {folder}.{out} {quick}"),
            format!("dream --out-dir {folder}s --format {out} {quick}"),
        ] {
            let ran = Ran::of(desk.command(&arguments).arg(&path));
            assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.err);
            assert!(
                !ran.err.contains(|char: char| char.is_control() && char != '\n'),
                "{arguments}: {:?}",
                ran.err
            );
            let line = ran.err.lines().find(|line| line.contains(words));
            assert!(line.is_some_and(|line| line.contains(&shown[1..])), "{arguments}: {:?}", ran.err);
        }
    }
}

#[test]
fn a_picture_too_small_for_the_layer_is_refused_with_the_size_needed() {
    let desk = Desk::new();
    desk.save("dot.png", gradient(1, 1));
    let words = ["1x1", "inception_4c/output", "at least 15 pixels a side"];
    let climb = "--layer inception_4c/output --device cpu";
    desk.refuse_at_once(&format!("dream dot.png {climb}"), 1, &words);
    desk.refuse_at_once(&format!("probe dot.png -o o.safetensors {climb}"), 1, &words);
    desk.refuse_at_once(&format!("dream --size 1 {climb}"), 1, &words);
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
    desk.refuse_at_once(
        &format!("dream flat.png --octaves 1 --device cpu --objective {objective}"),
        1,
        &[
            "the gradient is zero in octave 1 (32x32)",
            &objective,
            "Try another layer",
            &format!("`--objective channel:conv1/7x7_s2:{dead}`"),
        ],
    );
    let before = format!(
        "dream flat.png --octaves 1 --iterations 1 --device cpu --objective channel:conv1/7x7_s2:{dead}"
    );
    desk.succeed(&before);
}

#[test]
fn numbers_that_run_away_are_refused() {
    let desk = Desk::new();
    let arguments = "dream cat.png --octaves 1 --iterations 1 --device cpu --layer conv2/3x3=3e38";
    desk.refuse_at_once(arguments, 1, &["not finite in octave 1", "weight"]);
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
        desk.refuse_at_once(arguments, 1, &["'in.safetensors'", words]);
    }
    let missing = "probe missing.safetensors -o o.safetensors --layer data --device cpu";
    desk.refuse_at_once(missing, 1, &["'missing.safetensors'"]);
}

#[test]
fn hostile_weights_are_refused() {
    let desk = Desk::new();
    for (name, bytes, words) in hostile_weights() {
        desk.put("w.safetensors", bytes);
        for command in ["dream cat.png", "probe cat.png -o o.safetensors --layer data", "layers"] {
            let arguments = format!("{command} --weights w.safetensors");
            desk.refuse_at_once(&arguments, 1, &["weights 'w.safetensors' cannot be used", words]);
        }
        assert!(!name.is_empty());
    }
    desk.refuse_at_once(
        "dream --weights missing.safetensors",
        1,
        &["cannot read weights 'missing.safetensors'"],
    );
    desk.refuse_at_once("dream --weights .", 1, &["cannot read weights '.'"]);
    if cfg!(target_os = "linux") {
        desk.refuse_at_once("layers --weights /dev/zero", 1, &["'/dev/zero'", "larger than 1.1 GB"]);
    }
}

#[test]
fn without_a_classifier_there_are_no_classes() {
    let desk = Desk::new();
    desk.put("w.safetensors", WeightsFile::zeros(None).bytes());
    for objective in ["logit:3", "logit:dog", "l2:prob", "channel:loss3/classifier:0"] {
        let arguments = format!("dream cat.png --device cpu --weights w.safetensors --objective {objective}");
        desk.refuse_at_once(&arguments, 2, &["without a classifier"]);
    }
    desk.put("w.safetensors", WeightsFile::zeros(Some(3)).bytes());
    let start = "dream cat.png --device cpu --octaves 1 --weights w.safetensors --objective";
    desk.refuse_at_once(&format!("{start} logit:dog"), 2, &["do not name their classes ('dog')", "0 to 2"]);
    desk.refuse_at_once(&format!("{start} logit:2"), 1, &["the gradient is zero"]);
}
