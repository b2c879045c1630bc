//! From a file to a picture.

mod exif;
mod frames;
mod guard;
mod jpeg;
mod options;
mod png;
mod rows;
mod tiff;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::coding::Coding;
use super::error::one_line;
use super::format::Format;
use super::gather::Gatherer;
use super::remark::Remark;
use super::strangers::{TELLING, stranger};
use super::{Depth, MAX_FILE, Picture, PictureError, check_size, openexr, profile};
use crate::extent::Extent;
use crate::files::input::{is_stream, keep_stream};
use rows::each_row;

pub(super) use guard::guarded;
pub use options::{ReadOptions, WantedSize};

const CUT_SHORT: &str = "the file ends before the picture does";

/// The most memory that notes about a picture (profile, camera) may take.
const MAX_NOTES: u64 = 16 << 20;

impl Picture {
    /// Reads a picture file. The content decides the format, whatever the name (TGA, which has no mark
    /// of its own, needs its extension). It is turned upright where the camera noted an orientation; of
    /// several pictures in a file the first is taken. 16-bit samples become fractions of 8-bit ones, linear
    /// light (OpenEXR, Radiance HDR) becomes sRGB-coded, and what is brighter than white is carried along. An
    /// alpha channel that is solid everywhere is dropped; an RGB colour profile is kept, and one for gray as
    /// an RGB profile of the same curve. What its owner may not expect of it is in [`Picture::remarks`].
    ///
    /// # Errors
    /// One of the reading variants of [`PictureError`]: missing, folder, empty, not a picture,
    /// unsupported, damaged, or of a size that is not accepted (told before anything is allocated).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PictureError> {
        Self::open_as(path, &ReadOptions::default()).map(|(picture, _)| picture)
    }

    /// The same as the options say. The size is that of the picture in the file, upright.
    ///
    /// # Errors
    /// Those of [`Picture::open`], and [`PictureError::NoRoom`].
    pub fn open_as(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(Self, Extent), PictureError> {
        let path = path.as_ref();
        read(open_file(path)?, path, options)
    }

    /// The same of a file's bytes. `name` stands for the path in messages, and its extension for TGA.
    ///
    /// # Errors
    /// Those of [`Picture::open`].
    pub fn decode(bytes: &[u8], name: impl AsRef<Path>) -> Result<Self, PictureError> {
        Self::decode_as(bytes, name, &ReadOptions::default()).map(|(picture, _)| picture)
    }

    /// The same as the options say, of a file's bytes.
    ///
    /// # Errors
    /// Those of [`Picture::open_as`].
    pub fn decode_as(
        bytes: &[u8],
        name: impl AsRef<Path>,
        options: &ReadOptions,
    ) -> Result<(Self, Extent), PictureError> {
        let name = name.as_ref();
        if bytes.is_empty() {
            return Err(PictureError::Empty { path: name.to_owned() });
        }
        read(Cursor::new(bytes), name, options)
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

/// What a file comes to before it is a picture: pixels, and what is known of them.
struct Decoded {
    pixels: Pixels,
    orientation: Option<Orientation>,
    profile: Option<Vec<u8>>,
    coding: Option<Coding>,
    remarks: Vec<Remark>,
    /// Whether all pixels were gray in the file.
    is_gray: bool,
    /// Whether the colours were multiplied by alpha.
    is_multiplied: bool,
    /// How finely linear light is known; `None` for levels.
    light: Option<Depth>,
}

/// The pixels of a file.
enum Pixels {
    /// As they are stored.
    Stored(DynamicImage),
    /// In the size that is wanted already, of a picture of this size.
    Fitted(Box<Picture>, Extent),
}

impl From<DynamicImage> for Decoded {
    fn from(image: DynamicImage) -> Self {
        let is_gray = !image.color().has_color();
        Self { is_gray, ..Self::from(Pixels::Stored(image)) }
    }
}

impl From<Pixels> for Decoded {
    fn from(pixels: Pixels) -> Self {
        Self {
            pixels,
            orientation: None,
            profile: None,
            coding: None,
            remarks: Vec::new(),
            is_gray: false,
            is_multiplied: false,
            light: None,
        }
    }
}

impl Decoded {
    /// The picture in the size that is wanted, and the one that it has.
    fn into_picture(mut self, options: &ReadOptions) -> Result<(Picture, Extent), PictureError> {
        self.mind_floats();
        let profile = self.profile();
        let (picture, size) = match self.pixels {
            Pixels::Fitted(picture, size) => (*picture, size),
            Pixels::Stored(mut image) => {
                image.apply_orientation(self.orientation.unwrap_or(Orientation::NoTransforms));
                let size = extent_of(&image);
                let to = options.fit(size);
                check_size(to)?;
                let picture = match self.light {
                    Some(depth) => {
                        let pixels = image.into_rgba32f();
                        let pixels = pixels.pixels().map(|pixel| pixel.0);
                        Picture::from_light(size, depth, pixels).into_resized(to)?
                    }
                    None => gathered(&image, self.is_multiplied, to),
                };
                (picture, size)
            }
        };
        Ok((Picture { profile, coding: self.coding, remarks: self.remarks, ..picture }, size))
    }

    /// The profile for what the pixels become here, which is RGB.
    fn profile(&mut self) -> Option<Vec<u8>> {
        let profile = self.profile.take().filter(|profile| profile.len() as u64 <= MAX_NOTES)?;
        match profile::kind(&profile)? {
            profile::Kind::Rgb => return Some(profile),
            profile::Kind::Gray if self.is_gray => {
                if let Some(profile) = profile::of_gray(&profile) {
                    return Some(profile);
                }
                self.remarks.push(Remark::OtherProfile { colours: "gray in a form that RGB has not" });
            }
            profile::Kind::Gray => self.remarks.push(Remark::OtherProfile { colours: "gray" }),
            profile::Kind::Other => self.remarks.push(Remark::OtherProfile { colours: "other colours" }),
        }
        None
    }

    /// Looks for floats that are no numbers, or no levels.
    fn mind_floats(&mut self) {
        let samples: &[f32] = match &self.pixels {
            Pixels::Stored(DynamicImage::ImageRgb32F(image)) => image,
            Pixels::Stored(DynamicImage::ImageRgba32F(image)) => image,
            _ => &[],
        };
        let not_finite = samples.iter().filter(|sample| !sample.is_finite()).count();
        let outside =
            samples.iter().filter(|sample| sample.is_finite() && !(0.0..=1.0).contains(*sample)).count();
        if not_finite > 0 {
            self.remarks.push(Remark::NotFinite { samples: not_finite });
        }
        if outside > 0 && self.light.is_none() {
            let finite = || samples.iter().copied().filter(|sample| sample.is_finite());
            let range = [finite().fold(0.0, f32::min), finite().fold(0.0, f32::max)];
            self.remarks.push(Remark::OutOfRange { samples: outside, range });
        }
    }
}

/// The levels of an image, in this size.
fn gathered(image: &DynamicImage, is_multiplied: bool, to: Extent) -> Picture {
    let mut gatherer = Gatherer::new(extent_of(image), to);
    each_row(image, &mut |row| {
        if is_multiplied {
            row.iter_mut().for_each(divide);
        }
        gatherer.row(row);
    });
    Picture { depth: depth_of(image), ..gatherer.finish() }
}

/// Takes the colours of a pixel for what they are without alpha. Where it is clear, nothing is known of them.
fn divide([red, green, blue, solid]: &mut [f32; 4]) {
    if *solid > 0.0 && *solid < 255.0 {
        for sample in [red, green, blue] {
            *sample = (*sample * 255.0 / *solid).min(255.0);
        }
    }
}

fn read(
    file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<(Picture, Extent), PictureError> {
    guarded(|| decoded(file, path, options)?.into_picture(options))
        .unwrap_or_else(|| Err(PictureError::BrokenDecoder { path: path.to_owned() }))
}

fn decoded(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    match sniff(&mut file, path)? {
        ImageFormat::Png => decode_png(file, path, options),
        ImageFormat::Tiff => decode_tiff(file, path, options),
        ImageFormat::Jpeg => decode_jpeg(file, path, options),
        ImageFormat::OpenExr => decode_exr(file, path, options),
        format => {
            let remarks = frames::remarks(&mut file, format);
            file.rewind().map_err(|source| read_error(path, source))?;
            let light = (format == ImageFormat::Hdr).then_some(Depth::ThirtyTwo);
            Ok(Decoded { remarks, light, ..decode(file, format, path, options)? })
        }
    }
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

fn unsupported(path: &Path, reason: String) -> PictureError {
    PictureError::Unsupported { path: path.to_owned(), reason }
}

/// What a file is by its first bytes; rewinds it.
pub(super) fn sniff(file: &mut (impl BufRead + Seek), path: &Path) -> Result<ImageFormat, PictureError> {
    let unread = |source| read_error(path, source);
    let mut start = Vec::new();
    file.by_ref().take(TELLING as u64).read_to_end(&mut start).map_err(unread)?;
    file.rewind().map_err(unread)?;
    if let Some(what) = stranger(&start) {
        return Err(PictureError::Stranger { path: path.to_owned(), what });
    }
    // BigTIFF, which `image` does not know by its mark.
    if start.starts_with(b"II+\0") || start.starts_with(b"MM\0+") {
        return Ok(ImageFormat::Tiff);
    }
    // No extension is given to the reader: a text file named .png would pass for a damaged PNG.
    let reader = ImageReader::new(file).with_guessed_format().map_err(unread)?;
    reader
        .format()
        .or_else(|| Format::of_path(path).filter(|&format| format == Format::Tga).map(Format::image))
        .ok_or_else(|| PictureError::NotAPicture { path: path.to_owned() })
}

fn accept_size(path: &Path, size: Extent) -> Result<(), PictureError> {
    check_size(size)
        .map_err(|source| PictureError::FileSize { path: path.to_owned(), source: Box::new(source) })
}

/// Reads by what the `image` crate has for a format.
fn decode(
    file: impl BufRead + Seek,
    format: ImageFormat,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let failed = |error| decode_error(path, error);
    let mut reader = ImageReader::with_format(file, format);
    reader.limits(decoder_limits());
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let size = Extent::new(height as usize, width as usize);
    accept_size(path, size)?;
    match format {
        ImageFormat::Hdr => options.check_light(path, size)?,
        _ => options.check(path, size, u64::from(decoder.color_type().bytes_per_pixel()))?,
    }
    // A picture is not refused because of broken notes.
    let exif = decoder.exif_metadata().unwrap_or_default();
    let profile = decoder.icc_profile().unwrap_or_default();
    decoder.set_limits(decoder_limits()).map_err(failed)?;
    let image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok(Decoded { orientation: exif.as_deref().and_then(exif::orientation), profile, ..Decoded::from(image) })
}

/// Room for the largest accepted picture in the widest sample. Sides are left to [`check_size`], whose
/// message has the figures.
fn decoder_limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_FILE);
    limits
}

/// A file whose checksums alone are wrong is read, with a word.
fn decode_png(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let mut attempt = |checked: bool| -> Result<Decoded, PictureError> {
        file.rewind().map_err(|source| read_error(path, source))?;
        let failed = |error| png_error(path, error);
        let png = png::Png::open(&mut file, checked).map_err(failed)?;
        let size = png.size();
        accept_size(path, size)?;
        let to = options.fit(size);
        if to == size || !png.is_in_rows() {
            options.check(path, size, png.pixel_bytes())?;
            return png.decode().map_err(failed);
        }
        check_size(to)?;
        options.check_rows(path, size)?;
        png.decode_fitted(to).map_err(failed)
    };
    match attempt(true) {
        Err(strict @ PictureError::Damaged { .. }) => {
            let mut decoded = attempt(false).map_err(|_| strict)?;
            decoded.remarks.push(Remark::Checksum);
            Ok(decoded)
        }
        decoded => decoded,
    }
}

fn png_error(path: &Path, error: ::png::DecodingError) -> PictureError {
    use ::png::DecodingError;
    match error {
        DecodingError::IoError(source) => decode_error(path, ImageError::IoError(source)),
        DecodingError::LimitsExceeded => PictureError::Memory { path: path.to_owned() },
        DecodingError::Format(_) | DecodingError::Parameter(_) => {
            damaged(path, &one_line(&png::plainly(&error)))
        }
    }
}

fn decode_tiff(
    file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let failed = |failure| tiff_error(path, failure);
    let tiff = tiff::open(file).map_err(failed)?;
    accept_size(path, tiff.size())?;
    options.check(path, tiff.size(), tiff.pixel_bytes())?;
    tiff.decode().map_err(failed)
}

fn tiff_error(path: &Path, failure: tiff::Failure) -> PictureError {
    use ::tiff::TiffError;
    match failure {
        tiff::Failure::Unsupported(reason) => unsupported(path, reason),
        tiff::Failure::Tiff(TiffError::UnsupportedError(reason)) => unsupported(path, one_line(&reason)),
        tiff::Failure::Tiff(TiffError::IoError(source)) => decode_error(path, ImageError::IoError(source)),
        tiff::Failure::Tiff(TiffError::LimitsExceeded) => PictureError::Memory { path: path.to_owned() },
        tiff::Failure::Tiff(error) => damaged(path, &one_line(&error)),
    }
}

/// The decoder fills what is missing with gray and says nothing, so the file is looked through first.
fn decode_jpeg(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let unread = |source| read_error(path, source);
    let survey = jpeg::Survey::of(&mut file).map_err(unread)?;
    if let Some(what) = survey.stranger() {
        return Err(unsupported(path, format!("{what}, for which there is no decoder here")));
    }
    if !survey.is_plausible() {
        return Err(damaged(path, CUT_SHORT));
    }
    if survey.is_ended() {
        return decode(file, ImageFormat::Jpeg, path, options);
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(unread)?;
    let whole = survey.mended(bytes).ok_or_else(|| damaged(path, CUT_SHORT))?;
    decode(Cursor::new(whole), ImageFormat::Jpeg, path, options)
}

fn decode_exr(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let failed = |error| exr_error(path, error);
    let facts = openexr::facts(&mut file).map_err(failed)?;
    accept_size(path, facts.size)?;
    accept_size(path, facts.stored)?;
    options.check_light(path, facts.size)?;
    file.rewind().map_err(|source| read_error(path, source))?;
    let pixels = openexr::read(file, &facts).map_err(failed)?;
    let (width, height) = (facts.size.width as u32, facts.size.height as u32);
    let image = ImageBuffer::from_raw(width, height, pixels.into_flattened()).map(DynamicImage::ImageRgba32F);
    let image = image.expect("as many pixels as the window has");
    Ok(Decoded { remarks: facts.remarks, light: Some(facts.depth), ..Decoded::from(image) })
}

fn exr_error(path: &Path, error: exr::error::Error) -> PictureError {
    use exr::error::Error;
    match error {
        Error::NotSupported(reason) => unsupported(path, one_line(&reason)),
        Error::Io(source) => decode_error(path, ImageError::IoError(source)),
        Error::Invalid(reason) => damaged(path, &one_line(&reason)),
        Error::Aborted => damaged(path, CUT_SHORT),
    }
}

fn decode_error(path: &Path, error: ImageError) -> PictureError {
    let reason = one_line(&error);
    let at = path.to_owned();
    match error {
        ImageError::Unsupported(_) => unsupported(path, reason),
        ImageError::Limits(_) => PictureError::Memory { path: at },
        ImageError::IoError(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            damaged(path, CUT_SHORT)
        }
        // What a decoder says of packed data, not the system of the file.
        ImageError::IoError(source)
            if matches!(source.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) =>
        {
            damaged(path, &one_line(&source))
        }
        ImageError::IoError(source) => PictureError::Read { path: at, source },
        _ => damaged(path, &reason),
    }
}
