//! What reading a picture takes is known before it is read: as much as it says is enough, and not far too much.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use libtest_mimic::{Failed, Trial};
use puppyslug::extent::Extent;
use puppyslug::picture::{Picture, PictureError, ReadOptions, WantedSize};
use tiff::encoder::colortype::{ColorType, Gray8, RGB8, RGB16, RGB64Float, RGBA8};
use tiff::encoder::{Compression, TiffEncoder, TiffValue};
use tiff::tags::Tag;

use super::target::peak_of;

/// Large enough that tables, profiles and rows do not count beside the pixels.
const SIZE: (u32, u32) = (800, 600);
/// What does: the tables and buffers of decoders. PNG's are the largest, 330 kB.
const BESIDES: u64 = 400 << 10;
/// How many times more than it takes reading may ask for: phases that follow each other are added up in some decoders.
const MOST: u64 = 2;

/// A way to make a file.
type Make = fn() -> Vec<u8>;

pub(crate) fn trials() -> Vec<Trial> {
    let files: [(&str, Make); 19] = [
        ("plain.png", || encoded(ImageFormat::Png)),
        ("plain.jpg", || encoded(ImageFormat::Jpeg)),
        ("several_scans.jpg", || fixture("several_scans.jpg")),
        ("plain.webp", || encoded(ImageFormat::WebP)),
        ("lossy.webp", || fixture("lossy_large.webp")),
        ("plain.gif", gif),
        ("plain.bmp", || encoded(ImageFormat::Bmp)),
        ("plain.tga", || encoded(ImageFormat::Tga)),
        ("plain.qoi", || encoded(ImageFormat::Qoi)),
        ("plain.ppm", || encoded(ImageFormat::Pnm)),
        ("light.exr", || encoded(ImageFormat::OpenExr)),
        ("light.hdr", || encoded(ImageFormat::Hdr)),
        ("one_strip.tif", || tiff::<RGB8>(&levels(3), SIZE.1, None)),
        ("strips.tif", || tiff::<RGB8>(&levels(3), 16, None)),
        ("alpha.tif", || tiff::<RGBA8>(&levels(4), SIZE.1, None)),
        ("words.tif", || tiff::<RGB16>(&words(), SIZE.1, None)),
        ("doubles.tif", || tiff::<RGB64Float>(&doubles(), SIZE.1, None)),
        ("palette.tif", || tiff::<Gray8>(&levels(1), SIZE.1, Some(vec![257; 768]))),
        ("jpeg.tif", || fixture("jpeg_large.tif")),
    ];
    let shrunk = WantedSize::Exactly(Extent::new(6, 8));
    let sizes = [("whole", WantedSize::Own), ("shrunk", shrunk)];
    let trial = |(name, make): (&'static str, Make)| {
        sizes.map(|(how, size)| {
            Trial::test(format!("reading::{name}, {how}"), move || is_enough(name, &make(), size))
        })
    };
    files
        .into_iter()
        .flat_map(trial)
        .chain([Trial::test("reading::a_wrong_figure_is_noticed", control)])
        .collect()
}

fn is_enough(name: &str, bytes: &[u8], size: WantedSize) -> Result<(), Failed> {
    let read = |memory| Picture::decode_as(bytes, name, &ReadOptions { size, memory });
    let needed = match read(Some(1)) {
        Err(PictureError::NoRoom { needed, .. }) => needed.0,
        other => return Err(format!("one byte was enough: {:?}", other.map(|_| ())).into()),
    };
    let mut picture = None;
    let peak = peak_of(|| picture = Some(read(Some(needed)))) as u64;
    picture.expect("it was tried")?;
    Ok(judge(needed, peak)?)
}

fn judge(needed: u64, peak: u64) -> Result<(), String> {
    if peak > needed + BESIDES {
        return Err(format!("it asks for {needed} bytes and takes {peak}"));
    }
    if needed > MOST * peak + BESIDES {
        return Err(format!("it asks for {needed} bytes and takes only {peak}"));
    }
    Ok(())
}

fn control() -> Result<(), Failed> {
    let sound = 10 << 20;
    judge(sound, sound)?;
    match (judge(sound, sound + BESIDES + 1), judge(2 * sound + BESIDES + 1, sound)) {
        (Err(_), Err(_)) => Ok(()),
        passed => Err(format!("{passed:?}").into()),
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(testkit::fixture("kinds").join(name)).expect("the fixture is there")
}

/// Something at every place that packs neither to nothing nor not at all.
fn level(index: usize) -> u8 {
    (index / 3 % 251) as u8
}

/// Samples of a picture with so many a pixel.
fn levels(samples: usize) -> Vec<u8> {
    (0..samples * (SIZE.0 * SIZE.1) as usize).map(level).collect()
}

fn words() -> Vec<u16> {
    levels(3).into_iter().map(|level| u16::from(level) * 257).collect()
}

fn doubles() -> Vec<f64> {
    levels(3).into_iter().map(|level| f64::from(level) / 255.0).collect()
}

fn image() -> DynamicImage {
    let colour = |x: u32, y: u32| Rgb([x, y, x + y].map(|it| level(it as usize)));
    RgbImage::from_fn(SIZE.0, SIZE.1, colour).into()
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let image = match format {
        ImageFormat::OpenExr | ImageFormat::Hdr => image().into_rgb32f().into(),
        _ => image(),
    };
    image.write_to(&mut file, format).expect("it is encoded");
    file.into_inner()
}

fn gif() -> Vec<u8> {
    let mut file = Vec::new();
    let image = image().into_rgb8();
    GifEncoder::new(&mut file)
        .encode(image.as_raw(), SIZE.0, SIZE.1, image::ExtendedColorType::Rgb8)
        .expect("it is encoded");
    file
}

/// A TIFF packed by LZW in strips of so many rows; with a palette its grays are numbers of colours.
fn tiff<C: ColorType>(samples: &[C::Inner], rows: u32, palette: Option<Vec<u16>>) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).expect("room").with_compression(Compression::Lzw);
    let mut image = encoder.new_image::<C>(SIZE.0, SIZE.1).expect("a good size");
    image.rows_per_strip(rows).expect("before any strip");
    if let Some(palette) = palette {
        image.encoder().write_tag(Tag::PhotometricInterpretation, 3u16).expect("a tag");
        image.encoder().write_tag(Tag::ColorMap, &palette[..]).expect("a tag");
    }
    image.write_data(samples).expect("as many as the size says");
    file.into_inner()
}
