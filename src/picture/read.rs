//! From a file to a picture.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult, Limits};
use tiff::tags::{ExtraSamples, SampleFormat, Tag};

use super::error::one_line;
use super::format::Format;
use super::{Depth, MAX_FILE, Picture, PictureError, check_size, jpeg, openexr};
use crate::extent::Extent;
use crate::files::input::{is_stream, keep_stream};

const CUT_SHORT: &str = "the file ends before the picture does";

/// The most memory that notes about a picture (profile, camera) may take.
const MAX_NOTES: u64 = 16 << 20;

impl Picture {
    /// Reads a picture file. The content decides the format, whatever the name (TGA, which has no mark
    /// of its own, needs its extension). It is turned upright where the camera noted an orientation; of
    /// an animation the first frame is taken. 16-bit samples become fractions of 8-bit ones, linear light
    /// (OpenEXR, Radiance HDR) becomes sRGB-coded, and what is brighter than white is carried along. An
    /// alpha channel that is solid everywhere is dropped; an RGB colour profile is kept.
    ///
    /// # Errors
    /// One of the reading variants of [`PictureError`]: missing, folder, empty, not a picture,
    /// unsupported, damaged, or of a size that is not accepted (told before anything is allocated).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PictureError> {
        let path = path.as_ref();
        read(open_file(path)?, path)
    }

    /// The same of a file's bytes. `name` stands for the path in messages, and its extension for TGA.
    ///
    /// # Errors
    /// Those of [`Picture::open`].
    pub fn decode(bytes: &[u8], name: impl AsRef<Path>) -> Result<Self, PictureError> {
        let name = name.as_ref();
        if bytes.is_empty() {
            return Err(PictureError::Empty { path: name.to_owned() });
        }
        read(Cursor::new(bytes), name)
    }

    fn from_image(image: DynamicImage) -> Self {
        let extent = extent_of(&image);
        let depth = depth_of(&image);
        let picture = if depth == Depth::ThirtyTwo {
            let pixels = image.into_rgba32f();
            // A NaN would spread through the whole network.
            let scale = |sample: f32| match sample.is_nan() {
                true => 0.0,
                false => sample.clamp(0.0, 1.0) * 255.0,
            };
            Self::from_pixels(extent, pixels.pixels().map(|pixel| pixel.0.map(scale)))
        } else {
            // 8-bit samples pass through 16 bits unharmed: v * 257 / 257.
            let pixels = image.into_rgba16();
            let scale = |sample: u16| f32::from(sample) / 257.0;
            Self::from_pixels(extent, pixels.pixels().map(|pixel| pixel.0.map(scale)))
        };
        Self { depth, ..picture }
    }

    fn from_light_image(image: DynamicImage, depth: Depth) -> Self {
        let extent = extent_of(&image);
        let pixels = image.into_rgba32f();
        Self::from_light(extent, depth, pixels.pixels().map(|pixel| pixel.0))
    }
}

fn extent_of(image: &DynamicImage) -> Extent {
    Extent::new(image.height() as usize, image.width() as usize)
}

fn depth_of(image: &DynamicImage) -> Depth {
    let color = image.color();
    match color.bits_per_pixel() / u16::from(color.channel_count()) {
        ..=8 => Depth::Eight,
        9..=16 => Depth::Sixteen,
        _ => Depth::ThirtyTwo,
    }
}

fn read(mut file: impl BufRead + Seek, path: &Path) -> Result<Picture, PictureError> {
    let format = sniff(&mut file, path)?;
    // The JPEG decoder fills what is missing with gray and says nothing.
    let complete = format != ImageFormat::Jpeg
        || jpeg::is_complete(&mut file).map_err(|source| read_error(path, source))?;
    if !complete {
        return Err(damaged(path, CUT_SHORT));
    }
    decode(file, format, path)
}

pub(super) fn open_file(path: &Path) -> Result<BufReader<File>, PictureError> {
    let read = |source| read_error(path, source);
    // Asked before opening: some systems answer "permission denied" to opening a folder.
    let metadata = fs::metadata(path).map_err(read)?;
    let path = path.to_owned();
    if metadata.is_dir() {
        Err(PictureError::Folder { path })
    } else if is_stream(&path) {
        kept(&path)
    } else if metadata.len() == 0 {
        Err(PictureError::Empty { path })
    } else {
        File::open(&path).map(BufReader::new).map_err(|source| read_error(&path, source))
    }
}

/// What comes out of a pipe, which a decoder wants to go back in.
fn kept(path: &Path) -> Result<BufReader<File>, PictureError> {
    let mut file =
        keep_stream(path, MAX_FILE).map(BufReader::new).map_err(|source| read_error(path, source))?;
    match file.fill_buf() {
        Ok([]) => Err(PictureError::Empty { path: path.to_owned() }),
        Ok(_) => Ok(file),
        Err(source) => Err(read_error(path, source)),
    }
}

pub(super) fn read_error(path: &Path, source: io::Error) -> PictureError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => PictureError::Missing { path },
        _ => PictureError::Read { path, source },
    }
}

pub(super) fn damaged(path: &Path, reason: &str) -> PictureError {
    PictureError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

pub(super) fn sniff(file: &mut (impl BufRead + Seek), path: &Path) -> Result<ImageFormat, PictureError> {
    // No extension is given to the reader: a text file named .png would pass for a damaged PNG.
    let reader = ImageReader::new(file).with_guessed_format().map_err(|source| read_error(path, source))?;
    reader
        .format()
        .or_else(|| Format::of_path(path).filter(|&format| format == Format::Tga).map(Format::image))
        .ok_or_else(|| PictureError::NotAPicture { path: path.to_owned() })
}

fn decode(mut file: impl BufRead + Seek, format: ImageFormat, path: &Path) -> Result<Picture, PictureError> {
    let failed = |error| decode_error(path, error);
    let light = match format {
        ImageFormat::OpenExr => Some(check_exr(&mut file, path)?),
        ImageFormat::Hdr => Some(Depth::ThirtyTwo),
        _ => None,
    };
    let premultiplied = format == ImageFormat::Tiff && check_tiff(&mut file, path)?;
    let mut decoder = decoder(file, format).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    accept_size(path, Extent::new(height as usize, width as usize))?;
    // A picture is not refused because of broken notes.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default().filter(|profile| is_for_rgb(profile));
    decoder.set_limits(decoder_limits()).map_err(failed)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let not_finite = not_finite(&image);
    image.apply_orientation(orientation);
    let picture = match light {
        Some(depth) => Picture::from_light_image(image, depth),
        None => Picture::from_image(image),
    };
    let picture = if premultiplied { picture.unmultiplied() } else { picture };
    Ok(Picture { profile, not_finite, ..picture })
}

/// How many samples are not finite numbers.
fn not_finite(image: &DynamicImage) -> usize {
    let samples: &[f32] = match image {
        DynamicImage::ImageRgb32F(image) => image,
        DynamicImage::ImageRgba32F(image) => image,
        _ => &[],
    };
    samples.iter().filter(|sample| !sample.is_finite()).count()
}

fn accept_size(path: &Path, size: Extent) -> Result<(), PictureError> {
    check_size(size)
        .map_err(|source| PictureError::FileSize { path: path.to_owned(), source: Box::new(source) })
}

/// Looks at the header of an OpenEXR file and rewinds it. Returns how fine its samples are.
fn check_exr(file: &mut (impl BufRead + Seek), path: &Path) -> Result<Depth, PictureError> {
    let facts = openexr::facts(file).map_err(|error| exr_error(path, error))?;
    file.rewind().map_err(|source| read_error(path, source))?;
    accept_size(path, facts.size)?;
    accept_size(path, facts.stored)?;
    Ok(facts.depth)
}

/// Looks at what the TIFF decoder does not tell apart, and rewinds the file: whole numbers of 32 bits, which
/// it would take for floats, are refused. Returns whether the colours were multiplied by alpha.
fn check_tiff(file: &mut (impl BufRead + Seek), path: &Path) -> Result<bool, PictureError> {
    let (mut too_wide, mut premultiplied) = (false, false);
    // What is wrong with the file, the decoder will say.
    if let Ok(mut decoder) = tiff::decoder::Decoder::new(&mut *file) {
        let mut values = |tag| decoder.find_tag_unsigned_vec::<u16>(tag).ok().flatten().unwrap_or_default();
        let floats = values(Tag::SampleFormat).contains(&SampleFormat::IEEEFP.to_u16());
        too_wide = !floats && values(Tag::BitsPerSample).iter().any(|&bits| bits > 16);
        premultiplied = values(Tag::ExtraSamples).contains(&ExtraSamples::AssociatedAlpha.to_u16());
    }
    file.rewind().map_err(|source| read_error(path, source))?;
    if too_wide {
        let reason = "whole numbers of 32 bits a sample; accepted: 8 and 16 bits, and floats".to_owned();
        return Err(PictureError::Unsupported { path: path.to_owned(), reason });
    }
    Ok(premultiplied)
}

fn exr_error(path: &Path, error: exr::error::Error) -> PictureError {
    use exr::error::Error;
    match error {
        Error::NotSupported(reason) => {
            PictureError::Unsupported { path: path.to_owned(), reason: one_line(&reason) }
        }
        Error::Io(source) => decode_error(path, ImageError::IoError(source)),
        Error::Invalid(reason) => damaged(path, &one_line(&reason)),
        Error::Aborted => damaged(path, CUT_SHORT),
    }
}

/// A profile for gray or for inks says nothing about the RGB that those become here.
fn is_for_rgb(profile: &[u8]) -> bool {
    profile.len() as u64 <= MAX_NOTES && profile.get(16..20) == Some(b"RGB ")
}

/// A decoder that has read the header. The two that unpack or copy notes on the way get little room
/// for that; room for the pixels is given later.
fn decoder<'f>(
    file: impl BufRead + Seek + 'f,
    format: ImageFormat,
) -> ImageResult<Box<dyn ImageDecoder + 'f>> {
    match format {
        ImageFormat::Png => {
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(MAX_NOTES);
            Ok(Box::new(PngDecoder::with_limits(file, limits)?))
        }
        ImageFormat::Tiff => Ok(Box::new(TiffDecoder::new(file)?)),
        _ => {
            let mut reader = ImageReader::with_format(file, format);
            reader.limits(decoder_limits());
            Ok(Box::new(reader.into_decoder()?))
        }
    }
}

/// Room for the largest accepted picture in the widest sample. Sides are left to [`check_size`], whose
/// message has the figures.
fn decoder_limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_FILE);
    limits
}

fn decode_error(path: &Path, error: ImageError) -> PictureError {
    let reason = one_line(&error);
    let at = path.to_owned();
    match error {
        ImageError::Unsupported(_) => PictureError::Unsupported { path: at, reason },
        ImageError::Limits(_) => PictureError::Memory { path: at },
        ImageError::IoError(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            damaged(path, CUT_SHORT)
        }
        ImageError::IoError(source) => PictureError::Read { path: at, source },
        _ => damaged(path, &reason),
    }
}
