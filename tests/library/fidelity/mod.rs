//! What a picture keeps on its way through the program: depth, alpha, profile, light, recipe, streams.

use std::fs;
use std::path::{Path, PathBuf};

use image::Rgba32FImage;
use puppyslug::picture::Picture;
use puppyslug::picture::{Depth, Format, PictureError, SaveOptions, read_recipe};
use tempfile::TempDir;
use testkit::Random;

const ALL: [&str; 14] =
    ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif", "ppm", "pnm", "tga", "qoi", "exr", "hdr"];

/// Formats that hold every whole value exactly, with these bits a sample.
const EXACT: [(&str, Depth); 9] = [
    ("png", Depth::Eight),
    ("png", Depth::Sixteen),
    ("tif", Depth::Eight),
    ("tif", Depth::Sixteen),
    ("ppm", Depth::Eight),
    ("ppm", Depth::Sixteen),
    ("webp", Depth::Eight),
    ("qoi", Depth::Eight),
    ("tga", Depth::Eight),
];

const WITH_PROFILE: [&str; 4] = ["png", "jpg", "webp", "tif"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures").join(name)
}

fn open(path: impl AsRef<Path>) -> Picture {
    Picture::open(path).unwrap_or_else(|error| panic!("{error}"))
}

/// Saves under that ending and opens it again.
fn through(picture: &Picture, extension: &str, options: &SaveOptions<'_>) -> Picture {
    let folder = folder();
    let path = folder.path().join("through").with_extension(extension);
    picture.save_as(&path, options).unwrap_or_else(|error| panic!("{error}"));
    open(path)
}

/// Whole 16-bit samples, or 8-bit ones, as the planes of a picture.
fn samples(depth: Depth, count: usize, name: &str) -> Vec<u16> {
    let mut random = Random::named(name);
    let scale = if depth == Depth::Eight { 257 } else { 1 };
    let most = usize::from(u16::MAX) / scale;
    (0..count).map(|_| (random.below(most + 1) * scale) as u16).collect()
}

fn noise(depth: Depth, alpha: bool) -> Picture {
    let (width, height) = (19, 11);
    let levels =
        samples(depth, 3 * width * height, "colours").into_iter().map(|word| f32::from(word) / 257.0);
    let alpha = alpha.then(|| samples(depth, width * height, "alpha"));
    let picture = Picture::from_rgb(width, height, levels.collect()).expect("a good size");
    picture.with_alpha(alpha).expect("as many")
}

fn at(depth: Depth) -> SaveOptions<'static> {
    SaveOptions { depth: Some(depth), ..SaveOptions::default() }
}

fn carrying(recipe: &str) -> SaveOptions<'_> {
    SaveOptions { recipe: Some(recipe), ..SaveOptions::default() }
}

/// The light in a file, read by another hand.
fn light(path: impl AsRef<Path>) -> Rgba32FImage {
    image::open(path).expect("a picture").into_rgba32f()
}

// Whole numbers.

#[test]
fn whole_samples_come_back_bit_equal() {
    for (extension, depth) in EXACT {
        for alpha in [false, true] {
            let picture = noise(depth, alpha);
            let back = through(&picture, extension, &at(depth));
            assert_eq!(back.rgb(), picture.rgb(), "{extension} {depth}");
            assert_eq!(back.depth(), depth, "{extension}");
            let expected = picture.alpha().filter(|_| extension != "ppm");
            assert_eq!(back.alpha(), expected, "{extension} {depth}");
        }
    }
}

#[test]
fn eight_bits_are_not_enough_for_sixteen() {
    let deep = noise(Depth::Sixteen, false);
    assert_ne!(through(&deep, "png", &at(Depth::Eight)).rgb(), deep.rgb());
}

#[test]
fn a_deep_picture_stays_deep_where_the_format_can() {
    let deep = through(&noise(Depth::Sixteen, true), "png", &at(Depth::Sixteen));
    for (extension, depth) in [
        ("png", Depth::Sixteen),
        ("tif", Depth::Sixteen),
        ("ppm", Depth::Sixteen),
        ("exr", Depth::Sixteen),
        ("jpg", Depth::Eight),
        ("webp", Depth::Eight),
        ("bmp", Depth::Eight),
        ("gif", Depth::Eight),
    ] {
        let back = through(&deep, extension, &SaveOptions::default());
        assert_eq!(back.depth(), depth, "{extension}");
        if extension == "png" || extension == "tif" {
            assert_eq!((back.rgb(), back.alpha()), (deep.rgb(), deep.alpha()), "{extension}");
        }
    }
    // Nothing says that a picture from nowhere was deep.
    assert_eq!(through(&noise(Depth::Sixteen, false), "png", &SaveOptions::default()).depth(), Depth::Eight);
    // A smaller copy is as deep as what it was made of.
    assert_eq!(deep.resized(7, 5).expect("a good size").depth(), Depth::Sixteen);
}

#[test]
fn every_format_goes_into_every_other() {
    for from in ALL {
        let first = through(&noise(Depth::Eight, true), from, &SaveOptions::default());
        for to in ALL {
            let second = through(&first, to, &SaveOptions::default());
            assert_eq!((second.width(), second.height()), (19, 11), "{from} to {to}");
            // Losses aside, it is still the same picture: the mean of noise moves far when channels are
            // swapped with alpha or light is taken for levels.
            let mean = |picture: &Picture| picture.rgb().iter().sum::<f32>() / picture.rgb().len() as f32;
            // What is clear has no colour in OpenEXR, but nothing here is: GIF, which makes it so, is left out.
            if from != "gif" && to != "gif" {
                assert!((mean(&second) - mean(&first)).abs() < 3.0, "{from} to {to}");
            }
        }
    }
}

#[test]
fn quality_is_for_jpegs() {
    let folder = folder();
    let size = |quality| {
        let path = folder.path().join("q.jpg");
        let options = SaveOptions { quality, ..SaveOptions::default() };
        noise(Depth::Eight, false).save_as(&path, &options).expect("saved");
        fs::metadata(path).expect("there").len()
    };
    assert!(size(Some(10)) < size(Some(50)) && size(Some(50)) < size(Some(100)));
    assert_eq!(size(None), size(Some(95)));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = folder();
    let default = SaveOptions::default();
    let long = "x".repeat((16 << 20) + 1);
    for (name, options, words) in [
        ("a.jpg", at(Depth::Sixteen), "jpg has no 16 bits a sample; accepted: 8"),
        ("a.png", at(Depth::ThirtyTwo), "png has no 32 bits a sample; accepted: 8, 16"),
        ("a.exr", at(Depth::Eight), "exr has no 8 bits a sample; accepted: 16, 32"),
        ("a.png", SaveOptions { quality: Some(50), ..default }, "accepted for jpg alone"),
        ("a.jpg", SaveOptions { quality: Some(0), ..default }, "0 is not a quality; accepted: 1 to 100"),
        ("a.jpg", SaveOptions { quality: Some(101), ..default }, "101 is not a quality"),
        ("a.jpg", SaveOptions { format: Some(Format::Png), ..default }, "says jpg, but png is asked for"),
        ("a.png", carrying("{\"a\": \"\u{0}\"}"), "control character"),
        ("a.png", carrying(&long), "has 16777217 bytes"),
    ] {
        let path = folder.path().join(name);
        let early = options.check(&path).expect_err(words);
        let late = noise(Depth::Eight, false).save_as(&path, &options).expect_err(words);
        assert!(matches!(early, PictureError::Unsuitable { .. }), "{early:?}");
        assert_eq!(early.to_string(), late.to_string());
        assert!(early.to_string().contains(words) && early.to_string().contains(name), "{early}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
    // Where the name says nothing, the format may.
    let path = folder.path().join("dream.bin");
    let options = SaveOptions { format: Some(Format::WebP), ..default };
    noise(Depth::Eight, false).save_as(&path, &options).expect("saved");
    assert_eq!(open(&path), noise(Depth::Eight, false));
}

#[test]
fn formats_and_depths_are_read_as_written() {
    assert_eq!("JPEG".parse(), Ok(Format::Jpeg));
    assert_eq!("16".parse(), Ok(Depth::Sixteen));
    let message = "avif".parse::<Format>().expect_err("no decoder").to_string();
    assert!(message.contains("'avif'") && message.contains("png, jpg"), "{message}");
    let message = "12".parse::<Depth>().expect_err("none").to_string();
    assert!(message.contains("'12'") && message.contains("8, 16, 32"), "{message}");
}

// Notes: profile and orientation.

/// As tests/fixtures/pictures/make.py makes it.
fn profile() -> Vec<u8> {
    let mut data: Vec<u8> = (0..600u32).map(|index| (index * 7 % 256) as u8).collect();
    data[0..4].copy_from_slice(&600u32.to_be_bytes());
    data[12..24].copy_from_slice(b"mntrRGB XYZ ");
    data[36..40].copy_from_slice(b"acsp");
    data
}

#[test]
fn profiles_come_in_and_go_out_byte_for_byte() {
    for from in WITH_PROFILE {
        let picture = open(fixture(&format!("turned.{from}")));
        assert_eq!(picture.profile(), Some(&profile()[..]), "{from}");
        for to in WITH_PROFILE {
            for depth in [Depth::Eight, Depth::Sixteen] {
                if depth == Depth::Sixteen && matches!(to, "jpg" | "webp") {
                    continue;
                }
                let back = through(&picture, to, &SaveOptions { recipe: Some("{}"), ..at(depth) });
                assert_eq!(back.profile(), Some(&profile()[..]), "{from} to {to}");
            }
        }
        assert_eq!(through(&picture, "bmp", &SaveOptions::default()).profile(), None);
        assert_eq!(picture.resized(5, 5).expect("a good size").profile(), Some(&profile()[..]));
    }
    assert_eq!(open(fixture("baseline.jpg")).profile(), None);
}

#[test]
fn a_profile_for_other_colours_is_left_behind() {
    let mut bytes = fs::read(fixture("turned.tif")).expect("the fixture is there");
    let place = bytes.windows(8).position(|part| part == b"mntrRGB ").expect("a profile");
    bytes[place + 4..place + 8].copy_from_slice(b"GRAY");
    let picture = Picture::decode(&bytes, "gray.tif").expect("a good picture");
    assert_eq!(picture.profile(), None);
}

#[test]
fn pictures_of_every_kind_are_turned_upright() {
    for ending in WITH_PROFILE {
        let picture = open(fixture(&format!("turned.{ending}")));
        let plane = 32 * 32;
        let colour =
            |x: usize, y: usize| [0, 1, 2].map(|channel| picture.rgb()[channel * plane + y * 32 + x]);
        // Stored red and green above blue and white; a quarter turn to the right.
        let seen = [colour(8, 8), colour(24, 8), colour(8, 24), colour(24, 24)];
        let upright = [[0.0, 0.0, 255.0], [255.0, 0.0, 0.0], [255.0; 3], [0.0, 255.0, 0.0]];
        for (seen, expected) in seen.iter().flatten().zip(upright.iter().flatten()) {
            // JPEG rounds several times on the way.
            assert!((seen - expected).abs() <= if ending == "jpg" { 3.0 } else { 0.0 }, "{ending}: {seen}");
        }
        // It lies as it is seen and is not turned again.
        assert_eq!(through(&picture, "png", &SaveOptions::default()).rgb(), picture.rgb());
    }
}

// Light.

/// The rows of the OpenEXR fixtures, and those of their half clear right half.
const LIGHT: [[f32; 3]; 4] = [[0.0, 0.0, 0.0], [0.5, 0.25, 0.125], [24.0, 12.0, 0.75], [-0.25, 0.5, 1.0]];

/// sRGB-coded levels of 0.5, 0.25 and 0.125, from the formula: 255 * (1.055 * v^(1/2.4) - 0.055).
const CODED: [f32; 3] = [187.516, 136.9602, 99.0861];

#[test]
fn light_becomes_coded_levels() {
    for name in ["half.exr", "whole.exr"] {
        let picture = open(fixture(name));
        let row = |row: usize, x: usize| [0, 1, 2].map(|channel| picture.rgb()[channel * 16 + row * 4 + x]);
        assert_eq!(row(0, 0), [0.0; 3]);
        assert_eq!((row(2, 0)[0], row(2, 0)[1]), (255.0, 255.0), "a lamp is white");
        assert_eq!((row(3, 0)[0], row(3, 0)[2]), (0.0, 255.0), "what is below black is black");
        for (found, expected) in row(1, 0).iter().zip(CODED) {
            // Digits of the constants.
            assert!((found - expected).abs() < 1e-3, "{name}: {found} for {expected}");
        }
        let alpha = picture.alpha().expect("half of it is half clear");
        assert_eq!((alpha[0], alpha[2]), (u16::MAX, 32_768));
        for (clear, solid) in row(1, 2).iter().zip(row(1, 0)) {
            // Alpha is 32768/65535 for a half: 1.5e-5 of the light, and less of its root, of 255 levels.
            assert!((clear - solid).abs() < 255.0 * 2e-5, "the colour under the alpha");
        }
    }
    assert_eq!(open(fixture("half.exr")).depth(), Depth::Sixteen);
    assert_eq!(open(fixture("whole.exr")).depth(), Depth::ThirtyTwo);
}

#[test]
fn half_floats_come_back_bit_equal() {
    let folder = folder();
    let path = folder.path().join("again.exr");
    open(fixture("half.exr")).save(&path).expect("saved");
    // Every step errs by parts of 2^-24 and a half float knows 2^-11: it rounds to where it came from.
    assert_eq!(light(&path).as_raw(), light(fixture("half.exr")).as_raw());
    let row = |y| *light(&path).get_pixel(0, y);
    assert_eq!([0, 1, 2, 3].map(|y| [row(y).0[0], row(y).0[1], row(y).0[2]]), LIGHT);
}

#[test]
fn whole_floats_come_back_to_their_last_bits() {
    let folder = folder();
    let (first, path) = (folder.path().join("first.exr"), folder.path().join("again.exr"));
    let mut random = Random::named("light");
    // From 2^-16 to 2^16, so that some is excess.
    let values = (0..3 * 32 * 32).map(|_| 2f32.powi(random.below(32) as i32 - 16) * 1.234_567);
    let image = image::Rgb32FImage::from_raw(32, 32, values.collect()).expect("as many");
    image.save(&first).expect("a fixture is encoded");
    open(&first).save(&path).expect("saved");
    let (before, after) = (light(&first), light(&path));
    for (before, after) in before.as_raw().iter().zip(after.as_raw()) {
        // Rounded twice: as a level, where 2^-24 of it is at most 2.4 times that of the light (the curve is
        // a power of 2.4 or flatter), and as light again.
        let tolerance = before * 3.4 * 2f32.powi(-24);
        assert!((before - after).abs() <= tolerance, "{after} for {before}");
    }
}

#[test]
fn radiance_comes_back_byte_for_byte() {
    let folder = folder();
    let path = folder.path().join("again.hdr");
    let picture = open(fixture("light.hdr"));
    picture.save(&path).expect("saved");
    let pixels = light(fixture("light.hdr"));
    // 128 of 2^(129 - 136), and so on.
    assert_eq!(pixels.get_pixel(0, 0).0, [1.0, 0.5, 0.25, 1.0]);
    assert_eq!(pixels.get_pixel(1, 1).0, [31.875, 0.0, 0.125, 1.0]);
    assert_eq!(light(&path).as_raw(), pixels.as_raw());
    // Fine enough for all three bytes and the exponent.
    let whole = through(&picture, "exr", &SaveOptions::default());
    assert_eq!(whole.depth(), Depth::ThirtyTwo);
    whole.save(&path).expect("saved");
    assert_eq!(light(&path).as_raw(), pixels.as_raw());
}

#[test]
fn radiance_rounds_to_the_nearest_byte() {
    let folder = folder();
    let path = folder.path().join("noise.hdr");
    noise(Depth::Sixteen, false).save(&path).expect("saved");
    let exact = folder.path().join("noise.exr");
    noise(Depth::Sixteen, false).save_as(&exact, &at(Depth::ThirtyTwo)).expect("saved");
    let mut below = 0;
    for (rough, exact) in light(&path).pixels().zip(light(&exact).pixels()) {
        let largest = exact.0[..3].iter().fold(0.0, |largest: f32, light| largest.max(*light));
        for (rough, exact) in rough.0.iter().zip(exact.0) {
            // The largest of the three has at least 128 steps: half a step is a 256th of it. Where it rounds
            // up to the next exponent, steps are twice as long and the other two are cut off there.
            assert!((rough - exact).abs() <= largest / 128.0, "{rough} for {exact}");
            below += usize::from(*rough < exact);
        }
    }
    // Of 627 samples, cutting off would put nearly all below; 13 is the standard deviation of the half.
    assert!((250..380).contains(&below), "{below} of 627");
}

#[test]
fn very_dark_light_is_black_and_not_a_lamp() {
    let dark = image::Rgb32FImage::from_pixel(2, 2, image::Rgb([1e-40, 1e-39, 0.0]));
    let folder = folder();
    let (from, to) = (folder.path().join("dark.exr"), folder.path().join("dark.hdr"));
    dark.save(&from).expect("a fixture is encoded");
    open(&from).save(&to).expect("saved");
    assert!(light(&to).pixels().all(|pixel| pixel.0[..3] == [0.0; 3]));
}

#[test]
fn light_that_is_no_number_does_no_harm() {
    let pixels = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 0.5, 0.0];
    let image = image::Rgb32FImage::from_raw(2, 1, pixels.to_vec()).expect("six");
    let folder = folder();
    let path = folder.path().join("odd.exr");
    image.save(&path).expect("a fixture is encoded");
    let picture = open(&path);
    assert!(picture.rgb().iter().all(|level| (0.0..=255.0).contains(level)));
    let large = picture.resized(9, 7).expect("a good size");
    for (picture, depth) in [(&picture, 16), (&picture, 32), (&large, 16), (&large, 32)] {
        let depth = if depth == 16 { Depth::Sixteen } else { Depth::ThirtyTwo };
        picture.save_as(&path, &at(depth)).expect("saved");
        assert!(light(&path).as_raw().iter().all(|light| light.is_finite()));
    }
}

#[test]
fn a_lamp_stays_a_lamp_through_levels_that_change() {
    let mut picture = open(fixture("half.exr"));
    // A dream paints over everything.
    picture.rgb_mut().fill(128.0);
    let folder = folder();
    let path = folder.path().join("dreamed.exr");
    picture.save(&path).expect("saved");
    let gray = ((128.0f32 / 255.0 + 0.055) / 1.055).powf(2.4);
    let lamp = light(&path).get_pixel(0, 2).0;
    // 24 is an excess of 23; half floats near 24 are 2^-6 apart.
    assert!((lamp[0] - (gray + 23.0)).abs() <= 2f32.powi(-7), "{lamp:?}");
    assert!((lamp[2] - gray).abs() <= 2f32.powi(-13), "{lamp:?}");
    // No other format knows of it.
    assert!(through(&picture, "png", &SaveOptions::default()).rgb().iter().all(|level| *level == 128.0));
}

#[test]
fn a_lamp_is_resized_with_its_picture() {
    let mut pixels = image::Rgb32FImage::from_pixel(40, 30, image::Rgb([0.25; 3]));
    for (x, y) in [(19, 14), (20, 14), (19, 15), (20, 15)] {
        pixels.put_pixel(x, y, image::Rgb([101.0; 3]));
    }
    let folder = folder();
    let path = folder.path().join("lamp.exr");
    pixels.save(&path).expect("a fixture is encoded");
    let picture = open(&path);
    for (width, height) in [(20, 15), (13, 29), (80, 60)] {
        picture.resized(width, height).expect("a good size").save(&path).expect("saved");
        let resized = light(&path);
        assert_eq!(resized.dimensions(), (width as u32, height as u32));
        let excess = |light: f32| f64::from((light - 1.0).max(0.0));
        let total: f64 = resized.pixels().map(|pixel| excess(pixel.0[0])).sum();
        // The excess of four pixels, as much area as before. Weights over the border and samples between
        // the new ones cost some; a lamp lost or doubled would cost half.
        let share = total / (4.0 * 100.0) * (40.0 * 30.0) / (width * height) as f64;
        assert!((0.8..1.2).contains(&share), "{width}x{height}: {share}");
        let brightest = resized.pixels().fold(0.0f32, |most, pixel| most.max(pixel.0[0]));
        assert!(brightest > 10.0 && brightest <= 101.1, "{brightest}");
        // Far from the lamp there is none.
        assert!(resized.get_pixel(1, 1).0[0] < 0.26);
    }
}

#[test]
fn what_is_stored_outside_the_window_is_not_seen() {
    let picture = open(fixture("window.exr"));
    assert_eq!((picture.width(), picture.height()), (6, 2));
    let alpha = picture.alpha().expect("nothing is stored on the right");
    // Columns 1 to 6 of which 1 to 3 are stored; rows 1 and 2.
    assert_eq!(alpha[..6], [u16::MAX, 32_768, 32_768, 0, 0, 0]);
    assert_eq!(picture.rgb()[6], 255.0, "the lamp is in the second row");
}

// Recipes.

const SHORT: &str = "{\"seed\": 7, \"name\": \"a<b>&amp;\\\"c\\\" – Käse, 夢, 🐕\",\r\n\t\"end\": \"]]>\"}";

#[test]
fn a_recipe_comes_back_from_every_format() {
    // Longer than one JPEG segment, longer than two.
    let long = format!("{{\"text\": \"{}\"}}", "Träume & <Hunde> 夢 ".repeat(9000));
    for extension in ALL {
        for recipe in [SHORT, "{}", &long] {
            let folder = folder();
            let path = folder.path().join("dream").with_extension(extension);
            let picture = noise(Depth::Eight, true);
            picture.save_as(&path, &carrying(recipe)).expect(extension);
            assert_eq!(read_recipe(&path).expect(extension).as_deref(), Some(recipe), "{extension}");
            let beside = folder.path().join(format!("dream.{extension}.json"));
            let inside = Format::of_path(&path).expect("known").holds_text();
            assert_eq!(beside.exists(), !inside, "{extension}");
            // The pixels are those of a picture without one.
            let plain = through(&picture, extension, &SaveOptions::default());
            assert_eq!(open(&path), plain, "{extension}");
        }
    }
}

/// A recipe as puppyslug writes them, as far as the files are concerned.
const OURS: &str = "{\"puppyslug\": \"0.1.0\"}";

#[test]
fn a_recipe_beside_does_not_outlive_its_picture() {
    for extension in ALL {
        let folder = folder();
        let path = folder.path().join("dream").with_extension(extension);
        let beside = folder.path().join(format!("dream.{extension}.json"));
        noise(Depth::Eight, false).save_as(&path, &carrying(OURS)).expect(extension);
        fs::write(&beside, OURS).expect("written");
        noise(Depth::Eight, false).save(&path).expect(extension);
        assert_eq!(read_recipe(&path).expect(extension), None, "{extension}");
        assert!(!beside.exists(), "{extension}");
    }
}

#[test]
fn what_lies_beside_and_is_no_recipe_stays() {
    let folder = folder();
    let path = folder.path().join("frame.bmp");
    let beside = folder.path().join("frame.bmp.json");
    for notes in ["{\"boxes\": []}", "[\"puppyslug\"]", "not even JSON: puppyslug"] {
        fs::write(&beside, notes).expect("written");
        noise(Depth::Eight, false).save(&path).expect("saved");
        assert_eq!(fs::read_to_string(&beside).expect("still there"), notes);
    }
}

#[test]
fn a_picture_that_cannot_be_saved_keeps_the_recipe_of_the_one_that_is_there() {
    let folder = folder();
    let path = folder.path().join("dream.bmp");
    noise(Depth::Eight, false).save_as(&path, &carrying(OURS)).expect("saved");
    let impossible = SaveOptions { depth: Some(Depth::Sixteen), ..SaveOptions::default() };
    noise(Depth::Eight, false).save_as(&path, &impossible).expect_err("BMP has 8 bits");
    assert_eq!(read_recipe(&path).expect("a BMP").as_deref(), Some(OURS));
}

#[test]
fn a_picture_without_a_recipe_has_none() {
    let folder = folder();
    for extension in ALL {
        let path = folder.path().join("plain").with_extension(extension);
        noise(Depth::Eight, false).save(&path).expect(extension);
        assert_eq!(read_recipe(&path).expect(extension), None, "{extension}");
    }
    for name in ["baseline.jpg", "turned.tif", "turned.webp", "turned.png", "half.exr", "animated.gif"] {
        assert_eq!(read_recipe(fixture(name)).expect(name), None, "{name}");
    }
}

#[test]
fn what_other_programs_write_is_no_recipe() {
    let baseline = fs::read(fixture("baseline.jpg")).expect("the fixture is there");
    let folder = folder();
    let path = folder.path().join("other.jpg");
    let comment = b"\xFF\xFE\x00\x0AMy dog!!";
    fs::write(&path, [&baseline[..2], comment, &baseline[2..]].concat()).expect("written");
    assert_eq!(read_recipe(&path).expect("a good JPEG"), None);
    // Nor does it hide one beside.
    fs::write(folder.path().join("other.jpg.json"), "{\"a\": 1}").expect("written");
    assert_eq!(read_recipe(&path).expect("a good JPEG").as_deref(), Some("{\"a\": 1}"));
}

#[test]
fn a_recipe_behind_the_pixels_or_packed_is_found() {
    let folder = folder();
    let path = folder.path().join("late.png");
    for packed in [false, true] {
        let mut bytes = Vec::new();
        let mut writer = png::Encoder::new(&mut bytes, 1, 1).write_header().expect("a header");
        writer.write_image_data(&[7]).expect("a pixel");
        let mut chunk = png::text_metadata::ITXtChunk::new("puppyslug", SHORT);
        if packed {
            chunk.compress_text().expect("packed");
        }
        writer.write_text_chunk(&chunk).expect("a text");
        writer.finish().expect("an end");
        fs::write(&path, bytes).expect("written");
        assert_eq!(read_recipe(&path).expect("a good PNG").as_deref(), Some(SHORT), "{packed}");
    }
}

#[test]
fn files_without_a_recipe_to_read_are_refused() {
    let folder = folder();
    assert!(matches!(read_recipe("no/such.png"), Err(PictureError::Missing { .. })));
    assert!(matches!(read_recipe(folder.path()), Err(PictureError::Folder { .. })));
    let path = folder.path().join("text.png");
    fs::write(&path, "Dear diary").expect("written");
    assert!(matches!(read_recipe(&path), Err(PictureError::NotAPicture { .. })));
    // Not text.
    let mut bytes = noise(Depth::Eight, false).encode("a.jpg", &carrying("{}")).expect("encoded");
    let place = bytes.windows(12).position(|part| part == b"puppyslug:{}").expect("a comment");
    bytes[place + 10] = 0xFF;
    let path = folder.path().join("bad.jpg");
    fs::write(&path, bytes).expect("written");
    let error = read_recipe(&path).expect_err("not UTF-8").to_string();
    assert!(error.contains("bad.jpg") && error.contains("UTF-8"), "{error}");
}

// Hostile input.

#[test]
fn no_damage_makes_it_panic() {
    let sources: Vec<(String, Vec<u8>)> = ["half.exr", "whole.exr", "window.exr", "light.hdr"]
        .into_iter()
        .chain(["turned.png", "turned.tif", "turned.webp", "turned.jpg"])
        .map(|name| (name.to_owned(), fs::read(fixture(name)).expect("the fixture is there")))
        .chain(["png", "jpg", "webp", "tif", "exr"].map(|extension| {
            let name = format!("recipe.{extension}");
            let bytes = noise(Depth::Eight, true).encode(&name, &carrying(SHORT)).expect("encoded");
            (name, bytes)
        }))
        .collect();
    let folder = folder();
    let mut random = Random::named("damage");
    let (mut refused, mut accepted) = (0, 0);
    for (name, bytes) in sources {
        for _ in 0..400 {
            let mut bytes = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                bytes[at] = [0, 0xFF, 0x7F, random.below(256) as u8][random.below(4)];
            }
            if random.below(8) == 0 {
                bytes.truncate(random.below(bytes.len()));
            }
            match Picture::decode(&bytes, &name) {
                Ok(_) => accepted += 1,
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().contains('\n'), "{error}");
                }
            }
            let path = folder.path().join(&name);
            fs::write(&path, &bytes).expect("written");
            let _ = read_recipe(&path);
            // Writing over a file takes a journal's time on some disks.
            fs::remove_file(&path).expect("just written");
        }
    }
    assert!(refused > 500 && accepted > 500, "{refused} refused, {accepted} accepted");
}

#[test]
fn float_pictures_cut_short_are_refused() {
    for name in ["half.exr", "whole.exr", "window.exr", "light.hdr"] {
        let bytes = fs::read(fixture(name)).expect("the fixture is there");
        for length in 12..bytes.len() {
            let error = Picture::decode(&bytes[..length], name).expect_err("cut");
            // "FORMAT=3" is a format, only not a known one.
            let told = matches!(error, PictureError::Damaged { .. } | PictureError::Unsupported { .. });
            assert!(told, "{name} at {length}: {error:?}");
        }
        assert!(Picture::decode(&bytes, name).is_ok());
    }
}

#[test]
fn a_header_of_light_that_promises_too_much_is_refused() {
    let hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 50000\n??";
    let error = Picture::decode(hdr, "giant.hdr").expect_err("too large").to_string();
    assert!(error.contains("giant.hdr") && error.contains("50000x60000"), "{error}");
    // The far corner of what is stored, and of what is seen.
    for attribute in ["dataWindow\0", "displayWindow\0"] {
        let mut bytes = fs::read(fixture("half.exr")).expect("the fixture is there");
        let place = bytes.windows(attribute.len()).position(|part| part == attribute.as_bytes());
        let corner = place.expect("a window") + attribute.len() + "box2i\0".len() + 4 + 8;
        bytes[corner..corner + 4].copy_from_slice(&99_999i32.to_le_bytes());
        let error = Picture::decode(&bytes, "wide.exr").expect_err("too large").to_string();
        assert!(error.contains("wide.exr") && error.contains("100000x"), "{error}");
    }
}

#[test]
fn a_packed_profile_without_end_is_not_unpacked() {
    // 64 MiB of zeros, packed to 64 KiB.
    let mut bytes = Vec::new();
    let mut info = png::Info::with_size(1, 1);
    info.icc_profile = Some(vec![0; 64 << 20].into());
    let encoder = png::Encoder::with_info(&mut bytes, info).expect("good information");
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&[7]).expect("a pixel");
    writer.finish().expect("an end");
    // It is ignored or refused, but not believed.
    if let Ok(picture) = Picture::decode(&bytes, "bomb.png") {
        assert_eq!(picture.profile(), None);
    }
}
