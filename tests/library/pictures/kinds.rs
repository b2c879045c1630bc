//! Kinds of files that readers stumble over: each is read as its maker meant it, or refused by what it is.
//! `tests/fixtures/kinds/make.py` makes them with other people's encoders.

use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use puppyslug::extent::Extent;
use puppyslug::picture::{
    Depth, Format, Picture, PictureError, ReadOptions, Remark, SaveOptions, WantedSize, is_picture, is_shadow,
};
use testkit::turned;

use super::{SQUARES, alpha, assert_close, assert_message, colour, fixture, folder, open, open_bytes};

fn kind(name: &str) -> PathBuf {
    testkit::fixture("kinds").join(name)
}

fn squares(picture: &Picture) -> [[f32; 3]; 4] {
    [(8, 8), (24, 8), (8, 24), (24, 24)].map(|(x, y)| colour(picture, x, y))
}

/// Every pixel of the four squares, not only one of each.
fn assert_kind(name: &str, expected: [[f32; 3]; 4], tolerance: f32) {
    let picture = open(kind(name));
    assert_eq!(picture.extent(), Extent::square(32), "{name}");
    for (y, x) in (0..32).flat_map(|y| (0..32).map(move |x| (y, x))) {
        let expected = expected[y / 16 * 2 + x / 16];
        assert_close(colour(&picture, x, y), expected, tolerance, &format!("{name} at {x}, {y}"));
    }
}

fn grays(levels: [f32; 4]) -> [[f32; 3]; 4] {
    levels.map(|level| [level; 3])
}

#[test]
fn tiffs_of_every_kind_show_the_same_squares() {
    for name in [
        "big.tif",
        "big_endian.tif",
        "plane_tiles.tif",
        "plane_strips.tif",
        "lzw_tiles.tif",
        "zlib_tiles.tif",
        "packbits_tiles.tif",
        "more.tif",
        "palette.tif",
        "palette_of_bytes.tif",
        "palette4.tif",
        "half_rgb.tif",
        "double_rgb.tif",
        "pages.tif",
    ] {
        assert_kind(name, SQUARES, 0.0);
    }
    // JPEG rounds several times on the way.
    assert_kind("luma_jpeg.tif", SQUARES, 3.0);
    assert_kind("rgb_jpeg.tif", SQUARES, 3.0);
    for name in ["gray2.tif", "gray4.tif", "gray_alpha.tif", "gray_alpha16.tif", "white_is_zero.tif"] {
        assert_kind(name, grays([0.0, 85.0, 170.0, 255.0]), 0.0);
    }
    assert_kind("float_gray.tif", grays([0.0, 85.0, 170.0, 255.0]), 1e-4);
    assert_kind("half_gray.tif", grays([0.0, 63.75, 127.5, 255.0]), 0.0);
}

#[test]
fn gray_has_its_alpha() {
    for name in ["gray_alpha.tif", "gray_alpha16.tif"] {
        let picture = open(kind(name));
        let found = [(8, 8), (24, 8), (8, 24), (24, 24)].map(|(x, y)| alpha(&picture, x, y));
        assert_eq!(found, [Some(65_535), Some(0), Some(128 * 257), Some(65_535)], "{name}");
    }
    assert_eq!(open(kind("gray_alpha16.tif")).depth(), Depth::Sixteen);
    assert_eq!(open(kind("more.tif")).alpha(), None, "a sample without a meaning is no alpha");
}

#[test]
fn a_cut_tiff_is_refused_whatever_its_kind() {
    // What tiles hold beyond the picture's edge may be missing.
    for (name, missing) in
        [("lzw_tiles.tif", 200), ("plane_strips.tif", 30), ("gray4.tif", 30), ("big.tif", 30)]
    {
        let bytes = fs::read(kind(name)).expect("the fixture is there");
        let error = open_bytes(name, &bytes[..bytes.len() - missing]).expect_err(name);
        assert!(matches!(error, PictureError::Damaged { .. }), "{name}: {error:?}");
    }
}

#[test]
fn floats_that_are_no_fractions_are_told() {
    let picture = open(kind("to_255.tif"));
    assert_eq!(squares(&picture), SQUARES, "0 is black, and 1 and more is white");
    let samples = 6 * 256;
    assert_eq!(picture.remarks(), [Remark::OutOfRange { samples, range: [0.0, 255.0] }]);
    assert!(open(kind("double_rgb.tif")).remarks().is_empty());
}

#[test]
fn layers_of_openexr_are_found_by_their_colours() {
    for name in ["layer.exr", "lower.exr", "layers.exr", "parts.exr"] {
        assert_kind(name, SQUARES, 1e-4);
    }
    let srgb = |light: f32| 255.0 * (1.055 * light.powf(1.0 / 2.4) - 0.055);
    assert_kind("luma.exr", grays([0.0, srgb(0.25), srgb(0.5), 255.0]), 1e-3);
    let remarks =
        |name: &str| -> Vec<String> { open(kind(name)).remarks().iter().map(ToString::to_string).collect() };
    assert_eq!(remarks("layers.exr"), ["of its 3 layers with colours, 'the one without a name' is read"]);
    assert_eq!(remarks("parts.exr"), ["of its 2 layers with colours, 'left' is read"]);
    assert_eq!(remarks("layer.exr"), [""; 0]);
    let error = Picture::open(kind("depth.exr")).expect_err("nothing to see");
    assert_message(&error, "depth.exr", "no layer with red, green and blue, nor one with luminance");
}

#[test]
fn kinds_without_a_decoder_are_named() {
    let error = Picture::open(kind("wavelet.exr")).expect_err("no decoder");
    assert!(matches!(error, PictureError::Unsupported { .. }), "{error:?}");
    assert_message(&error, "wavelet.exr", "HTJ2K");
    let baseline = fs::read(fixture("baseline.jpg")).expect("the fixture is there");
    let frame = baseline.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline frame");
    // The number of the frame's marker, the bits of a sample, how often the first component is sampled.
    for (at, byte, words) in [
        (1, 0xF7, "JPEG-LS"),
        (1, 0xC9, "arithmetic"),
        (1, 0xC3, "without loss"),
        (1, 0xC5, "hierarchies"),
        (4, 12, "12 bits a sample"),
        (11, 0x31, "sampled 3x1, 1x1, 1x1"),
    ] {
        let mut bytes = baseline.clone();
        bytes[frame + at] = byte;
        let error = open_bytes("strange.jpg", &bytes).expect_err(words);
        assert!(matches!(error, PictureError::Unsupported { .. }), "{error:?}");
        assert_message(&error, "strange.jpg", words);
    }
    for (bytes, words) in [
        (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "a HEIC picture"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a HEIC picture"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "an AVIF picture"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "an AVIF picture"),
        (b"\xFF\x0A\xFA\x1F\x01", "a JPEG XL picture"),
        (b"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "a JPEG 2000 picture"),
        (b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ", "AppleDouble"),
    ] {
        let error = open_bytes("strange", bytes).expect_err(words);
        assert!(matches!(error, PictureError::Stranger { .. }), "{error:?}");
        assert_message(&error, "strange", words);
        assert_message(&error, "strange", "png, jpg");
    }
}

#[test]
fn names_promise_pictures_that_cannot_be_read_too() {
    for name in ["a.jpg", "a.PNG", "a.pgm", "x.heic", "x.HEIF", "x.avif", "x.jxl", "x.jp2"] {
        assert!(is_picture(name), "{name}");
    }
    for name in ["notes.txt", "heic", "x.heic.txt", ".DS_Store"] {
        assert!(!is_picture(name), "{name}");
    }
    let folder = folder();
    let shadow = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("written");
        is_shadow(folder.path().join(name))
    };
    assert!(shadow("._a.jpg", b"\0\x05\x16\x07\0\x02\0\0"));
    assert!(!shadow("a.jpg", b"\0\x05\x16\x07\0\x02\0\0"), "by another name it may be meant");
    assert!(!shadow("._b.jpg", b"\xFF\xD8\xFF\xE0"), "a picture by an odd name");
}

#[test]
fn a_decoder_that_panics_is_the_files_error() {
    let error = Picture::open(kind("breaks.jpg")).expect_err("its decoder panics");
    assert!(matches!(error, PictureError::BrokenDecoder { .. }), "{error:?}");
    assert_message(&error, "breaks.jpg", "a bug of the decoder");
}

#[test]
fn a_jpeg_may_lack_its_end_but_no_more() {
    for name in ["baseline.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg"] {
        let bytes = fs::read(fixture(name)).expect("the fixture is there");
        let whole = open(fixture(name));
        for length in [bytes.len() - 2, bytes.len() - 1] {
            let picture = open_bytes(name, &bytes[..length]).expect("only the end is missing");
            assert!(picture.shows_the_same(&whole), "{name}");
        }
        let error = open_bytes(name, &bytes[..bytes.len() - 8]).expect_err("data are missing");
        assert!(matches!(error, PictureError::Damaged { .. }), "{error:?}");
    }
}

#[test]
fn an_orientation_may_be_a_long_number() {
    let stored = fs::read(fixture("baseline.jpg")).expect("the fixture is there");
    let mut bytes = turned(&stored, 6);
    // The type and the value of the entry.
    let entry =
        bytes.windows(4).position(|part| matches!(part, [0x12, 0x01, 0x03, 0x00] | [0x01, 0x12, 0x00, 0x03]));
    let entry = entry.expect("an orientation");
    let little = bytes[entry] == 0x12;
    let short = if little { [4, 0] } else { [0, 4] };
    let long = if little { 6u32.to_le_bytes() } else { 6u32.to_be_bytes() };
    bytes[entry + 2..entry + 4].copy_from_slice(&short);
    bytes[entry + 8..entry + 12].copy_from_slice(&long);
    let picture = open_bytes("turned.jpg", &bytes).expect("a good JPEG");
    for (found, square) in squares(&picture).into_iter().zip([2, 0, 3, 1]) {
        assert_close(found, SQUARES[square], 3.0, "turned");
    }
}

#[test]
fn a_wrong_checksum_is_told_and_no_more() {
    assert_kind("checksum.png", SQUARES, 0.0);
    assert_eq!(open(kind("checksum.png")).remarks(), [Remark::Checksum]);
    // Data that are wrong themselves are damage, in words for people.
    let mut bytes = fs::read(kind("checksum.png")).expect("the fixture is there");
    let data = bytes.windows(4).position(|part| part == b"IDAT").expect("pixels");
    bytes[data + 8] ^= 0xFF;
    let error = open_bytes("damaged.png", &bytes).expect_err("wrong data");
    assert!(matches!(error, PictureError::Damaged { .. }), "{error:?}");
    assert!(!error.to_string().contains("ChunkType"), "{error}");
}

#[test]
fn several_pictures_in_a_file_are_told() {
    for (name, what) in [("pages.tif", "pages"), ("frames.png", "frames"), ("frames.webp", "frames")] {
        assert_kind(name, SQUARES, 0.0);
        assert_eq!(open(kind(name)).remarks(), [Remark::FirstOf { count: 2, what }], "{name}");
    }
    assert_eq!(
        open(fixture("animated.gif")).remarks(),
        [Remark::FirstOf { count: 2, what: "frames" }],
        "animated.gif"
    );
}

/// The chunk of this name in a PNG.
fn chunk(bytes: &[u8], name: &[u8; 4]) -> Option<Vec<u8>> {
    let at = bytes.windows(4).position(|part| part == name)?;
    let length = u32::from_be_bytes(bytes[at - 4..at].try_into().ok()?) as usize;
    Some(bytes[at + 4..at + 4 + length].to_vec())
}

#[test]
fn what_a_png_says_of_its_colours_goes_on_to_a_png() {
    for (name, chunks, differs) in [
        ("gamma.png", &[b"gAMA"][..], true),
        ("wide.png", &[b"cHRM"], true),
        ("pq.png", &[b"cICP"], true),
        ("srgb.png", &[b"sRGB", b"gAMA", b"cHRM"], false),
    ] {
        let picture = open(kind(name)).resized(Extent::square(8)).expect("a good size");
        let written = picture.encode("x.png", &SaveOptions::default()).expect("encoded");
        let stored = fs::read(kind(name)).expect("the fixture is there");
        for chunk_name in chunks {
            let (before, after) = (chunk(&stored, chunk_name), chunk(&written, chunk_name));
            assert!(before.is_some() && before == after, "{name}: {before:?}, {after:?}");
        }
        let words = differs.then_some("statement of what its colours mean (gAMA, cHRM or cICP)");
        assert_eq!(picture.left_behind(Format::Jpeg), words, "{name}");
        assert_eq!(picture.left_behind(Format::Png), None, "{name}");
    }
}

/// What an ICC profile says under a name.
fn tag<'p>(profile: &'p [u8], name: &[u8; 4]) -> &'p [u8] {
    let number = |at: usize| u32::from_be_bytes(profile[at..at + 4].try_into().expect("four")) as usize;
    let entries = (0..number(128)).map(|index| 132 + 12 * index);
    let entry = entries.into_iter().find(|&at| &profile[at..at + 4] == name).expect("a tag");
    &profile[number(entry + 4)..][..number(entry + 8)]
}

#[test]
fn a_profile_for_gray_becomes_one_for_rgb_of_the_same_curve() {
    let picture = open(kind("gray_profile.png"));
    assert!(picture.remarks().is_empty());
    let profile = picture.profile().expect("a profile");
    assert_eq!(u32::from_be_bytes(profile[..4].try_into().expect("four")) as usize, profile.len());
    assert_eq!(&profile[12..24], b"mntrRGB XYZ ");
    // A power of 1.8, in 256ths.
    let curve = [&b"curv\0\0\0\0\0\0\0\x01"[..], &461u16.to_be_bytes(), &[0, 0]].concat();
    for name in [b"rTRC", b"gTRC", b"bTRC"] {
        assert_eq!(tag(profile, name), curve);
    }
    // Equal parts are white under D50, in 65536ths.
    let place = |name: &[u8; 4]| -> Vec<i32> {
        let numbers = tag(profile, name)[8..].chunks_exact(4);
        numbers.map(|number| i32::from_be_bytes(number.try_into().expect("four"))).collect()
    };
    let parts = [b"rXYZ", b"gXYZ", b"bXYZ"].map(place);
    for (axis, white) in [0xF6D6, 0x10000, 0xD32D].into_iter().enumerate() {
        let sum: i32 = parts.iter().map(|part| part[axis]).sum();
        assert!((sum - white).abs() <= 3, "{sum} of {white}");
    }
}

#[test]
fn what_is_shrunk_while_it_is_read_is_what_is_shrunk_later() {
    let cases = [
        ("palette.png", fixture("palette.png")),
        ("turned.png", fixture("turned.png")),
        ("turned.jpg", fixture("turned.jpg")),
        ("palette_clear_white.png", fixture("palette_clear_white.png")),
        ("gray_alpha.tif", kind("gray_alpha.tif")),
        ("half.exr", fixture("half.exr")),
        ("gray16.tif", fixture("gray16.tif")),
    ];
    for (name, path) in cases {
        let whole = open(&path);
        for size in ["7", "5x40", "50"] {
            let size = size.parse().expect("a size");
            let options = ReadOptions { size: WantedSize::Fit(size), memory: None };
            let (picture, stored) = Picture::open_as(&path, &options).expect(name);
            assert_eq!(stored, whole.extent(), "{name}");
            // None is made larger on the way.
            let picture = picture.fit(size).expect("a good size");
            let later = whole.fit(size).expect("a good size");
            assert_eq!(picture.rgb(), later.rgb(), "{name}, {size}");
            assert!(picture.shows_the_same(&later), "{name}, {size}");
            assert_eq!((picture.profile(), picture.depth()), (later.profile(), later.depth()), "{name}");
        }
    }
}

#[test]
fn what_takes_too_much_memory_is_refused_before_it_is_read() {
    let check = |path: &Path, size: WantedSize, memory| {
        Picture::open_as(path, &ReadOptions { size, memory: Some(memory) })
    };
    for path in [fixture("baseline.jpg"), fixture("palette.bmp"), kind("big.tif"), fixture("half.exr")] {
        let error = check(&path, WantedSize::Own, 200).expect_err("more is needed");
        assert!(matches!(error, PictureError::NoRoom { .. }), "{error:?}");
        assert_message(&error, "of memory to read, and there are 200 B", "which takes");
        check(&path, WantedSize::Own, 100_000).expect("room enough");
    }
}

/// One by Lab values, of which a curve to light cannot be taken.
#[test]
fn a_profile_for_gray_that_cannot_be_kept_is_told_in_plain_words() {
    let mut profile = vec![0; 132];
    profile[12..24].copy_from_slice(b"mntrGRAYLab ");
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(profile).expect("PNG has a place for it");
    encoder.write_image(&[7; 64], 8, 8, ExtendedColorType::L8).expect("it is encoded");
    let picture = open_bytes("gray.png", &file).expect("a good PNG");
    assert_eq!(picture.remarks(), [Remark::GrayProfile]);
    assert_eq!(
        Remark::GrayProfile.to_string(),
        "its colour profile for gray cannot be made into one for RGB, and is left out"
    );
    assert_eq!(picture.profile(), None);
}
