//! From a picture to a file.

use std::io::{Seek, Write};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::pnm::{PnmEncoder, PnmSubtype, SampleEncoding};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::error::one_line;
use super::format::format_by_extension;
use super::{MAX_SIDE, Picture, PictureError};
use crate::output::Output;

const JPEG_QUALITY: u8 = 95;

impl Picture {
    /// Saves in the format that the extension names: 8 bits a sample, colours rounded and clamped by
    /// [`to_byte`], JPEG at quality 95, WebP lossless, GIF with 256 colours. Alpha is written where the
    /// format has it and left out in JPEG and PPM. The file appears whole or not at all: it is written
    /// under a temporary name in the same folder and renamed, replacing what was there.
    ///
    /// # Errors
    /// Those of [`check_output`] and [`check_output_size`], and what can still go wrong after them, such as
    /// a full disk.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        let path = path.as_ref();
        let (format, output) = prepare(path)?;
        check_output_size(path, self.width, self.height)?;
        output.fill(|writer| self.encode(format, writer).map_err(|error| one_line(&error)))?;
        Ok(())
    }

    fn encode(&self, format: ImageFormat, writer: &mut (impl Write + Seek)) -> image::ImageResult<()> {
        let bytes = RgbaImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            Rgba(self.pixel(x, y).map(to_byte))
        });
        let mut image = DynamicImage::ImageRgba8(bytes);
        if self.alpha.is_none() || !keeps_alpha(format) {
            image = DynamicImage::ImageRgb8(image.into_rgb8());
        }
        match format {
            ImageFormat::Jpeg => {
                image.write_with_encoder(JpegEncoder::new_with_quality(writer, JPEG_QUALITY))
            }
            // Left alone, this encoder writes the newer P7 header, which few programs read.
            ImageFormat::Pnm => image.write_with_encoder(
                PnmEncoder::new(writer).with_subtype(PnmSubtype::Pixmap(SampleEncoding::Binary)),
            ),
            _ => image.write_to(writer, format),
        }
    }
}

/// The one rounding rule: the nearest whole value, halves away from zero, clamped to 0..=255. A NaN is 0.
pub fn to_byte(sample: f32) -> u8 {
    // The cast saturates.
    sample.round() as u8
}

/// Says, before long work, whether a picture could be saved under this name: the extension is known, no
/// folder stands there, and a file can be made in its folder (one is, and is removed again).
///
/// # Errors
/// One of the saving variants of [`PictureError`].
pub fn check_output(path: impl AsRef<Path>) -> Result<(), PictureError> {
    prepare(path.as_ref()).map(drop)
}

/// Says, before long work, whether a picture of this size could be saved under this name.
///
/// # Errors
/// [`PictureError::Extension`], and [`PictureError::LargerThanFormat`] for a side longer than the format
/// can express (WebP ends at 16384).
pub fn check_output_size(path: impl AsRef<Path>, width: usize, height: usize) -> Result<(), PictureError> {
    let path = path.as_ref();
    let limit = longest_side(format_of(path)?);
    if width.max(height) <= limit {
        return Ok(());
    }
    Err(PictureError::LargerThanFormat { path: path.to_owned(), width, height, limit })
}

fn longest_side(format: ImageFormat) -> usize {
    match format {
        ImageFormat::WebP => 16_384,
        _ => MAX_SIDE,
    }
}

fn keeps_alpha(format: ImageFormat) -> bool {
    !matches!(format, ImageFormat::Jpeg | ImageFormat::Pnm)
}

/// Everything about saving that can be known before there are pixels.
fn prepare(path: &Path) -> Result<(ImageFormat, Output), PictureError> {
    // A folder named `dream` is a folder first, and only then a name without an extension.
    let output = Output::at(path)?;
    Ok((format_of(path)?, output))
}

fn format_of(path: &Path) -> Result<ImageFormat, PictureError> {
    format_by_extension(path).ok_or_else(|| PictureError::Extension { path: path.to_owned() })
}
