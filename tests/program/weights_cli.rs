//! Weights and what is seen with them, as a user meets both: fetched from a server of the test's own,
//! imported, listed, examined, and asked what a picture shows.

use std::fs;
use std::path::PathBuf;

use puppyslug::fetch::{Download, DownloadError};
use puppyslug::files::digest::sha256;
use puppyslug::net::Weights;
use serde_json::Value;
use testkit::{Desk, Manners, Random, Server, Tensor, WeightsFile, fixture};

/// Where weights of this name are kept.
fn stored(user: &Desk, name: &str) -> PathBuf {
    user.path("data/weights").join(name)
}

/// Whole weights for three classes that are not trained, and not zero.
fn weights_file() -> WeightsFile {
    let mut file = WeightsFile::new(Some(3), |name, shape| {
        let mut random = Random::named(name);
        let size = 2.0 / (shape.iter().skip(1).product::<usize>() as f32).sqrt();
        let values = random.fill(shape.iter().product(), |random| size * random.unit());
        Tensor::f32(shape, &values)
    });
    file.metadata.insert("labels".into(), "ant\nbee\ncicada".into());
    file
}

fn weights_bytes() -> Vec<u8> {
    weights_file().bytes()
}

fn fetch(server: &Server, rest: &str) -> String {
    format!("weights fetch mine --url {} {rest}", server.url("/net.bin"))
}

// Fetching.

#[test]
fn what_is_fetched_is_there_by_name() {
    let (user, bytes) = (Desk::new(), weights_bytes());
    let server = Server::new(bytes.clone(), Manners::default());
    let out = user.answer(&fetch(&server, &format!("--sha256 {}", sha256(&bytes))));
    let stored = stored(&user, "mine.safetensors");
    assert_eq!(out, format!("{}\n", stored.display()));
    assert_eq!(Weights::open(&stored).expect("usable").labels(), ["ant", "bee", "cicada"]);
    let left: Vec<_> = fs::read_dir(user.path("data/weights")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let layers = user.answer("layers --weights mine");
    let classifier = layers.lines().find(|line| line.starts_with("loss3/classifier ")).expect("a classifier");
    assert_eq!(classifier.split_whitespace().nth(1), Some("3"));
    let list = user.answer("weights list");
    let rows: Vec<&str> = list.lines().collect();
    assert!(rows[1].starts_with("embedded "), "{list}");
    assert!(rows[2].starts_with("mine      bvlc_googlenet              3"), "{list}");
    // A second time nobody is asked.
    assert_eq!(user.answer(&fetch(&server, "")), out);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn slow_and_redirected_servers_are_followed() {
    let slow = Manners { chunk: 50_000, ..Manners::default() };
    let redirected = Manners { redirect: true, ..Manners::default() };
    let unannounced = Manners { length: false, ..Manners::default() };
    for manners in [slow, redirected, unannounced] {
        let user = Desk::new();
        let server = Server::new(weights_bytes(), manners);
        user.succeed(&fetch(&server, ""));
        assert!(stored(&user, "mine.safetensors").exists(), "{manners:?}");
    }
}

#[test]
fn a_download_that_breaks_off_goes_on_from_there() {
    let (user, bytes) = (Desk::new(), weights_bytes());
    let cut = bytes.len() / 3;
    for redirect in [false, true] {
        let server = Server::new(bytes.clone(), Manners { cut: Some(cut), redirect, ..Manners::default() });
        user.fail(&fetch(&server, ""), 1, &["broke after", "continues from there"]);
        let part = stored(&user, "mine.part");
        let have = fs::read(&part).expect("what has arrived");
        assert_eq!(have, bytes[..have.len()]);
        assert!(have.len() <= cut && !have.is_empty(), "{}", have.len());
        server.set(Manners { redirect, ..Manners::default() });
        user.succeed(&fetch(&server, &format!("--sha256 {}", sha256(&bytes))));
        let last = server.requests().pop().expect("a request");
        assert!(last.contains(&format!("range: bytes={}-", have.len())), "{last}");
        assert!(!part.exists());
        fs::remove_file(stored(&user, "mine.safetensors")).expect("it is there");
    }
}

#[test]
fn a_beginning_of_something_else_is_not_continued() {
    let bytes = weights_bytes();
    let cut = Manners { cut: Some(1000), ..Manners::default() };
    let no_ranges = Manners { ranges: false, ..Manners::default() };
    let other_version = Manners { version: Some("\"2\""), ..Manners::default() };
    let no_version = Manners { version: None, ..Manners::default() };
    for (first, second) in [
        (cut, no_ranges),
        (cut, other_version),
        (Manners { cut: Some(1000), ..no_version }, no_version),
        (Manners { cut: Some(1000), version: Some("W/\"1\""), ..cut }, Manners::default()),
    ] {
        let user = Desk::new();
        // Wrong bytes at first: were they kept, the file would not be the right one.
        let server = Server::new(vec![b'x'; bytes.len()], first);
        user.fail(&fetch(&server, ""), 1, &["broke after"]);
        server.set(second);
        server.serve(bytes.clone());
        user.succeed(&fetch(&server, &format!("--sha256 {}", sha256(&bytes))));
    }
}

#[test]
fn a_whole_part_is_not_fetched_again() {
    let (user, bytes) = (Desk::new(), b"all of it".to_vec());
    let server = Server::new(bytes.clone(), Manners::default());
    let download = Download::new(&server.url("/a"), user.path("a.part"));
    for _ in 0..2 {
        download.run(&mut |_, _| ()).expect("a good server");
        assert_eq!(fs::read(&download.part).expect("a file"), bytes);
    }
    assert!(server.requests()[1].contains("range: bytes=9-"));
}

#[test]
fn what_is_not_what_was_meant_is_thrown_away() {
    let user = Desk::new();
    let server = Server::new(weights_bytes(), Manners::default());
    let wrong = "0".repeat(64);
    user.fail(&fetch(&server, &format!("--sha256 {wrong}")), 1, &["is another file", &wrong, "--sha256"]);
    // A name that is known brings its own hash, whatever the address.
    let address = server.url("/mirror");
    user.fail(
        &format!("weights fetch bvlc --url {address}"),
        1,
        &["SHA-1 405fc5acd08a3bb12de8ee5e23a96bec22f08204"],
    );
    server.serve(b"<html>Please log in</html>".to_vec());
    user.fail(&fetch(&server, ""), 1, &["cannot be imported", "it is a web page"]);
    assert_eq!(fs::read_dir(user.path("data/weights")).expect("a folder").count(), 0);
}

#[test]
fn servers_that_do_not_have_it_are_told_of_with_the_way_by_hand() {
    let user = Desk::new();
    let server = Server::new(Vec::new(), Manners { status: "404 Not Found", ..Manners::default() });
    let by_hand = "`puppyslug weights import FILE --name mine`";
    user.fail(&fetch(&server, ""), 1, &["answered 404 Not Found", by_hand, &server.url("/net.bin")]);
    let url = server.url("/net.bin");
    drop(server);
    user.fail(&format!("weights fetch mine --url {url}"), 1, &["cannot be reached", by_hand]);
    assert_eq!(fs::read_dir(user.path("data/weights")).expect("a folder").count(), 0);
    user.fail("weights fetch bvcl", 2, &["nearest: bvlc"]);
    user.fail("weights fetch mine --url ftp://example.org/x", 2, &["must start with https://"]);
    user.fail("weights fetch ../x --url http://127.0.0.1:1/", 2, &["cannot name"]);
}

#[test]
fn a_body_without_end_is_left() {
    let user = Desk::new();
    let limit = 300_000;
    let endless = Manners { endless: true, ..Manners::default() };
    let server = Server::new(vec![7; 100_000], endless);
    let download = Download { limit, ..Download::new(&server.url("/"), user.path("a.part")) };
    let error = download.run(&mut |done, _| assert!(done <= limit)).expect_err("there is no end");
    assert!(matches!(error, DownloadError::TooLarge { .. }), "{error}");
    // One that says so before is not even begun.
    let server = Server::new(vec![7; limit as usize + 1], Manners::default());
    let download = Download { limit, ..Download::new(&server.url("/"), user.path("b.part")) };
    let error = download.run(&mut |_, _| panic!("nothing is to be kept")).expect_err("too large");
    assert!(matches!(error, DownloadError::TooLarge { .. }), "{error}");
    // As large as is allowed is allowed.
    let download = Download { limit: limit + 1, ..download };
    download.run(&mut |_, _| ()).expect("it fits");
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let user = Desk::new();
    let server = Server::new(vec![7; 1000], Manners { silent: true, ..Manners::default() });
    // However short: this server never says another word.
    let patience = std::time::Duration::from_millis(20);
    let download = Download { patience, ..Download::new(&server.url("/"), user.path("a.part")) };
    assert!(download.run(&mut |_, _| ()).is_err());
}

// Importing, listing, examining.

#[test]
fn weights_are_imported_to_a_name_or_a_file() {
    let user = Desk::new();
    user.put("net.bin", weights_bytes());
    user.put("names.txt", "fly\nmoth\nwasp\n");
    let out = user.answer("weights import net.bin --labels names.txt");
    assert_eq!(out, format!("{}\n", stored(&user, "net.safetensors").display()));
    let stored = Weights::open(&stored(&user, "net.safetensors")).expect("usable");
    assert_eq!(stored.labels(), ["fly", "moth", "wasp"]);
    user.succeed("weights import net.bin -o half.safetensors --f16");
    let size = |path| fs::metadata(path).expect("a file").len();
    let (whole, half) = (size(user.path("net.bin")), size(user.path("half.safetensors")));
    assert!(half < whole / 2 + 10_000, "{half} of {whole}");
    user.succeed("weights import half.safetensors --name other");
    assert!(user.answer("weights list").contains("\nother "));
}

#[test]
fn a_name_that_other_weights_have_is_not_taken_unasked() {
    let user = Desk::new();
    user.put("net.bin", weights_bytes());
    user.put("dead.bin", WeightsFile::zeros(Some(3)).bytes());
    user.succeed("weights import net.bin --name mine");
    let kept = user.read("data/weights/mine.safetensors");
    // The very same may come again; whatever is not may not, by whichever name it comes.
    user.succeed("weights import net.bin --name mine");
    let words = ["'mine' is the name of other weights", "another with --name", "--force"];
    user.fail("weights import dead.bin --name mine", 1, &words);
    user.put("mine.bin", WeightsFile::zeros(Some(3)).bytes());
    user.fail("weights import mine.bin", 1, &words);
    assert!(user.read("data/weights/mine.safetensors") == kept);
    user.succeed("weights import dead.bin --name mine --force");
    assert!(user.read("data/weights/mine.safetensors") != kept);
    // A file that is named is replaced, as every output is.
    user.succeed("weights import dead.bin -o out.safetensors");
    user.succeed("weights import net.bin -o out.safetensors");
    user.fail("weights import net.bin -o out.safetensors --force", 2, &["--force"]);
}

#[test]
fn imports_that_cannot_be_are_refused() {
    let user = Desk::new();
    user.put("net.bin", weights_bytes());
    user.put("two.txt", "fly\nmoth\n");
    user.put("cat.jpg", b"\xFF\xD8\xFF\xE0 not weights");
    let formats = "Caffe, ONNX, TensorFlow, PyTorch, NumPy (.npz) and safetensors";
    user.fail("weights import cat.jpg", 1, &["'cat.jpg' cannot be imported", formats]);
    user.fail("weights info cat.jpg", 1, &["'cat.jpg' is not a file of weights", formats]);
    user.fail("weights import missing", 1, &["cannot read 'missing'"]);
    user.fail("weights import net.bin --labels two.txt", 1, &["labels 'two.txt'", "2 labels", "3 classes"]);
    user.fail("weights import net.bin --name a/b", 2, &["'a/b' cannot name"]);
    user.fail("weights import net.bin --name embedded", 2, &["and not 'embedded'"]);
    user.fail("weights import net.bin -o net.bin", 2, &["must end in .safetensors"]);
    user.put("net.safetensors", weights_bytes());
    user.fail("weights import net.safetensors -o net.safetensors", 2, &["is the input"]);
    user.fail("weights import net.bin -o nowhere/net.safetensors", 1, &["no folder 'nowhere'"]);
    assert!(!stored(&user, "net.safetensors").exists());
}

#[test]
fn what_a_failed_download_left_is_told_for_what_it_is() {
    let user = Desk::new();
    user.put(
        "lfs.safetensors",
        "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 27994208\n",
    );
    user.put("page.safetensors", "<!DOCTYPE html>\n<html><title>404</title></html>\n");
    for (file, words) in [
        ("lfs.safetensors", ["it is a Git LFS pointer", "`git lfs pull`"]),
        ("page.safetensors", ["it is a web page", "download the file itself"]),
    ] {
        user.refuse_at_once(&format!("dream --weights {file}"), 1, &words);
        user.refuse_at_once(&format!("weights import {file} -o out.safetensors"), 1, &words);
        user.refuse_at_once(&format!("weights info {file} --device cpu"), 1, &words);
    }
}

#[test]
fn a_name_that_is_not_there_says_what_is() {
    let user = Desk::new();
    user.put("net.bin", weights_bytes());
    user.succeed("weights import net.bin --name mine");
    let words =
        ["neither a file nor stored weights", "known: embedded, mine", "fetch NAME` gets bvlc, places205"];
    for command in ["layers --weights", "weights info"] {
        user.fail(&format!("{command} min"), 1, &words);
    }
    // A file of that name wins.
    user.put("mine", "not weights");
    user.fail("layers --weights mine", 1, &["weights 'mine' cannot be used", "puppyslug weights import"]);
    user.succeed("layers --weights embedded");
    fs::write(stored(&user, "mine.safetensors"), "not weights").expect("a file is written");
    assert!(user.answer("weights list").contains("\nmine      unusable: "));
}

#[test]
fn what_is_known_of_weights_is_told() {
    let user = Desk::new();
    let text = user.answer("weights info embedded --device cpu");
    for words in [
        "safetensors, F16",
        "bvlc_googlenet",
        "58 convolutions, 6998552 parameters",
        "monkey face",
        "206de235f0c4b0ae41e3f8d6ec03870ef022fe64a8ee7dfc5c4ed0e2d277db1b",
        "no trouble found",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    let json: Value =
        serde_json::from_str(&user.answer("weights info embedded --device cpu --json")).expect("JSON");
    assert_eq!(json["classes"], 1000);
    assert_eq!(json["tensors"].as_array().map(Vec::len), Some(116));
    assert_eq!(json["painted_sky"].as_array().map(Vec::len), Some(57));
}

#[test]
fn the_doctor_finds_what_is_wrong() {
    let user = Desk::new();
    let mut file = weights_file();
    file.put("inception_4c/3x3.weight", Tensor::f32(&[256, 128, 3, 3], &vec![0.0; 256 * 128 * 9]));
    user.put("net.bin", file.bytes());
    let ran = user.run("weights info net.bin --device cpu");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.text().contains("trouble: inception_4c/3x3.weight is zero throughout"), "{}", ran.text());
    assert!(ran.text().contains("hint: the filters of conv1 are as rough as noise"), "{}", ran.text());
    assert!(ran.err.contains("error: the doctor found"), "{}", ran.err);
}

// Seeing.

fn known(name: &str) -> String {
    fixture("known").join(name).display().to_string()
}

#[test]
fn a_picture_that_cannot_be_read_does_not_stop_the_others() {
    let user = Desk::new();
    user.put("broken.png", "not a picture");
    let arguments = format!("classify broken.png {} missing.png --top 2 --device cpu", known("cat.jpg"));
    let ran = user.run(&arguments);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.text().lines().count(), 3, "{}", ran.text());
    assert!(ran.err.contains("error: 2 of 3 pictures could not be classified"), "{}", ran.err);
    assert!(ran.err.contains("broken.png") && ran.err.contains("missing.png"), "{}", ran.err);
    let ran = user.run(&format!("{arguments} --json"));
    let json: Value = serde_json::from_str(&ran.text()).expect("JSON");
    assert!(json[0]["error"].is_string() && json[1]["classes"][1]["class"].is_u64(), "{json}");
    user.fail("classify missing.png --device cpu", 1, &["missing.png"]);
    user.fail("classify missing.png --top 0", 2, &["--top 0"]);
}

#[test]
fn weights_without_classes_name_nothing() {
    let user = Desk::new();
    user.put("w.safetensors", WeightsFile::zeros(None).bytes());
    let picture = known("cat.jpg");
    user.fail(
        &format!("classify {picture} --weights w.safetensors --device cpu"),
        1,
        &["without a classifier"],
    );
}
