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

/// A TIFF whose directory says something else under a tag, whose value stands in the entry.
fn with_tag(tiff: &[u8], tag: u16, value: u16) -> Vec<u8> {
    let number = |at: usize, size: usize| {
        tiff[at..at + size].iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
    };
    assert!(tiff.starts_with(b"II*\0"), "a file that begins with low bytes");
    let directory = number(4, 4);
    let entries = (0..number(directory, 2)).map(|index| directory + 2 + 12 * index);
    let entry = entries.into_iter().find(|&at| number(at, 2) == usize::from(tag)).expect("the tag is there");
    let mut changed = tiff.to_vec();
    changed[entry + 8..entry + 10].copy_from_slice(&value.to_le_bytes());
    changed
}

/// A good file of RGB, not packed.
fn encoded_tiff() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(8, 8, image::Rgb([9, 99, 199]));
    image.write_to(&mut file, image::ImageFormat::Tiff).expect("it is encoded");
    file.into_inner()
}

/// By what they are, and not by what the decoder calls what it lacks.
#[test]
fn tiffs_that_cannot_be_read_are_refused_in_plain_words() {
    const PACKING: u16 = 259;
    const COLOURS: u16 = 262;
    let whole = encoded_tiff();
    let gray = fs::read(testkit::fixture("kinds").join("gray4.tif")).expect("the fixture is there");
    for (file, words) in [
        (with_tag(&whole, PACKING, 50_000), "a TIFF packed by Zstandard"),
        (with_tag(&whole, PACKING, 34_925), "a TIFF packed by LZMA"),
        (with_tag(&whole, PACKING, 6), "a TIFF packed as JPEG in the old way (6)"),
        (with_tag(&whole, PACKING, 3), "a TIFF packed as CCITT group 3 fax"),
        (with_tag(&whole, PACKING, 12_345), "a TIFF packed by method 12345"),
        (with_tag(&whole, COLOURS, 8), "a TIFF of L*a*b* colours with 3 x 8 bits a pixel"),
        (with_tag(&whole, COLOURS, 9), "a TIFF of L*a*b* colours"),
        (with_tag(&whole, COLOURS, 4), "a TIFF of a mask and no colours with 3 x 8 bits"),
        (with_tag(&whole, COLOURS, 32_803), "a TIFF of colours of an unknown kind, such as a camera's raw"),
        (with_tag(&whole, COLOURS, 5), "a TIFF of inks with 3 x 8 bits a pixel"),
        (with_tag(&gray, COLOURS, 4), "a TIFF of a mask and no colours with 1 x 4 bits a pixel"),
    ] {
        let error = open_bytes("strange.tif", &file).expect_err(words);
        assert!(matches!(error, PictureError::Unsupported { .. }), "{error:?}");
        assert_message(&error, "strange.tif", words);
        assert!(!error.to_string().contains("unsupported"), "{error}");
    }
    open_bytes("good.tif", &with_tag(&whole, PACKING, 1)).expect("the file is good apart from that");
}
