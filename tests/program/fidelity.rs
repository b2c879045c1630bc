//! Pictures by stdin and stdout, and the flags that say how one is written.

use puppyslug::picture::{Depth, Picture};
use testkit::{Desk, fixture};

/// What makes a dream quick.
const QUICK: &str = "--device cpu --octaves 1 --iterations 1 --layer conv2/3x3";

fn open(desk: &Desk, name: &str) -> Picture {
    Picture::open(desk.path(name)).expect(name)
}

#[test]
fn a_stream_is_dreamed_like_a_file() {
    let desk = Desk::new();
    let cat = desk.read("cat.png");
    let ran = desk.feed(&format!("dream cat.png -o file.png {QUICK}"), b"");
    assert!(ran.code == Some(0) && ran.out.is_empty());
    let file = desk.read("file.png");
    for arguments in ["dream - -o -", "dream cat.png -o -", "dream - -o - --format png"] {
        let ran = desk.feed(&format!("{arguments} {QUICK}"), &cat);
        assert!(ran.code == Some(0), "{arguments}: {}", ran.err);
        assert!(ran.out == file, "{arguments}: not the same bytes");
        assert_eq!(ran.err, "", "{arguments}");
    }
    let ran = desk.feed(&format!("dream - {QUICK} --format tif"), &cat);
    assert_eq!(ran.err, "stdin-dream.tif\n");
    assert_eq!(open(&desk, "stdin-dream.tif"), open(&desk, "file.png"));
    // A file of that name can still be meant.
    let ran = desk.feed(&format!("dream cat.png -o ./- --format jpg --quality 80 {QUICK}"), b"");
    assert!(ran.code == Some(0));
    assert!(desk.read("-").starts_with(b"\xFF\xD8"));
}

#[test]
fn flags_decide_how_it_is_written() {
    let desk = Desk::new();
    let cat = desk.read("cat.png");
    let dreamed = |flags: &str| {
        let ran = desk.feed(&format!("dream - -o - {flags} {QUICK}"), &cat);
        assert!(ran.code == Some(0), "{flags}: {}", ran.err);
        ran.out
    };
    let (shallow, deep) = (dreamed(""), dreamed("--depth 16"));
    let [shallow, deep] = [shallow, deep].map(|bytes| Picture::decode(&bytes, "stdout").expect("a picture"));
    assert_eq!((shallow.depth(), deep.depth()), (Depth::Eight, Depth::Sixteen));
    // A dream has fractions, and 16 bits keep them: the same dream within half a level.
    assert!(deep.rgb().iter().any(|level| level.fract() != 0.0));
    assert!(shallow.rgb().iter().zip(deep.rgb()).all(|(a, b)| (a - b).abs() <= 0.502));
    assert!(dreamed("--format jpg --quality 20").len() < dreamed("--format jpg --quality 90").len());
    assert!(dreamed("--format exr").starts_with(&[0x76, 0x2F, 0x31, 0x01]));
    assert!(dreamed("--format hdr").starts_with(b"#?RADIANCE"));
}

#[test]
fn streams_and_flags_that_cannot_be_are_refused() {
    let desk = Desk::new();
    let cat = desk.read("cat.png");
    for (arguments, input, code, words) in [
        ("dream - -o o.png", &b""[..], 1, "'stdin' is empty"),
        ("dream - -o o.png", b"Dear diary", 1, "'stdin' is not a picture in a known format"),
        ("dream - -o o.png", &cat[..cat.len() / 2], 1, "'stdin' is damaged or cut short"),
        ("dream - -o - --format avif", &cat, 2, "'avif'"),
        ("dream - -o - --depth 32", &cat, 2, "png has no 32 bits a sample; accepted: 8, 16"),
        ("dream - -o o.png --depth 12", &cat, 2, "'12'"),
        ("dream - -o o.png --quality 50", &cat, 2, "cannot save 'o.png'"),
        ("dream - -o o.jpg --quality 0", &cat, 2, "1 to 100"),
        ("dream - -o o.jpg --quality 101", &cat, 2, "1 to 100"),
        ("dream - -o o.jpg --quality -5", &cat, 2, "1 to 100"),
        ("dream - -o o.jpg --format png", &cat, 2, "says jpg, but png is asked for"),
    ] {
        let ran = desk.feed(&format!("{arguments} {QUICK}"), input);
        let said = &ran.err;
        assert_eq!(ran.code, Some(code), "{arguments}: {said}");
        assert!(said.contains(words) && said.contains("error:"), "{arguments}: {said}");
        assert!(ran.out.is_empty(), "{arguments}");
        assert_eq!(desk.files().len(), 1, "{arguments}");
    }
}

#[test]
fn what_one_may_not_expect_of_a_picture_is_said_in_a_line() {
    let desk = Desk::new();
    for name in ["pages.tif", "gamma.png", "srgb.png", "to_255.tif"] {
        desk.put(name, std::fs::read(fixture("kinds").join(name)).expect("the fixture is there"));
    }
    let pages = "'pages.tif': only the first of its 2 pages is read\n";
    let lost = "'gamma.png': its statement of what its colours mean (gAMA, cHRM or cICP) is lost: jpg has no place for it\n";
    for (source, out, said) in [
        ("pages.tif", "o.png", pages),
        ("gamma.png", "o.png", ""),
        ("gamma.png", "o.jpg", lost),
        ("srgb.png", "o.jpg", ""),
    ] {
        let ran = desk.succeed(&format!("dream {source} -o {out} {QUICK}"));
        assert_eq!(ran.err, format!("{said}{out}\n"), "{source} to {out}");
        let ran = desk.succeed(&format!("dream {source} --out-dir folder --format {} {QUICK}", &out[2..]));
        assert!(ran.err.starts_with(said), "{}", ran.err);
    }
    let ran = desk.succeed(&format!("dream to_255.tif -o o.png {QUICK}"));
    assert!(ran.err.contains("1536 samples are cut off: they go from 0 to 255"), "{}", ran.err);
}

#[test]
fn a_checkpoint_keeps_what_a_png_says_of_its_colours() {
    let desk = Desk::new();
    desk.put("gamma.png", std::fs::read(fixture("kinds/gamma.png")).expect("the fixture is there"));
    desk.succeed(&format!("dream gamma.png -o all.png --checkpoint way.safetensors {QUICK}"));
    desk.succeed("resume way.safetensors -o rest.png");
    assert_eq!(desk.read("all.png"), desk.read("rest.png"));
    assert!(desk.read("rest.png").windows(8).any(|part| part == b"gAMA\0\x01\x86\xA0"), "a gamma of 1");
}
