//! What goes out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use image::ImageFormat;
use puppyslug::extent::Extent;
use puppyslug::files::output::OutputError;
use puppyslug::picture::sky::sky;
use puppyslug::picture::{Depth, Picture, PictureError, SaveOptions, to_byte};
use tiff::tags::Tag;

use super::{WRITABLE, assert_message, colour, folder, names_in, open, sample};

#[test]
fn every_format_gives_back_what_it_can() {
    let folder = folder();
    let picture = sample(13, 7);
    for extension in WRITABLE {
        let path = folder.path().join("picture").with_extension(extension);
        picture.save(&path).expect(extension);
        let back = open(&path);
        if extension.starts_with('j') {
            assert_eq!((back.width(), back.height()), (13, 7));
        } else {
            assert_eq!(back, picture, "{extension}");
        }
    }
}

/// libtiff warns of a predictor in a file that is not compressed, and whoever reads with it does.
#[test]
fn a_tiff_has_no_tag_that_readers_warn_of() {
    let folder = folder();
    let path = folder.path().join("picture.tif");
    for (depth, strips) in [(Depth::Eight, 1), (Depth::Sixteen, 2)] {
        // Of two strips of a million bytes, in 16 bits.
        let picture = sky(Extent::new(500, 500), 1).expect("a sky");
        let options = SaveOptions { depth: Some(depth), recipe: Some("{}"), ..SaveOptions::default() };
        picture.save_as(&path, &options).expect("saved");
        assert_eq!(open(&path).extent(), picture.extent());
        let file = fs::File::open(&path).expect("it is there");
        let mut decoder = tiff::decoder::Decoder::new(file).expect("a TIFF");
        assert_eq!(decoder.find_tag(Tag::Predictor).expect("tags are read"), None);
        assert_eq!(decoder.strip_count().expect("strips"), strips);
        for tag in [Tag::BitsPerSample, Tag::SampleFormat, Tag::XResolution, Tag::ImageDescription] {
            assert!(decoder.find_tag(tag).expect("tags are read").is_some(), "{tag:?}");
        }
    }
}

#[test]
fn extensions_may_shout_and_say_what_they_mean() {
    let folder = folder();
    for (name, format) in [
        ("a.PNG", ImageFormat::Png),
        ("a.Jpg", ImageFormat::Jpeg),
        ("a.webp", ImageFormat::WebP),
        ("a.tif", ImageFormat::Tiff),
        ("a.b.gif", ImageFormat::Gif),
    ] {
        let path = folder.path().join(name);
        sample(4, 4).save(&path).expect(name);
        let bytes = fs::read(&path).expect("just written");
        assert_eq!(image::guess_format(&bytes).expect(name), format, "{name}");
    }
    let path = folder.path().join("a.ppm");
    sample(4, 4).save(&path).expect("saved");
    assert!(fs::read(path).expect("just written").starts_with(b"P6"));
}

#[test]
fn a_jpeg_stays_close() {
    let folder = folder();
    let path = folder.path().join("sky.jpg");
    let picture = sky(Extent::new(192, 256), 1).expect("a good size");
    picture.save(&path).expect("saved");
    let back = open(path);
    let differences = picture.rgb().iter().zip(back.rgb()).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / picture.rgb().len() as f32;
    assert!(mean < 2.0, "mean difference {mean}");
}

#[test]
fn alpha_survives_where_the_format_has_it() {
    let folder = folder();
    // GIF knows clear and solid only.
    let alpha: Vec<u16> = (0..16).map(|index| index % 2 * u16::MAX).collect();
    let picture = sample(4, 4).with_alpha(Some(alpha.clone())).expect("16");
    for extension in WRITABLE {
        let path = folder.path().join("clear").with_extension(extension);
        picture.save(&path).expect(extension);
        let dropped = matches!(extension, "jpg" | "jpeg" | "ppm" | "pnm");
        let expected = (!dropped).then_some(alpha.as_slice());
        assert_eq!(open(&path).alpha(), expected, "{extension}");
    }
}

#[test]
fn colours_round_to_the_nearest_byte() {
    let cases = [
        (0.49, 0),
        (0.5, 1),
        (127.4, 127),
        (254.5, 255),
        (-3.0, 0),
        (300.0, 255),
        (f32::NAN, 0),
        (f32::INFINITY, 255),
    ];
    for (sample, byte) in cases {
        assert_eq!(to_byte(sample), byte, "{sample}");
    }
    let folder = folder();
    let path = folder.path().join("rounded.png");
    let picture = Picture::from_rgb(Extent::square(1), vec![-7.0, 99.5, 400.0]).expect("one pixel");
    picture.save(&path).expect("saved");
    assert_eq!(colour(&open(path), 0, 0), [0.0, 100.0, 255.0]);
}

#[test]
fn saving_replaces_and_leaves_nothing_else() {
    let folder = folder();
    let path = folder.path().join("out.png");
    fs::write(&path, "the old picture").expect("written");
    SaveOptions::default().check(&path).expect("it can be replaced");
    assert_eq!(fs::read(&path).expect("still there"), b"the old picture");
    sample(3, 3).save(&path).expect("saved");
    assert_eq!(open(&path), sample(3, 3));
    assert_eq!(names_in(folder.path()), BTreeSet::from(["out.png".to_owned()]));
}

#[test]
fn a_failed_save_leaves_the_old_file_and_nothing_else() {
    let folder = folder();
    let path = folder.path().join("out.webp");
    fs::write(&path, "the old picture").expect("written");
    // Found out after the temporary file was made.
    let error = sample(20_000, 1).save(&path).expect_err("too wide for WebP");
    assert_message(&error, "out.webp", "20000x1 is too large for this format");
    assert_eq!(fs::read(&path).expect("still there"), b"the old picture");
    assert_eq!(names_in(folder.path()), BTreeSet::from(["out.webp".to_owned()]));
}

/// Asserts that both the early check and the save refuse this path, in the same words.
fn refused(path: &Path) -> PictureError {
    let checked = SaveOptions::default().check(path).expect_err("refused by the check");
    let saved = sample(2, 2).save(path).expect_err("refused by the save");
    assert_eq!(checked.to_string(), saved.to_string());
    checked
}

#[test]
fn names_without_a_known_format_are_refused() {
    let folder = folder();
    for name in ["picture", "picture.xyz", "picture.", ".png"] {
        let error = refused(&folder.path().join(name));
        assert!(matches!(error, PictureError::Extension { .. }), "{error:?}");
        assert_message(&error, name, "png, jpg, jpeg, webp");
    }
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn a_folder_is_never_overwritten() {
    let folder = folder();
    let path = folder.path().join("folder.png");
    fs::create_dir(&path).expect("made");
    let error = refused(&path);
    assert!(matches!(error, PictureError::Output(OutputError::Folder { .. })), "{error:?}");
    assert_message(&error, "folder.png", "is a folder");
}

#[test]
fn a_folder_to_save_in_must_be_there() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("written");
    for parent in [folder.path().join("missing"), file] {
        let error = refused(&parent.join("out.png"));
        assert!(matches!(error, PictureError::Output(OutputError::NoFolder { .. })), "{error:?}");
        assert_message(&error, "out.png", "there is no folder");
    }
    assert_eq!(names_in(folder.path()), BTreeSet::from(["file".to_owned()]));
}

#[cfg(unix)]
#[test]
fn a_saved_picture_has_the_mode_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
    let (plain, saved) = (folder.path().join("plain"), folder.path().join("a.png"));
    fs::write(&plain, "x").expect("written");
    sample(2, 2).save(&saved).expect("saved");
    assert_eq!(mode(&saved), mode(&plain));
}
