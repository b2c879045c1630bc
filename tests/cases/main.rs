//! Files that came out wrong for people elsewhere, as they lie in the shared folder: each is read as its maker meant it,
//! with a word where there is something to say, or refused by what it is. Without a file its test counts as ignored.

use std::path::Path;

use image::RgbImage;
use peak_alloc::PeakAlloc;
use puppyslug::picture::{Picture, ReadOptions, WantedSize};
use testkit::{Trial, run_all, shared};

/// Counts what is allocated.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a file should come to.
enum Right {
    /// The pixels of the picture that it was made from, and these words.
    Shows(Pixels, &'static str),
    /// A picture of this size whose planes add up to this.
    Sums((usize, usize), [f64; 3]),
    /// An error with these words.
    Refused(&'static str),
}

/// What is seen at a place, which another decoder told of the picture that most files were made from.
struct Pixels {
    size: (u32, u32),
    /// How far a sample may be off.
    within: f32,
    at: fn(&RgbImage, u32, u32) -> [f32; 3],
}

fn source(image: &RgbImage, x: u32, y: u32) -> [f32; 3] {
    image.get_pixel(x, y).0.map(f32::from)
}

/// All of the picture, to this error.
const fn all(within: f32) -> Pixels {
    Pixels { size: (96, 64), within, at: source }
}

/// Files, and what is right.
fn table() -> Vec<(&'static str, Right)> {
    let gray = |at| Pixels { size: (96, 64), within: 1e-3, at };
    vec![
        ("tiled-planar.tif", Right::Shows(Pixels { size: (70, 50), ..all(0.0) }, "")),
        ("panic-jpeg.jpg", Right::Refused("its decoder crashes on it")),
        // Two decoders round apart, and where chroma is halved they fill in differently.
        ("noeoi.jpg", Right::Shows(all(120.0), "")),
        ("tiled-lzw.tif", Right::Sums((21, 43), [106_883.0, 130_366.0, 35_102.0])),
        ("palette.tif", Right::Sums((96, 64), [862_280.0, 704_440.0, 430_184.0])),
        ("icc-gray.png", Right::Sums((96, 64), [862_280.0; 3])),
        ("exr-blender-layer.exr", Right::Shows(all(0.05), "")),
        ("bigtiff.tif", Right::Shows(all(0.0), "")),
        ("gray-alpha.tif", Right::Shows(gray(|image, x, y| [source(image, x, y)[1]; 3]), "")),
        ("float-gray.tif", Right::Shows(gray(|image, x, y| [source(image, x, y)[0]; 3]), "")),
        (
            "float-255.tif",
            Right::Shows(
                gray(|image, x, y| source(image, x, y).map(|it| it.min(1.0) * 255.0)),
                "go from 0 to 255",
            ),
        ),
        ("exr-htj2k.exr", Right::Refused("HTJ2K")),
        ("jpeg-12bit.jpg", Right::Refused("12 bits a sample")),
        ("sampling-3x1.jpg", Right::Refused("sampled 3x1")),
        ("idat-crc.png", Right::Shows(all(0.0), "a checksum in it does not match")),
        ("gama-linear.png", Right::Shows(all(0.0), "")),
        ("cicp-pq.png", Right::Shows(all(0.0), "")),
        ("anim.gif", Right::Shows(all(16.0), "only the first of its 2 frames")),
        ("t-pages.tif", Right::Shows(all(0.0), "only the first of its 2 pages")),
        ("x.heic", Right::Refused("a HEIC picture")),
        ("apple-double._a.jpg", Right::Refused("AppleDouble")),
        (
            "orientation-long.jpg",
            Right::Shows(
                Pixels { size: (64, 96), within: 14.0, at: |image, x, y| source(image, y, 63 - x) },
                "",
            ),
        ),
    ]
}

fn check(path: &Path, right: &Right, image: &RgbImage) {
    let name = path.display();
    match (Picture::open(path), right) {
        (Err(error), Right::Refused(words)) => {
            let error = error.to_string();
            assert!(error.contains(words) && !error.contains('\n'), "{error}");
        }
        (Ok(picture), Right::Shows(pixels, words)) => {
            assert_eq!((picture.width() as u32, picture.height() as u32), pixels.size, "{name}");
            let plane = picture.extent().plane();
            for (x, y) in (0..pixels.size.0).flat_map(|x| (0..pixels.size.1).map(move |y| (x, y))) {
                let index = y as usize * picture.width() + x as usize;
                let found = [0, 1, 2].map(|channel| picture.rgb()[channel * plane + index]);
                let expected = (pixels.at)(image, x, y);
                let near = found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| (found - expected).abs() <= pixels.within);
                assert!(near, "{name} at {x}, {y}: {found:?}, expected {expected:?}");
            }
            let said: Vec<String> = picture.remarks().iter().map(ToString::to_string).collect();
            assert_eq!(said.is_empty(), words.is_empty(), "{name}: {said:?}");
            assert!(said.join("\n").contains(words), "{name}: {said:?}");
        }
        (Ok(picture), Right::Sums(size, sums)) => {
            assert_eq!((picture.width(), picture.height()), *size, "{name}");
            let planes = picture.rgb().chunks_exact(picture.extent().plane());
            let found: Vec<f64> =
                planes.map(|plane| plane.iter().map(|&level| f64::from(level)).sum()).collect();
            assert_eq!(found, sums, "{name}");
        }
        (Ok(_), Right::Refused(words)) => panic!("{name} is read, but should be refused: {words}"),
        (Err(error), _) => panic!("{error}"),
    }
}

/// 16000x16000 pixels of gray in 31 kB.
fn a_large_picture_is_shrunk_while_it_is_read(path: &Path) {
    let read = |size, memory| Picture::open_as(path, &ReadOptions { size, memory: Some(memory) });
    let error = read(WantedSize::Own, 1 << 30).expect_err("more than 4 GB are needed").to_string();
    assert!(error.contains("is 16000x16000, which takes") && error.contains("there are 1.1 GB"), "{error}");
    let fit = WantedSize::Fit("200".parse().expect("a size"));
    MEMORY.reset_peak_usage();
    let (picture, size) = read(fit, 8 << 20).expect("8 MiB are enough");
    // Beside this test's own there are those of other files, all of them small.
    let peak = MEMORY.peak_usage_as_mb();
    assert!(peak < 32.0, "{peak} MB");
    assert_eq!(((picture.width(), picture.height()), size.width), ((200, 200), 16_000));
}

fn with(file: &'static str, test: impl FnOnce(&Path) + Send + 'static) -> Trial {
    match shared(&format!("cases/{file}")) {
        Ok(path) => Trial::test(file, move || {
            test(&path);
            Ok(())
        }),
        Err(why) => Trial::missing(file, why),
    }
}

fn main() {
    let image = shared("cases/rgb-source.png").ok();
    let image = image.map(|path| image::open(path).expect("a good picture").into_rgb8()).unwrap_or_default();
    let mut trials: Vec<Trial> = table()
        .into_iter()
        .map(|(file, right)| {
            let image = image.clone();
            with(file, move |path| check(path, &right, &image))
        })
        .collect();
    trials.push(with("bomb16000.png", a_large_picture_is_shrunk_while_it_is_read));
    run_all(trials).exit()
}
