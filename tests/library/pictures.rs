//! Pictures in, pictures out, and the painted sky, through the public interface and real files.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, Rgba};
use puppyslug::files::output::OutputError;
use puppyslug::picture::sky::sky;
use puppyslug::picture::{MAX_SIDE, Picture, PictureError, SaveOptions, Size, to_byte};
use tempfile::TempDir;
use testkit::turned;
use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::{RGB8, RGB32};
use tiff::tags::ExtraSamples;

const RED: [f32; 3] = [255.0, 0.0, 0.0];
const GREEN: [f32; 3] = [0.0, 255.0, 0.0];
const BLUE: [f32; 3] = [0.0, 0.0, 255.0];
const WHITE: [f32; 3] = [255.0; 3];

/// The colours of the fixtures' four squares, in reading order.
const SQUARES: [[f32; 3]; 4] = [RED, GREEN, BLUE, WHITE];

const WRITABLE: [&str; 12] =
    ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif", "ppm", "pnm", "tga", "qoi"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures").join(name)
}

fn open(path: impl AsRef<Path>) -> Picture {
    Picture::open(path).unwrap_or_else(|error| panic!("{error}"))
}

/// Opens these bytes as a file of that name.
fn open_bytes(name: &str, bytes: &[u8]) -> Result<Picture, PictureError> {
    let folder = folder();
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a fixture is written");
    Picture::open(path)
}

/// Opens what the `image` crate wrote for this picture.
fn open_encoded(image: impl Into<DynamicImage>, name: &str) -> Picture {
    let folder = folder();
    let path = folder.path().join(name);
    image.into().save(&path).expect("a fixture is encoded");
    open(path)
}

fn colour(picture: &Picture, x: usize, y: usize) -> [f32; 3] {
    let plane = picture.width() * picture.height();
    std::array::from_fn(|channel| picture.rgb()[channel * plane + y * picture.width() + x])
}

fn alpha(picture: &Picture, x: usize, y: usize) -> Option<u16> {
    picture.alpha().map(|alpha| alpha[y * picture.width() + x])
}

fn assert_close(found: [f32; 3], expected: [f32; 3], tolerance: f32, what: &str) {
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= tolerance;
    assert!(
        found.iter().zip(&expected).all(near),
        "{what}: found {found:?}, expected {expected:?} within {tolerance}"
    );
}

fn assert_squares(name: &str, expected: [[f32; 3]; 4], tolerance: f32) {
    let picture = open(fixture(name));
    assert_eq!((picture.width(), picture.height()), (32, 32), "{name}");
    for (index, expected) in expected.into_iter().enumerate() {
        let (x, y) = (8 + index % 2 * 16, 8 + index / 2 * 16);
        assert_close(colour(&picture, x, y), expected, tolerance, name);
    }
}

/// A message is one line and names the file.
fn assert_message(error: &PictureError, name: &str, says: &str) {
    let message = error.to_string();
    assert!(!message.contains('\n'), "several lines: {message}");
    assert!(message.contains(name), "no {name:?} in: {message}");
    assert!(message.contains(says), "no {says:?} in: {message}");
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("test names are UTF-8"))
        .collect()
}

/// Whole values only, so that lossless formats give it back exactly; few colours, so that GIF does too.
fn sample(width: usize, height: usize) -> Picture {
    let rgb = (0..3 * width * height).map(|index| (index * 85 % 256 / 51 * 51) as f32).collect();
    Picture::from_rgb(width, height, rgb).expect("a good size")
}

// What comes in.

#[test]
fn jpegs_of_every_colour_model_show_the_same_squares() {
    // JPEG rounds several times on the way.
    let tolerance = 3.0;
    assert_squares("baseline.jpg", SQUARES, tolerance);
    assert_squares("progressive.jpg", SQUARES, tolerance);
    assert_squares("gray.jpg", [0.0, 85.0, 170.0, 255.0].map(|v| [v; 3]), tolerance);
    // A quarter of black ink: three quarters of the light.
    let dimmed = SQUARES.map(|square| square.map(|sample| sample * 191.0 / 255.0));
    assert_squares("cmyk.jpg", dimmed, tolerance);
    assert_squares("ycck.jpg", dimmed, tolerance);
    assert_squares("cmyk.tif", dimmed, 1.0);
}

#[test]
fn palettes_one_bit_and_first_frames_show_the_same_squares() {
    for name in ["palette.png", "palette.bmp", "palette.tga", "animated.gif"] {
        assert_squares(name, SQUARES, 0.0);
        assert_eq!(open(fixture(name)).alpha(), None, "{name}");
    }
    assert_squares("lossy.webp", SQUARES, 6.0);
    assert_squares("one_bit.png", [0.0, 255.0, 255.0, 0.0].map(|v| [v; 3]), 0.0);
}

#[test]
fn a_clear_palette_entry_is_clear() {
    assert_squares("palette_clear_white.png", SQUARES, 0.0);
    let picture = open(fixture("palette_clear_white.png"));
    assert_eq!(alpha(&picture, 8, 8), Some(u16::MAX));
    assert_eq!(alpha(&picture, 24, 24), Some(0));
}

#[test]
fn eight_bit_samples_are_taken_as_they_are() {
    let gray = open_encoded(ImageBuffer::from_fn(256, 1, |x, _| Luma([x as u8])), "gray.png");
    let colours =
        open_encoded(ImageBuffer::from_fn(256, 1, |x, _| Rgb([x as u8, 255 - x as u8, 7])), "rgb.png");
    for x in 0..256 {
        let value = x as f32;
        assert_eq!(colour(&gray, x, 0), [value; 3]);
        assert_eq!(colour(&colours, x, 0), [value, 255.0 - value, 7.0]);
    }
    assert_eq!((gray.alpha(), colours.alpha()), (None, None));
}

#[test]
fn alpha_is_kept_beside_the_colours() {
    let gray = open_encoded(ImageBuffer::from_pixel(2, 1, LumaA([9u8, 100])), "la.png");
    assert_eq!(colour(&gray, 1, 0), [9.0; 3]);
    assert_eq!(alpha(&gray, 1, 0), Some(100 * 257));
    let colours = open_encoded(ImageBuffer::from_pixel(2, 1, Rgba([1u8, 2, 3, 0])), "rgba.png");
    assert_eq!(colour(&colours, 0, 0), [1.0, 2.0, 3.0]);
    assert_eq!(alpha(&colours, 0, 0), Some(0));
}

#[test]
fn a_solid_alpha_channel_is_dropped() {
    let solid = open_encoded(ImageBuffer::from_pixel(2, 1, Rgba([1u8, 2, 3, 255])), "rgba.png");
    assert_eq!(solid.alpha(), None);
}

#[test]
fn sixteen_bits_become_fractions() {
    assert_squares("gray16.tif", [0.0, 1.0, 30_000.0 / 257.0, 255.0].map(|v| [v; 3]), 0.0);
    let pixel = Rgba([1u16, 1000, 65_535, 4321]);
    let picture = open_encoded(ImageBuffer::from_pixel(1, 1, pixel), "deep.png");
    assert_eq!(colour(&picture, 0, 0), [1.0 / 257.0, 1000.0 / 257.0, 255.0]);
    assert_eq!(alpha(&picture, 0, 0), Some(4321));
}

#[test]
fn floating_point_samples_are_clamped() {
    let pixels = [[0.5f32, 1.0, 0.0], [7.0, -1.0, f32::NAN]];
    let image = ImageBuffer::from_fn(2, 1, |x, _| Rgb(pixels[x as usize]));
    let picture = open_encoded(image, "float.tif");
    assert_eq!(colour(&picture, 0, 0), [127.5, 255.0, 0.0]);
    assert_eq!(colour(&picture, 1, 0), [255.0, 0.0, 0.0]);
    assert_eq!(picture.not_finite(), 1, "the NaN");
}

#[test]
fn whole_numbers_of_32_bits_are_not_taken_for_floats() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("an encoder");
    encoder.write_image::<RGB32>(1, 1, &[1 << 30, 1 << 31, 3 << 30]).expect("encoded");
    let error = open_bytes("whole.tif", bytes.get_ref()).expect_err("not floats").to_string();
    assert!(error.contains("32 bits a sample") && error.contains("accepted: 8 and 16 bits"), "{error}");
}

#[test]
fn colours_multiplied_by_alpha_are_divided_by_it() {
    let open = |kind: ExtraSamples| {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).expect("an encoder");
        let mut image = encoder.new_image::<RGB8>(3, 1).expect("an image");
        image.extra_samples(&[kind]).expect("a fourth sample");
        image.write_data(&[100, 50, 0, 128, 7, 8, 9, 255, 1, 2, 3, 0]).expect("encoded");
        open_bytes("clear.tif", bytes.get_ref()).expect("a good TIFF")
    };
    let straight = open(ExtraSamples::UnassociatedAlpha);
    assert_eq!(
        [0, 1, 2].map(|x| colour(&straight, x, 0)),
        [[100.0, 50.0, 0.0], [7.0, 8.0, 9.0], [1.0, 2.0, 3.0]]
    );
    let divided = open(ExtraSamples::AssociatedAlpha);
    let half = [100.0, 50.0, 0.0].map(|sample: f32| sample * 65_535.0 / (128.0 * 257.0));
    assert_eq!([0, 1, 2].map(|x| colour(&divided, x, 0)), [half, [7.0, 8.0, 9.0], [1.0, 2.0, 3.0]]);
    assert_eq!([0, 1, 2].map(|x| alpha(&divided, x, 0)), [Some(128 * 257), Some(65_535), Some(0)]);
}

#[test]
fn pictures_are_turned_upright() {
    let stored = fs::read(fixture("baseline.jpg")).expect("the fixture is there");
    // Which stored square is seen at the top left, top right, bottom left, bottom right.
    let seen = [
        [0, 1, 2, 3],
        [1, 0, 3, 2],
        [3, 2, 1, 0],
        [2, 3, 0, 1],
        [0, 2, 1, 3],
        [2, 0, 3, 1],
        [3, 1, 2, 0],
        [1, 3, 0, 2],
    ];
    for (orientation, squares) in (1..).zip(seen) {
        let picture = open_bytes("turned.jpg", &turned(&stored, orientation)).expect("a good JPEG");
        for (index, square) in squares.into_iter().enumerate() {
            let (x, y) = (8 + index % 2 * 16, 8 + index / 2 * 16);
            let what = format!("orientation {orientation}, square {index}");
            assert_close(colour(&picture, x, y), SQUARES[square], 3.0, &what);
        }
    }
}

#[test]
fn turning_swaps_the_sides() {
    let folder = folder();
    let path = folder.path().join("wide.jpg");
    sample(20, 10).save(&path).expect("saved");
    let stored = fs::read(path).expect("just written");
    let picture = open_bytes("turned.jpg", &turned(&stored, 6)).expect("a good JPEG");
    assert_eq!((picture.width(), picture.height()), (10, 20));
}

#[test]
fn the_content_decides_the_format() {
    let bytes = fs::read(fixture("palette.png")).expect("the fixture is there");
    for name in ["really_a_png.jpg", "no_extension", "odd.xyz"] {
        assert_eq!(open_bytes(name, &bytes).expect(name).width(), 32);
    }
}

// What is refused.

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
    let others: [(&str, &[u8]); 4] = [
        ("text.png", b"Dear diary, today I saw a dog in the clouds.\n"),
        ("short.jpg", b"x"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
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
    let busy = Picture::from_rgb(24, 24, rgb.collect()).expect("a good size");
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
        for length in 3..bytes.len() {
            let error = open_bytes("cut.jpg", &bytes[..length]).expect_err("cut");
            assert!(matches!(error, PictureError::Damaged { .. }), "{error:?}");
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
        Picture::from_rgb(width, height, vec![0.0; samples]).expect_err("a bad size").to_string()
    };
    assert!(refused(0, 5, 0).contains("0x5 has no pixels"));
    assert!(refused(MAX_SIDE + 1, 1, 0).contains("too large"));
    assert!(refused(2, 2, 11).contains("11 samples"));
    let error = sample(2, 2).with_alpha(Some(vec![0; 3]));
    assert!(error.expect_err("too few").to_string().contains("needs 4"));
}

// What goes out.

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
    let picture = sky(256, 192, 1).expect("a good size");
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
    let picture = Picture::from_rgb(1, 1, vec![-7.0, 99.5, 400.0]).expect("one pixel");
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

// Sizes.

#[test]
fn sizes_are_read_as_written() {
    for (text, size) in [
        ("640", Size::Within(640)),
        ("1", Size::Within(1)),
        ("65535", Size::Within(65_535)),
        ("640x480", Size::Box { width: 640, height: 480 }),
    ] {
        assert_eq!(text.parse(), Ok(size));
        assert_eq!(size.to_string(), text);
    }
    assert_eq!("640X480".parse::<Size>(), "640x480".parse());
}

#[test]
fn other_sizes_are_refused_with_the_reason() {
    let cases = [
        ("0", "zero"),
        ("640x0", "zero"),
        ("65536", "too long"),
        ("640x99999999999999999999999", "too long"),
        ("", "whole numbers"),
        ("big", "whole numbers"),
        ("-5", "whole numbers"),
        ("+5", "whole numbers"),
        ("1.5", "whole numbers"),
        ("640x", "whole numbers"),
        ("1x2x3", "whole numbers"),
        ("640 x 480", "whole numbers"),
    ];
    for (text, reason) in cases {
        let message = text.parse::<Size>().expect_err(text).to_string();
        for part in [&format!("'{text}'"), reason, "640x480", "65535"] {
            assert!(message.contains(part), "no {part:?} in: {message}");
        }
    }
}

#[test]
fn fitting_keeps_the_shape_inside_the_box() {
    let wide_box = Size::Box { width: 100, height: 10 };
    for (size, from, to) in [
        (Size::Within(320), (640, 480), (320, 240)),
        (Size::Within(320), (480, 640), (240, 320)),
        (Size::Within(1280), (640, 480), (1280, 960)),
        (Size::Within(100), (50, 50), (100, 100)),
        (Size::Within(10), (1000, 3), (10, 1)),
        (Size::Within(100), (300, 200), (100, 67)),
        (wide_box, (50, 50), (10, 10)),
        (wide_box, (1000, 10), (100, 1)),
        (wide_box, (20, 2), (100, 10)),
        (Size::Within(MAX_SIDE), (MAX_SIDE, 1), (MAX_SIDE, 1)),
    ] {
        assert_eq!(size.fit(from.0, from.1), to, "{from:?} to {size}");
    }
}

#[test]
fn fitting_never_leaves_the_box() {
    let sides = [1, 2, 3, 7, 10, 99, 100, 101, 1000];
    for (width, height) in sides.iter().flat_map(|&w| sides.map(|h| (w, h))) {
        for (box_width, box_height) in sides.iter().flat_map(|&w| sides.map(|h| (w, h))) {
            let size = Size::Box { width: box_width, height: box_height };
            let (w, h) = size.fit(width, height);
            assert!((1..=box_width).contains(&w) && (1..=box_height).contains(&h));
            assert!(w == box_width || h == box_height, "{width}x{height} to {size}");
        }
    }
}

#[test]
fn resizing_keeps_flat_colours_and_stays_in_range() {
    let plane = [[3.25; 35], [128.0; 35], [251.75; 35]].concat();
    let flat = Picture::from_rgb(7, 5, plane).expect("a good size");
    for (width, height) in [(7, 5), (3, 2), (1, 1), (40, 30), (1, 64)] {
        let resized = flat.resized(width, height).expect("a good size");
        assert_eq!((resized.width(), resized.height()), (width, height));
        assert_eq!(resized.alpha(), None);
        for (x, y) in [(0, 0), (width - 1, height - 1), (width / 2, height / 2)] {
            assert_close(colour(&resized, x, y), [3.25, 128.0, 251.75], 1e-3, "flat");
        }
    }
    // Hard edges make the filter ring; the range holds all the same.
    let rung = open(fixture("palette.png")).resized(101, 77).expect("a good size");
    assert!(rung.rgb().iter().all(|sample| (0.0..=255.0).contains(sample)));
}

#[test]
fn resizing_keeps_squares_and_alpha_in_place() {
    let picture = open(fixture("palette_clear_white.png"));
    for side in [8, 64] {
        let resized = picture.fit(Size::Within(side)).expect("a good size");
        let (low, high) = (side / 4, 3 * side / 4);
        assert_close(colour(&resized, low, low), RED, 8.0, "red");
        assert_close(colour(&resized, high, low), GREEN, 8.0, "green");
        assert_close(colour(&resized, low, high), BLUE, 8.0, "blue");
        assert!(alpha(&resized, low, low) > Some(63_000));
        assert!(alpha(&resized, high, high) < Some(2_000));
    }
}

#[test]
fn resizing_to_nothing_or_too_much_is_refused() {
    let picture = sample(4, 4);
    assert!(matches!(picture.resized(0, 4), Err(PictureError::NoPixels { .. })));
    assert!(matches!(picture.fit(Size::Within(MAX_SIDE)), Err(PictureError::TooLarge { .. })));
}

// The sky.

#[test]
fn a_seed_always_paints_the_same_sky() {
    let paint = |seed| sky(48, 32, seed).expect("a good size");
    assert_eq!(paint(7), paint(7));
    // Both halves of a seed count.
    let seeds = [0, 1, 2, 7, u64::MAX, 1 << 32, 7 << 32, (7 << 32) + 7];
    for (index, &seed) in seeds.iter().enumerate() {
        for &other in &seeds[..index] {
            assert_ne!(paint(seed), paint(other), "seeds {seed} and {other}");
        }
    }
}

#[test]
fn a_sky_is_the_same_at_any_size() {
    let small = sky(60, 40, 3).expect("a good size");
    let large = sky(480, 320, 3).expect("a good size");
    let shrunk = large.resized(60, 40).expect("a good size");
    let differences = small.rgb().iter().zip(shrunk.rgb()).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / small.rgb().len() as f32;
    assert!(mean < 6.0, "mean difference {mean}");
}

#[test]
fn a_sky_has_blue_and_cloud_and_stays_in_range() {
    for seed in 0..8 {
        let sky = sky(160, 120, seed).expect("a good size");
        assert!(sky.rgb().iter().all(|sample| (0.0..=255.0).contains(sample)));
        let (red, rest) = sky.rgb().split_at(160 * 120);
        let blue = &rest[160 * 120..];
        let pairs = || red.iter().zip(blue);
        let clear = pairs().filter(|(red, blue)| *blue - *red > 60.0).count();
        let cloud = pairs().filter(|(red, _)| **red > 190.0).count();
        assert!(clear > 1000 && cloud > 1000, "seed {seed}: {clear} clear, {cloud} cloud");
    }
}

#[test]
fn a_sky_of_no_size_is_refused() {
    assert!(matches!(sky(0, 10, 1), Err(PictureError::NoPixels { .. })));
    assert!(matches!(sky(70_000, 1, 1), Err(PictureError::TooLarge { .. })));
}
