//! The recipe in a picture, or beside one.

use std::fs;

use puppyslug::picture::{Depth, Format, PictureError, SaveOptions, read_recipe};

use super::{ALL, carrying, fixture, folder, noise, open, through};

pub(super) const SHORT: &str =
    "{\"seed\": 7, \"name\": \"a<b>&amp;\\\"c\\\" – Käse, 夢, 🐕\",\r\n\t\"end\": \"]]>\"}";

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
