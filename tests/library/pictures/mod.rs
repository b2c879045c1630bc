//! Pictures in, pictures out, and the painted sky, through the public interface and real files.

mod kinds;
mod refused;
mod saved;
mod sizes;

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};
use puppyslug::extent::Extent;
use puppyslug::picture::sky::sky;
use puppyslug::picture::{Picture, PictureError, Remark};
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
    testkit::fixture("pictures").join(name)
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
    Picture::from_rgb(Extent { height, width }, rgb).expect("a good size")
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
    let told = [Remark::NotFinite { samples: 1 }, Remark::OutOfRange { samples: 2, range: [-1.0, 7.0] }];
    assert_eq!(picture.remarks(), told);
}

#[test]
fn whole_numbers_of_32_bits_are_not_taken_for_floats() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("an encoder");
    encoder.write_image::<RGB32>(1, 1, &[1 << 30, 1 << 31, 3 << 30]).expect("encoded");
    let error = open_bytes("whole.tif", bytes.get_ref()).expect_err("not floats").to_string();
    assert!(
        error.contains("32 bits a sample") && error.contains("accepted: whole numbers of 8 and 16 bits"),
        "{error}"
    );
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

// The sky.

#[test]
fn a_seed_always_paints_the_same_sky() {
    let paint = |seed| sky(Extent::new(32, 48), seed).expect("a good size");
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
    let small = sky(Extent::new(40, 60), 3).expect("a good size");
    let large = sky(Extent::new(320, 480), 3).expect("a good size");
    let shrunk = large.resized(Extent::new(40, 60)).expect("a good size");
    let differences = small.rgb().iter().zip(shrunk.rgb()).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / small.rgb().len() as f32;
    assert!(mean < 6.0, "mean difference {mean}");
}

#[test]
fn a_sky_has_blue_and_cloud_and_stays_in_range() {
    for seed in 0..8 {
        let sky = sky(Extent::new(120, 160), seed).expect("a good size");
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
    assert!(matches!(sky(Extent::new(10, 0), 1), Err(PictureError::NoPixels { .. })));
    assert!(matches!(sky(Extent::new(1, 70_000), 1), Err(PictureError::TooLarge { .. })));
}

#[test]
fn grain_has_the_deviation_and_the_seed_that_it_is_asked_for() {
    let gray = Picture::from_rgb(Extent::new(80, 100), vec![128.0; 3 * 8000]).expect("a gray picture");
    let noise = |deviation, seed| -> Vec<f64> {
        gray.grained(deviation, seed).rgb().iter().map(|&sample| f64::from(sample) - 128.0).collect()
    };
    let (cells, count) = (noise(10.0, 7), 24_000.0_f64);
    let mean = cells.iter().sum::<f64>() / count;
    let deviation = (cells.iter().map(|cell| cell * cell).sum::<f64>() / count).sqrt();
    // Five standard errors of a mean and of a deviation of so many draws.
    assert!(mean.abs() < 5.0 * 10.0 / count.sqrt(), "{mean}");
    assert!((deviation - 10.0).abs() < 5.0 * 10.0 / (2.0 * count).sqrt(), "{deviation}");
    assert_eq!(cells, noise(10.0, 7));
    assert_ne!(cells, noise(10.0, 8));
    assert!(noise(0.0, 7).iter().all(|&cell| cell == 0.0));
}
