//! Damaged files, and files that promise too much.

use std::fs;

use puppyslug::picture::{Depth, Picture, PictureError, read_recipe};
use testkit::Random;

use super::recipes::SHORT;
use super::{carrying, fixture, folder, noise};

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
