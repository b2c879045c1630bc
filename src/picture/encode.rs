//! Encodes pictures in each format.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Cursor, Seek, Write};
use std::path::Path;

use image::codecs::hdr::HdrEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageBuffer, ImageEncoder, ImageError, ImageResult, Rgb};
use image_webp::WebPEncoder;
use tiff::encoder::{Rational, TiffEncoder, TiffValue};
use tiff::tags::{
    CompressionMethod, ExtraSamples, PhotometricInterpretation, ResolutionUnit, SampleFormat, Tag, Type,
};

use super::coding::Coding;
use super::error::one_line;
use super::format::{Depth, Format};
use super::mark::{KEYWORD, MARK};
use super::note::to_xmp;
use super::write::to_word;
use super::{Picture, PictureError, SaveOptions, jpeg, openexr, to_byte};
use crate::files::output::OutputError;

/// Approximate number of bytes of a TIFF strip.
const STRIP: usize = 1_000_000;

impl Picture {
    /// The bytes of a file in this format, wherever they are to go; `name` stands for the path in messages.
    /// `None` if the format cannot hold a recipe.
    ///
    /// # Errors
    /// Those of [`Picture::save_as`] that do not concern folders and disks.
    pub fn encode(&self, name: &str, options: &SaveOptions<'_>) -> Result<Vec<u8>, PictureError> {
        let path = Path::new(name);
        let format = options.format_for(path)?;
        options.check_size(path, self.extent)?;
        let mut bytes = Cursor::new(Vec::new());
        self.write_to(&mut bytes, format, options)
            .map_err(|reason| OutputError::Write { path: path.to_owned(), reason })?;
        Ok(bytes.into_inner())
    }

    /// Writes in this format, or says why that is not possible.
    pub(super) fn write_to(
        &self,
        writer: &mut (impl Write + Seek),
        format: Format,
        options: &SaveOptions<'_>,
    ) -> Result<(), String> {
        let depth = options.depth_of(self, format);
        let recipe = options.recipe;
        match format {
            Format::Png => said(self.png(writer, depth, recipe)),
            Format::Tiff => said(self.tiff(writer, depth, recipe)),
            Format::WebP => said(self.webp(writer, recipe)),
            Format::Jpeg => said(self.jpeg(writer, options.quality(), recipe)),
            Format::Exr => said(openexr::write(self, depth, recipe, writer)),
            Format::Hdr => said(self.hdr(writer)),
            Format::Pnm => said(self.pixmap(writer, depth)),
            Format::Bmp | Format::Gif | Format::Tga | Format::Qoi => {
                said(self.image(format.keeps_alpha()).write_to(writer, format.image()))
            }
        }
    }

    fn png(
        &self,
        writer: &mut impl Write,
        depth: Depth,
        recipe: Option<&str>,
    ) -> Result<(), png::EncodingError> {
        let mut info = png::Info::with_size(self.extent.width as u32, self.extent.height as u32);
        info.color_type = if self.alpha.is_some() { png::ColorType::Rgba } else { png::ColorType::Rgb };
        info.icc_profile = self.profile.as_deref().map(Cow::Borrowed);
        let (bit_depth, samples) = match depth {
            Depth::Eight => (png::BitDepth::Eight, self.samples(true, to_byte)),
            _ => (png::BitDepth::Sixteen, big_endian(&self.samples(true, to_word))),
        };
        info.bit_depth = bit_depth;
        let mut encoder = png::Encoder::with_info(writer, info)?;
        if let Some(recipe) = recipe {
            encoder.add_itxt_chunk(KEYWORD.to_owned(), recipe.to_owned())?;
        }
        let mut writer = encoder.write_header()?;
        for (name, content) in self.coding.iter().flat_map(Coding::chunks) {
            writer.write_chunk(png::chunk::ChunkType(name), content)?;
        }
        writer.write_image_data(&samples)?;
        writer.finish()
    }

    fn tiff(
        &self,
        writer: &mut (impl Write + Seek),
        depth: Depth,
        recipe: Option<&str>,
    ) -> tiff::TiffResult<()> {
        match depth {
            Depth::Eight => self.tiff_of(writer, &self.samples(true, to_byte), recipe),
            _ => self.tiff_of(writer, &self.samples(true, to_word), recipe),
        }
    }

    /// Writes every tag itself: the crate's own images have a tag that goes with compression, about which readers
    /// warn in an uncompressed file.
    fn tiff_of<S>(
        &self,
        writer: &mut (impl Write + Seek),
        samples: &[S],
        recipe: Option<&str>,
    ) -> tiff::TiffResult<()>
    where
        [S]: TiffValue,
    {
        let (width, height) = (self.extent.width, self.extent.height);
        let channels = samples.len() / self.extent.plane();
        let line = width * channels;
        let lines = (STRIP / (line * size_of::<S>())).clamp(1, height);
        let mut encoder = TiffEncoder::new(writer)?;
        let mut directory = encoder.image_directory()?;
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for strip in samples.chunks(lines * line) {
            offsets.push(u32::try_from(directory.write_data(strip)?)?);
            lengths.push(u32::try_from(size_of_val(strip))?);
        }
        directory.write_tag(Tag::ImageWidth, width as u32)?;
        directory.write_tag(Tag::ImageLength, height as u32)?;
        directory.write_tag(Tag::BitsPerSample, &vec![8 * size_of::<S>() as u16; channels][..])?;
        directory.write_tag(Tag::SampleFormat, &vec![SampleFormat::Uint.to_u16(); channels][..])?;
        directory.write_tag(Tag::Compression, CompressionMethod::None.to_u16())?;
        directory.write_tag(Tag::PhotometricInterpretation, PhotometricInterpretation::RGB.to_u16())?;
        directory.write_tag(Tag::SamplesPerPixel, channels as u16)?;
        directory.write_tag(Tag::RowsPerStrip, lines as u32)?;
        directory.write_tag(Tag::StripOffsets, &offsets[..])?;
        directory.write_tag(Tag::StripByteCounts, &lengths[..])?;
        // Pixels are square, with no physical size.
        directory.write_tag(Tag::XResolution, Rational { n: 1, d: 1 })?;
        directory.write_tag(Tag::YResolution, Rational { n: 1, d: 1 })?;
        directory.write_tag(Tag::ResolutionUnit, ResolutionUnit::None.to_u16())?;
        if self.alpha.is_some() {
            directory.write_tag(Tag::ExtraSamples, ExtraSamples::UnassociatedAlpha.to_u16())?;
        }
        if let Some(profile) = &self.profile {
            directory.write_tag(Tag::IccProfile, Profile(profile))?;
        }
        if let Some(recipe) = recipe {
            directory.write_tag(Tag::ImageDescription, Description(recipe))?;
        }
        directory.finish()
    }

    fn webp(&self, writer: &mut impl Write, recipe: Option<&str>) -> Result<(), image_webp::EncodingError> {
        let mut encoder = WebPEncoder::new(writer);
        if let Some(profile) = &self.profile {
            encoder.set_icc_profile(profile.clone());
        }
        if let Some(recipe) = recipe {
            encoder.set_xmp_metadata(to_xmp(recipe));
        }
        let color =
            if self.alpha.is_some() { image_webp::ColorType::Rgba8 } else { image_webp::ColorType::Rgb8 };
        let samples = self.samples(true, to_byte);
        encoder.encode(&samples, self.extent.width as u32, self.extent.height as u32, color)
    }

    fn jpeg(&self, writer: &mut impl Write, quality: u8, recipe: Option<&str>) -> ImageResult<()> {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        if let Some(profile) = &self.profile {
            encoder.set_icc_profile(profile.clone()).map_err(ImageError::Unsupported)?;
        }
        self.image(false).write_with_encoder(encoder)?;
        if let Some(recipe) = recipe {
            bytes = jpeg::with_recipe(&bytes, recipe);
        }
        Ok(writer.write_all(&bytes)?)
    }

    fn hdr(&self, writer: &mut impl Write) -> ImageResult<()> {
        let light = |index| {
            let [red, green, blue, _solid] = self.light(index, false);
            Rgb(to_shared([red, green, blue]))
        };
        let pixels: Vec<Rgb<f32>> = (0..self.extent.plane()).map(light).collect();
        HdrEncoder::new(writer).encode(&pixels, self.extent.width, self.extent.height)
    }

    /// The old P6, which every program reads; the `image` crate only writes 16 bits as the newer P7.
    fn pixmap(&self, writer: &mut impl Write, depth: Depth) -> io::Result<()> {
        let (largest, samples) = match depth {
            Depth::Eight => (255, self.samples(false, to_byte)),
            _ => (65_535, big_endian(&self.samples(false, to_word))),
        };
        write!(writer, "P6\n{} {}\n{largest}\n", self.extent.width, self.extent.height)?;
        writer.write_all(&samples)
    }

    /// The picture in the form that the `image` crate encodes, with 8 bits.
    fn image(&self, keeps_alpha: bool) -> DynamicImage {
        let (width, height) = (self.extent.width as u32, self.extent.height as u32);
        let samples = self.samples(keeps_alpha, to_byte);
        let image = if keeps_alpha && self.alpha.is_some() {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8)
        } else {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8)
        };
        image.expect("as many samples as the size asks for")
    }

    /// Interleaved rounded samples, with alpha if the picture has it and it is wanted.
    fn samples<T>(&self, keeps_alpha: bool, round: impl Fn(f32) -> T) -> Vec<T> {
        let channels = if keeps_alpha && self.alpha.is_some() { 4 } else { 3 };
        let mut samples = Vec::with_capacity(channels * self.extent.plane());
        for y in 0..self.extent.height as u32 {
            for x in 0..self.extent.width as u32 {
                samples.extend(self.pixel(x, y)[..channels].iter().map(|&sample| round(sample)));
            }
        }
        samples
    }
}

fn big_endian(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn said<E: Display>(result: Result<(), E>) -> Result<(), String> {
    result.map_err(|error| one_line(&error))
}

/// The nearest light that three bytes and a shared exponent can represent. The encoder truncates instead, which
/// would darken a picture a little each time.
fn to_shared(light: [f32; 3]) -> [f32; 3] {
    let largest = light.into_iter().fold(0.0, f32::max);
    // Below the smallest exponent, where the encoder would wrap around to the largest.
    if largest < 1e-36 {
        return [0.0; 3];
    }
    let exponent = (largest.to_bits() >> 23) as i32 - 127;
    let step = 2f32.powi(exponent - 7);
    light.map(|light| (light.max(0.0) / step).round() * step)
}

/// A recipe as a TIFF text, which is UTF-8 in practice; the crate itself only writes ASCII.
struct Description<'a>(&'a str);

impl TiffValue for Description<'_> {
    const BYTE_LEN: u8 = 1;
    const FIELD_TYPE: Type = Type::ASCII;

    fn count(&self) -> usize {
        MARK.len() + self.0.len() + 1
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned([MARK.as_bytes(), self.0.as_bytes(), &[0]].concat())
    }
}

/// A colour profile in the form that the ICC specification requires in TIFF: bytes of type UNDEFINED.
struct Profile<'a>(&'a [u8]);

impl TiffValue for Profile<'_> {
    const BYTE_LEN: u8 = 1;
    const FIELD_TYPE: Type = Type::UNDEFINED;

    fn count(&self) -> usize {
        self.0.len()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.0)
    }
}
