//! TIFF: strips and tiles, whole or plane by plane, in every kind of sample that has a meaning here.
//!
//! The `tiff` crate unpacks them; how they come together and which colours they are is done here, because the
//! `image` crate leaves out palettes, gray with alpha, gray floats, half floats and JPEG's own colours.

use std::io::{self, BufRead, Cursor, Read, Seek};

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, Primitive};
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::{ExtraSamples, PhotometricInterpretation as Photometric, SampleFormat, Tag};
use tiff::{ColorType, TiffError, TiffFormatError, TiffResult};

use super::{Decoded, MAX_NOTES};
use crate::extent::Extent;
use crate::picture::MAX_FILE;
use crate::picture::remark::Remark;

/// The subfile types that are a smaller version of another picture in the file, or its mask.
const ASIDE: u32 = 0b101;

/// A file whose first picture has been looked at.
pub(super) struct Tiff<R: Read + Seek> {
    decoder: Decoder<R>,
    layout: Layout,
}

/// How samples lie in the file, and what they are.
struct Layout {
    size: Extent,
    bits: u8,
    format: SampleFormat,
    colours: Colours,
    /// Samples of a pixel as they are unpacked, and as they lie in the file.
    samples: usize,
    stored: usize,
    /// How many of them are colours.
    coloured: usize,
    /// The sample behind them that is alpha.
    alpha: bool,
    /// Whether each sample has chunks of its own.
    planar: bool,
}

/// What samples mean.
enum Colours {
    Gray,
    Rgb,
    Cmyk,
    YCbCr,
    /// Numbers of colours: all reds, all greens and all blues.
    Palette(Vec<u8>),
}

/// What is wrong with a file, or with this reader.
pub(super) enum Failure {
    Tiff(TiffError),
    /// What it is that cannot be read, or is not meant to be.
    Unsupported(String),
}

impl From<TiffError> for Failure {
    fn from(error: TiffError) -> Self {
        Self::Tiff(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Tiff(error.into())
    }
}

/// Looks at the first picture of a file.
pub(super) fn open<'f>(mut file: impl BufRead + Seek + 'f) -> Result<Tiff<Box<dyn ReadSeek + 'f>>, Failure> {
    let mut decoder = Decoder::new(&mut file)?.with_limits(limits());
    let is_palette = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)?
        == Some(Photometric::RGBPalette.to_u16());
    let palette = is_palette.then(|| decoder.get_tag_u16_vec(Tag::ColorMap)).transpose()?.map(in_bytes);
    file.rewind()?;
    let file: Box<dyn ReadSeek + 'f> = match palette {
        // The decoder knows no palettes, but numbers of colours lie in a file as grays do.
        Some(_) => Box::new(Cursor::new(as_gray(file)?)),
        None => Box::new(file),
    };
    let mut decoder = Decoder::new(file)?.with_limits(limits());
    let layout = Layout::of(&mut decoder, palette)?;
    Ok(Tiff { decoder, layout })
}

/// What a decoder needs of a file.
pub(super) trait ReadSeek: Read + Seek {}
impl<R: Read + Seek> ReadSeek for R {}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_FILE as usize;
    limits.intermediate_buffer_size = MAX_FILE as usize;
    limits.ifd_value_size = MAX_NOTES as usize;
    limits
}

impl Layout {
    fn of<R: Read + Seek>(decoder: &mut Decoder<R>, palette: Option<Vec<u8>>) -> Result<Self, Failure> {
        let mut numbers = |tag| -> TiffResult<Vec<u16>> {
            Ok(decoder.find_tag_unsigned_vec::<u16>(tag)?.unwrap_or_default())
        };
        let formats = numbers(Tag::SampleFormat)?;
        let format = SampleFormat::from_u16_exhaustive(formats.first().copied().unwrap_or(1));
        let bits = numbers(Tag::BitsPerSample)?.first().map_or(1, |&bits| bits.min(255) as u8);
        let extra = numbers(Tag::ExtraSamples)?;
        let planar = numbers(Tag::PlanarConfiguration)?.first() == Some(&2);
        let predicted = numbers(Tag::Predictor)?.first().is_some_and(|&predictor| predictor > 1);
        let stored = numbers(Tag::SamplesPerPixel)?.first().map_or(1, |&samples| usize::from(samples));
        check_samples(&format, bits)?;
        let (colours, samples, coloured) = match (decoder.colortype()?, palette) {
            (ColorType::Gray(_), Some(palette)) => (Colours::Palette(palette), 1, 1),
            (ColorType::Gray(_), None) => (Colours::Gray, 1, 1),
            (ColorType::Multiband { num_samples, .. }, None) => (Colours::Gray, usize::from(num_samples), 1),
            (ColorType::RGB(_), _) => (Colours::Rgb, 3, 3),
            (ColorType::RGBA(_), _) => (Colours::Rgb, 4, 3),
            (ColorType::CMYK(_), _) => (Colours::Cmyk, 4, 4),
            (ColorType::CMYKA(_), _) => (Colours::Cmyk, 5, 4),
            (ColorType::YCbCr(_), _) => (Colours::YCbCr, 3, 3),
            (other, _) => return Err(Failure::Unsupported(format!("a TIFF of the kind {other:?}"))),
        };
        // The decoder would undo the prediction after it had left out samples.
        if predicted && !planar && samples < stored {
            return Err(Failure::Unsupported("a TIFF with packed samples beyond its colours".to_owned()));
        }
        let is_alpha = |kind: &u16| {
            [ExtraSamples::AssociatedAlpha, ExtraSamples::UnassociatedAlpha]
                .iter()
                .any(|own| own.to_u16() == *kind)
        };
        let alpha = samples > coloured && extra.first().map_or(!matches!(colours, Colours::Gray), is_alpha);
        let (width, height) = decoder.dimensions()?;
        let size = Extent::new(height as usize, width as usize);
        Ok(Self { size, bits, format, colours, samples, stored, coloured, alpha, planar })
    }
}

/// Numbers that are read: whole ones of up to 16 bits, and floats.
fn check_samples(format: &SampleFormat, bits: u8) -> Result<(), Failure> {
    let what = match (format, bits) {
        (SampleFormat::Uint | SampleFormat::Void, 1..=8 | 16) | (SampleFormat::IEEEFP, 16 | 32 | 64) => {
            return Ok(());
        }
        (SampleFormat::Uint | SampleFormat::Void, _) => "whole numbers",
        (SampleFormat::Int, _) => "signed numbers",
        (SampleFormat::IEEEFP, _) => "floats",
        _ => "samples of an unknown kind",
    };
    let accepted = "accepted: whole numbers of 8 and 16 bits, grays of fewer, and floats";
    Err(Failure::Unsupported(format!("{what} of {bits} bits a sample; {accepted}")))
}

impl<R: Read + Seek> Tiff<R> {
    pub(super) fn size(&self) -> Extent {
        self.layout.size
    }

    /// Bytes of a pixel as it is gathered.
    pub(super) fn pixel_bytes(&self) -> u64 {
        let sample = match (&self.layout.format, self.layout.bits) {
            (SampleFormat::IEEEFP, _) => 4,
            (_, 16) => 2,
            _ => 1,
        };
        // Gray becomes as wide as colours are.
        sample * self.layout.samples.max(3) as u64
    }

    /// The pixels of the first picture, and everything else.
    pub(super) fn decode(mut self) -> Result<Decoded, Failure> {
        let image = match (&self.layout.format, self.layout.bits) {
            (SampleFormat::IEEEFP, _) => self.floats()?,
            (_, 16) => self.words()?,
            _ => self.bytes()?,
        };
        let decoder = &mut self.decoder;
        let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
        let extra =
            decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).ok().flatten().unwrap_or_default();
        Ok(Decoded {
            orientation: orientation.and_then(Orientation::from_exif),
            profile: decoder.get_tag_u8_vec(Tag::IccProfile).ok(),
            is_gray: matches!(self.layout.colours, Colours::Gray),
            is_multiplied: self.layout.alpha
                && extra.first() == Some(&ExtraSamples::AssociatedAlpha.to_u16()),
            remarks: Remark::first_of(self.pages(), "pages"),
            ..Decoded::from(image)
        })
    }

    /// How many pictures there are, as far as they can be told.
    fn pages(&mut self) -> usize {
        let mut pages = 1;
        while self.decoder.more_images() && self.decoder.next_image().is_ok() {
            let kind = self.decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType).ok().flatten().unwrap_or(0);
            pages += usize::from(kind & ASIDE == 0);
        }
        pages
    }

    fn bytes(&mut self) -> Result<DynamicImage, Failure> {
        let samples = self.gather::<u8>()?;
        let whole = |sample: u8, bits: u8| match bits {
            8.. => sample,
            _ => (u16::from(sample) * 255 / ((1 << bits) - 1)) as u8,
        };
        let bits = self.layout.bits;
        let Layout { size, colours, alpha, coloured, .. } = &self.layout;
        let pixels = samples.chunks_exact(self.layout.samples).map(|pixel| {
            let colour = match colours {
                Colours::Gray => [whole(pixel[0], bits); 3],
                Colours::Rgb => [pixel[0], pixel[1], pixel[2]],
                Colours::Cmyk => inks(pixel, 255.0).map(|sample| sample as u8),
                Colours::YCbCr => from_luma([pixel[0], pixel[1], pixel[2]]),
                Colours::Palette(palette) => entry(palette, usize::from(pixel[0])),
            };
            (colour, alpha.then(|| pixel[*coloured]))
        });
        match alpha {
            true => with_alpha(*size, pixels).map(DynamicImage::ImageRgba8),
            false => solid(*size, pixels).map(DynamicImage::ImageRgb8),
        }
        .ok_or_else(inconsistent)
    }

    fn words(&mut self) -> Result<DynamicImage, Failure> {
        let samples = self.gather::<u16>()?;
        let Layout { size, colours, alpha, coloured, .. } = &self.layout;
        if matches!(colours, Colours::YCbCr) {
            return Err(Failure::Unsupported("a TIFF of luma and chroma with 16 bits a sample".to_owned()));
        }
        let pixels = samples.chunks_exact(self.layout.samples).map(|pixel| {
            let colour = match colours {
                Colours::Rgb => [pixel[0], pixel[1], pixel[2]],
                Colours::Cmyk => inks(pixel, 65_535.0).map(|sample| sample as u16),
                Colours::Palette(palette) => {
                    entry(palette, usize::from(pixel[0])).map(|byte| u16::from(byte) * 257)
                }
                Colours::Gray | Colours::YCbCr => [pixel[0]; 3],
            };
            (colour, alpha.then(|| pixel[*coloured]))
        });
        match alpha {
            true => with_alpha(*size, pixels).map(DynamicImage::ImageRgba16),
            false => solid(*size, pixels).map(DynamicImage::ImageRgb16),
        }
        .ok_or_else(inconsistent)
    }

    fn floats(&mut self) -> Result<DynamicImage, Failure> {
        let samples = self.gather::<f32>()?;
        let Layout { size, colours, alpha, coloured, .. } = &self.layout;
        let rgb = match colours {
            Colours::Gray => false,
            Colours::Rgb => true,
            _ => {
                return Err(Failure::Unsupported(
                    "a TIFF of floats that are neither gray nor RGB".to_owned(),
                ));
            }
        };
        let pixels = samples.chunks_exact(self.layout.samples).map(|pixel| {
            let colour = if rgb { [pixel[0], pixel[1], pixel[2]] } else { [pixel[0]; 3] };
            (colour, alpha.then(|| pixel[*coloured]))
        });
        match alpha {
            true => with_alpha(*size, pixels).map(DynamicImage::ImageRgba32F),
            false => solid(*size, pixels).map(DynamicImage::ImageRgb32F),
        }
        .ok_or_else(inconsistent)
    }

    /// All samples of the picture, pixel by pixel.
    fn gather<T: Sample>(&mut self) -> Result<Vec<T>, Failure> {
        let Layout { size, samples, stored, bits, planar, .. } = self.layout;
        let (wide, high) = self.decoder.chunk_dimensions();
        let (wide, high) = (wide as usize, high as usize);
        let across = size.width.div_ceil(wide);
        let chunks = match self.decoder.get_chunk_type() {
            ChunkType::Strip => self.decoder.strip_count()?,
            ChunkType::Tile => self.decoder.tile_count()?,
        };
        let in_plane = across * size.height.div_ceil(high);
        // A sample of its own chunks goes into every so many of those of the picture.
        let (planes, step, in_file) = if planar { (samples, 1, 1) } else { (1, samples, stored) };
        if (chunks as usize) < planes * in_plane {
            return Err(inconsistent());
        }
        // As wide as chunks are in the file, beyond the picture's edge as well: unpacked row by row, LZW would seem to
        // end too soon.
        let row_bytes = (wide * in_file * usize::from(bits)).div_ceil(8);
        let row_samples = row_bytes * 8 / usize::from(bits);
        let mut all = vec![T::BLACK; samples * size.plane()];
        for plane in 0..planes {
            for chunk in 0..in_plane {
                let index = plane * in_plane + chunk;
                let (left, top) = (chunk % across * wide, chunk / across * high);
                let (columns, rows) = (wide.min(size.width - left), high.min(size.height - top));
                let mut part = DecodingResult::U8(Vec::new());
                self.decoder.read_chunk_to_buffer(&mut part, index as u32, row_bytes)?;
                let part = T::unpacked(part, row_bytes, bits).ok_or_else(inconsistent)?;
                if part.len() < rows * row_samples {
                    return Err(inconsistent());
                }
                for (y, row) in part.chunks_exact(row_samples).take(rows).enumerate() {
                    let start = ((top + y) * size.width + left) * samples + plane;
                    for (x, pixel) in row.chunks_exact(step).take(columns).enumerate() {
                        all[start + x * samples..][..step].copy_from_slice(pixel);
                    }
                }
            }
        }
        Ok(all)
    }
}

/// A number as it is gathered.
trait Sample: Copy {
    const BLACK: Self;

    /// The numbers of a chunk whose rows have so many bytes, in so many bits each; `None` if they are others.
    fn unpacked(chunk: DecodingResult, row_bytes: usize, bits: u8) -> Option<Vec<Self>>;
}

impl Sample for u8 {
    const BLACK: Self = 0;

    fn unpacked(chunk: DecodingResult, row_bytes: usize, bits: u8) -> Option<Vec<Self>> {
        let DecodingResult::U8(bytes) = chunk else { return None };
        if bits == 8 {
            return Some(bytes);
        }
        let numbers = row_bytes * 8 / usize::from(bits);
        let unpack = |packed: &[Self], index: usize| {
            let at = index * usize::from(bits);
            let behind = packed.get(at / 8 + 1).copied().unwrap_or(0);
            (u16::from_be_bytes([packed[at / 8], behind]) << (at % 8) >> (16 - bits)) as Self
        };
        let rows = bytes.chunks_exact(row_bytes);
        Some(rows.flat_map(|packed| (0..numbers).map(move |index| unpack(packed, index))).collect())
    }
}

impl Sample for u16 {
    const BLACK: Self = 0;

    fn unpacked(chunk: DecodingResult, _row_bytes: usize, _bits: u8) -> Option<Vec<Self>> {
        match chunk {
            DecodingResult::U16(words) => Some(words),
            _ => None,
        }
    }
}

impl Sample for f32 {
    const BLACK: Self = 0.0;

    fn unpacked(chunk: DecodingResult, _row_bytes: usize, _bits: u8) -> Option<Vec<Self>> {
        match chunk {
            DecodingResult::F16(halves) => Some(halves.into_iter().map(half::f16::to_f32).collect()),
            DecodingResult::F32(floats) => Some(floats),
            DecodingResult::F64(doubles) => Some(doubles.into_iter().map(|double| double as Self).collect()),
            _ => None,
        }
    }
}

fn inconsistent() -> Failure {
    TiffError::FormatError(TiffFormatError::InconsistentSizesEncountered).into()
}

fn solid<T: Primitive>(
    size: Extent,
    pixels: impl Iterator<Item = ([T; 3], Option<T>)>,
) -> Option<ImageBuffer<image::Rgb<T>, Vec<T>>>
where
    image::Rgb<T>: image::Pixel<Subpixel = T>,
{
    let samples = pixels.flat_map(|(colour, _)| colour).collect();
    ImageBuffer::from_raw(size.width as u32, size.height as u32, samples)
}

fn with_alpha<T: Primitive>(
    size: Extent,
    pixels: impl Iterator<Item = ([T; 3], Option<T>)>,
) -> Option<ImageBuffer<image::Rgba<T>, Vec<T>>>
where
    image::Rgba<T>: image::Pixel<Subpixel = T>,
{
    let samples = pixels.flat_map(|(colour, alpha)| colour.into_iter().chain(alpha)).collect();
    ImageBuffer::from_raw(size.width as u32, size.height as u32, samples)
}

/// Inks on white paper, as the `image` crate mixes them; rounded down by a cast.
fn inks<T: Copy + Into<f32>>(pixel: &[T], white: f32) -> [f32; 3] {
    let light = 1.0 - pixel[3].into() / white;
    [0, 1, 2].map(|ink| (white - pixel[ink].into()) * light)
}

/// The colours of JPEG (BT.601, all levels used), as they stand in a TIFF.
fn from_luma([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luma, blue, red) = (f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    // The cast saturates.
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
        .map(|sample| sample.round() as u8)
}

/// A palette in bytes, which some programs write where words belong.
fn in_bytes(palette: Vec<u16>) -> Vec<u8> {
    let shift = if palette.iter().all(|&sample| sample < 256) { 0 } else { 8 };
    palette.into_iter().map(|sample| (sample >> shift) as u8).collect()
}

/// A colour of a palette, black behind its end.
fn entry(palette: &[u8], index: usize) -> [u8; 3] {
    let colours = palette.len() / 3;
    [0, 1, 2].map(|plane| if index < colours { palette[plane * colours + index] } else { 0 })
}

/// The bytes of a file whose first picture calls itself gray instead of a palette's.
fn as_gray(mut file: impl Read) -> TiffResult<Vec<u8>> {
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_FILE).read_to_end(&mut bytes)?;
    if let Some(at) = photometric(&bytes) {
        // A short number in four bytes or eight, in either order of bytes.
        let value = Photometric::BlackIsZero.to_u16();
        let value = if bytes.starts_with(b"II") { value.to_le_bytes() } else { value.to_be_bytes() };
        bytes[at..at + 2].copy_from_slice(&value);
    }
    Ok(bytes)
}

/// Where the first directory says what the samples mean.
fn photometric(bytes: &[u8]) -> Option<usize> {
    let number = |at: usize, size: usize| -> Option<usize> {
        let part = bytes.get(at..at.checked_add(size)?)?;
        let join = |number: usize, &byte: &u8| number << 8 | usize::from(byte);
        Some(if bytes.starts_with(b"II") {
            part.iter().rev().fold(0, join)
        } else {
            part.iter().fold(0, join)
        })
    };
    // Where it is, how many bytes say how many entries it has and how many bytes those take; BigTIFF is wider.
    let (directory, count, first, entry) = match number(2, 2)? {
        43 => (number(8, 8)?, 8, 8, 20),
        _ => (number(4, 4)?, 2, 2, 12),
    };
    let tag = usize::from(Tag::PhotometricInterpretation.to_u16());
    let entries = directory.checked_add(first)?;
    let count = number(directory, count)?.min(bytes.len() / entry);
    let found = (0..count).map(|index| entries + entry * index).find(|&at| number(at, 2) == Some(tag))?;
    // The value stands last, in four bytes or in eight.
    let value = found + entry - if entry == 20 { 8 } else { 4 };
    (value + 2 <= bytes.len()).then_some(value)
}
