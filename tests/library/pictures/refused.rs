//! Files and planes that are no pictures.

use std::fs;

use puppyslug::extent::Extent;
use puppyslug::picture::{MAX_SIDE, Picture, PictureError};

use super::{WRITABLE, assert_message, fixture, folder, open, open_bytes, sample};

#[test]
fn a_missing_file_is_missing() {
    let error = Picture::open("no/such/picture.png").expect_err("nothing there");
    assert!(matches!(error, PictureError::Missing { .. }), "{error:?}");
    assert_message(&error, "no/such/picture.png", "no picture at");
}

#[test]
fn a_folder_is_not_a_picture() {
    let folder = folder();
    let error = Picture::open(folder.path()).expect_err("a folder");
    assert!(matches!(error, PictureError::Folder { .. }), "{error:?}");
    assert_message(&error, &folder.path().display().to_string(), "is a folder");
}

#[test]
fn an_empty_file_is_empty() {
    let error = open_bytes("nothing.png", b"").expect_err("no bytes");
    assert!(matches!(error, PictureError::Empty { .. }), "{error:?}");
    assert_message(&error, "nothing.png", "is empty");
}

#[test]
fn other_files_are_not_pictures() {
    let others: [(&str, &[u8]); 3] = [
        ("text.png", b"Dear diary, today I saw a dog in the clouds.\n"),
        ("short.jpg", b"x"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ];
    for (name, bytes) in others {
        let error = open_bytes(name, bytes).expect_err(name);
        assert!(matches!(error, PictureError::NotAPicture { .. }), "{error:?}");
        assert_message(&error, name, "png, jpg");
    }
}

#[test]
fn a_known_format_without_a_decoder_is_unsupported() {
    let error = open_bytes("icon.ico", &[0, 0, 1, 0, 1, 0, 16, 16]).expect_err("no decoder");
    assert!(matches!(error, PictureError::Unsupported { .. }), "{error:?}");
    assert_message(&error, "icon.ico", "Ico");
}

#[test]
fn cut_pictures_are_refused_in_every_format() {
    let folder = folder();
    let rgb = (0..3 * 24 * 24).map(|index| (index * 37 % 256) as f32);
    let busy = Picture::from_rgb(Extent::square(24), rgb.collect()).expect("a good size");
    for extension in WRITABLE {
        let path = folder.path().join("whole").with_extension(extension);
        busy.save(&path).expect(extension);
        let bytes = fs::read(&path).expect("just written");
        // Some formats end in a trailer of some 20 bytes that a decoder may do without.
        for length in [20, bytes.len() / 2, bytes.len() - 32] {
            let name = format!("cut.{extension}");
            let error = match open_bytes(&name, &bytes[..length]) {
                Ok(_) => panic!("{length} of {} bytes of {name} were accepted", bytes.len()),
                Err(error) => error,
            };
            assert!(matches!(error, PictureError::Damaged { .. }), "{name}: {error:?}");
            assert_message(&error, &name, "cut short");
        }
    }
}

#[test]
fn cut_jpegs_are_refused_wherever_they_end() {
    for name in ["baseline.jpg", "progressive.jpg", "cmyk.jpg"] {
        let bytes = fs::read(fixture(name)).expect("the fixture is there");
        let whole = open(fixture(name));
        for length in 3..bytes.len() {
            match open_bytes("cut.jpg", &bytes[..length]) {
                // Two bytes say that it ends; before them may stand one of bits that bear on no pixel.
                Ok(picture) => {
                    assert!(length + 4 > bytes.len() && picture.shows_the_same(&whole), "{length}")
                }
                Err(error) => assert!(matches!(error, PictureError::Damaged { .. }), "{error:?}"),
            }
        }
    }
}

#[test]
fn what_follows_the_end_of_a_jpeg_does_no_harm() {
    let mut bytes = fs::read(fixture("baseline.jpg")).expect("the fixture is there");
    bytes.extend(b"a phone's second picture");
    assert!(open_bytes("phone.jpg", &bytes).is_ok());
}

/// The baseline fixture with another size in its header.
fn jpeg_claiming(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = fs::read(fixture("baseline.jpg")).expect("the fixture is there");
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]);
    let frame = frame.expect("a baseline frame");
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

#[test]
fn a_header_that_promises_more_than_the_file_holds_is_refused() {
    let lies = [
        ("lie.ppm", b"P6 16000 16000 255\n???".to_vec()),
        ("lie.qoi", b"qoif\0\0\x3E\x80\0\0\x3E\x80\x03\0\0\0\0\0".to_vec()),
        ("lie.jpg", jpeg_claiming(16_000, 16_000)),
    ];
    for (name, bytes) in lies {
        let error = open_bytes(name, &bytes).expect_err(name);
        assert!(matches!(error, PictureError::Damaged { .. }), "{error:?}");
        assert_message(&error, name, "damaged");
    }
}

#[test]
fn a_picture_too_large_is_refused_with_the_figure() {
    let giants = [
        ("giant.ppm", b"P6 60000 50000 255\n???".to_vec(), "60000x50000"),
        ("long.ppm", b"P6 65536 1 255\n???".to_vec(), "65536x1"),
        ("long.qoi", b"qoif\0\x01\0\0\0\0\0\x01\x03\0".to_vec(), "65536x1"),
    ];
    for (name, bytes, figure) in giants {
        let error = open_bytes(name, &bytes).expect_err(name);
        assert!(matches!(error, PictureError::FileSize { .. }), "{error:?}");
        assert_message(&error, name, figure);
        assert_message(&error, name, "at most 65535 a side and 268435456 pixels");
    }
}

#[test]
fn a_file_without_pixels_is_refused() {
    for (name, bytes) in [("flat.ppm", b"P6 5 0 255\n"), ("thin.ppm", b"P6 0 5 255\n")] {
        let error = open_bytes(name, bytes).expect_err(name);
        assert_message(&error, name, "has no pixels");
    }
    let error = open_bytes("flat.jpg", &jpeg_claiming(32, 0)).expect_err("no height");
    assert_message(&error, "flat.jpg", "zero");
}

#[test]
fn planes_must_match_the_size() {
    let refused = |width, height, samples| {
        Picture::from_rgb(Extent { height, width }, vec![0.0; samples]).expect_err("a bad size").to_string()
    };
    assert!(refused(0, 5, 0).contains("0x5 has no pixels"));
    assert!(refused(MAX_SIDE + 1, 1, 0).contains("too large"));
    assert!(refused(2, 2, 11).contains("11 samples"));
    let error = sample(2, 2).with_alpha(Some(vec![0; 3]));
    assert!(error.expect_err("too few").to_string().contains("needs 4"));
}
