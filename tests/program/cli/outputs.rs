//! Outputs that are refused, before any work.

use std::fs;

use testkit::{Desk, Tensor, WeightsFile};

use super::{QUICK, gradient};

#[test]
fn outputs_that_cannot_be_are_refused() {
    let desk = Desk::new();
    fs::create_dir(desk.path("folder.png")).expect("made");
    fs::create_dir(desk.path("folder.safetensors")).expect("made");
    let probe = "probe cat.png --layer data --device cpu";
    for output in ["o", "o.xyz", "o.", ".png", "o.png.bak"] {
        desk.refuse_at_once(&format!("dream cat.png -o {output}"), 2, &[&format!("'{output}'"), "png, jpg"]);
    }
    desk.refuse_at_once(&format!("{probe} -o o.png"), 2, &["'o.png'", "must end in .safetensors"]);
    for (start, ending) in [("dream cat.png", "png"), (probe, "safetensors")] {
        desk.refuse_at_once(
            &format!("{start} -o folder.{ending}"),
            2,
            &["cannot write 'folder.", "is a folder"],
        );
        desk.refuse_at_once(&format!("{start} -o ."), 2, &["cannot write '.'", "is a folder"]);
        let missing = ["cannot write", "there is no folder 'missing'"];
        desk.refuse_at_once(&format!("{start} -o missing/o.{ending}"), 1, &missing);
        desk.refuse_at_once(&format!("{start} -o cat.png/o.{ending}"), 1, &["there is no folder 'cat.png'"]);
        if cfg!(target_os = "linux") {
            let words = ["cannot write '/proc/o.", "folder '/proc' accepts no new file"];
            desk.refuse_at_once(&format!("{start} -o /proc/o.{ending}"), 1, &words);
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
        desk.refuse_at_once("dream link.png -o cat.png", 2, &["'cat.png' is the input 'link.png'"]);
    }
    let cat = fs::read(desk.path("cat.png")).expect("the cat");
    for output in outputs {
        desk.refuse_at_once(
            &format!("dream cat.png -o {output} {QUICK}"),
            2,
            &["is the input", "another place"],
        );
    }
    assert_eq!(fs::read(desk.path("cat.png")).expect("the cat"), cat);
    let probe = "probe in.safetensors --layer data -o";
    desk.refuse_at_once(&format!("{probe} ./in.safetensors"), 2, &["another place"]);
    desk.put("w.safetensors", WeightsFile::zeros(None).bytes());
    desk.refuse_at_once(&format!("{probe} w.safetensors --weights w.safetensors"), 2, &["another place"]);
}

/// Names end at 255 bytes on every usual system, and the program is not the one to find out last.
#[cfg(unix)]
#[test]
fn a_name_that_cannot_be_written_is_refused_before_the_work() {
    let desk = Desk::new();
    let long = "n".repeat(252);
    let words = ["nnn.png'", "accepts no file of that name", "too long"];
    let work = "--iterations 1000000 --device cpu --layer conv1/7x7_s2";
    desk.refuse_at_once(&format!("dream cat.png -o {long}.png {work}"), 1, &words);
    desk.refuse_at_once(&format!("probe cat.png -o {long}.safetensors --layer data"), 1, &words[1..]);
    // A picture's own name may be that long, and that of its dream not.
    let name = format!("{}.png", "n".repeat(248));
    desk.put(&name, desk.read("cat.png"));
    desk.refuse_at_once(&format!("dream {name} {work}"), 1, &["nnn-dream.png'", words[1]]);
    let batch = desk.run(&format!("dream {name} --out-dir out {work}"));
    assert_eq!(batch.code, Some(1));
    assert!(batch.err.contains("failed: ") && batch.err.contains(words[1]), "{}", batch.err);
    // The recipe of a BMP lies beside it, under a name that is longer.
    let bmp = format!("dream cat.png -o {}.bmp {work}", "n".repeat(249));
    desk.refuse_at_once(&bmp, 1, &[".bmp.json'", words[1]]);
    let longest = format!("{}.png", "n".repeat(251));
    desk.succeed(&format!(
        "dream cat.png -o {longest} --octaves 1 --iterations 1 --layer conv1/7x7_s2 --device cpu"
    ));
    assert!(desk.files().contains(&longest) && !desk.files().iter().any(|name| name.ends_with('~')));
}

/// Opened as a file, these are devices, whatever their ending.
#[cfg(windows)]
#[test]
fn names_that_windows_keeps_for_itself_are_refused_before_the_work() {
    let desk = Desk::new();
    let work = "--iterations 1000000 --device cpu --layer conv1/7x7_s2";
    for name in ["aux.png", "CON.png", "nul.bmp", "com1.tif"] {
        let words = ["accepts no file of that name", "it means a device"];
        desk.refuse_at_once(&format!("dream cat.png -o {name} {work}"), 1, &words);
    }
    desk.refuse_at_once(
        &format!("dream cat.png -o what?.png {work}"),
        1,
        &["accepts no file of that name", "none of"],
    );
    let weights = "weights import data/weights/none.safetensors --name aux";
    desk.put("data/weights/none.safetensors", WeightsFile::zeros(None).bytes());
    desk.refuse_at_once(weights, 1, &["it means a device"]);
}

#[test]
fn a_picture_larger_than_the_format_is_refused_before_the_work() {
    let desk = Desk::new();
    desk.save("wide.png", gradient(16_385, 1));
    let words = ["16385x1 is too large for this format", "16384"];
    let work = "--iterations 1000000 --device cpu --layer conv1/7x7_s2";
    desk.refuse_at_once(&format!("dream wide.png -o wide.webp {work}"), 1, &words);
}

/// The address space is too small even for the picture that is asked for, so nothing can have been made.
#[cfg(target_os = "linux")]
#[test]
fn a_dream_too_large_is_refused_before_any_memory_is_taken() {
    let desk = Desk::new();
    let limited = |arguments: &str| desk.run_with_memory(1_000_000, arguments);
    for picture in ["", "cat.png"] {
        let large = format!("dream {picture} --size 18000 --octaves 100 --octave-scale 1.001 --device cpu");
        let ran = limited(&large);
        ran.assert_failed(
            &large,
            1,
            &["18000x", "is too large", " are free", "The largest that fits is --size "],
        );
        assert_eq!(ran.err.lines().count(), 1);
    }
    let beyond = "dream --size 60000 --device cpu";
    limited(beyond).assert_failed(beyond, 1, &["60000x45000 is too large", "268435456 pixels"]);
    assert_eq!(desk.files(), std::collections::BTreeSet::from(["cat.png".to_owned()]));
}
