//! From a picture to a file.

use std::fmt::Display;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::pnm::{PnmEncoder, PnmSubtype, SampleEncoding};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use tempfile::NamedTempFile;

use super::error::one_line;
use super::format::format_by_extension;
use super::{MAX_SIDE, Picture, PictureError};

const JPEG_QUALITY: u8 = 95;

impl Picture {
    /// Saves in the format that the extension names: 8 bits a sample, colours rounded and clamped by
    /// [`to_byte`], JPEG at quality 95, WebP lossless, GIF with 256 colours. Alpha is written where the
    /// format has it and left out in JPEG and PPM. The file appears whole or not at all: it is written
    /// under a temporary name in the same folder and renamed, replacing what was there.
    ///
    /// # Errors
    /// Those of [`check_output`], and what can still go wrong after it, such as a full disk or a side
    /// longer than the format can express (WebP ends at 16384).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        let path = path.as_ref();
        let (format, file) = prepare(path)?;
        self.check_format(format, path)?;
        let mut writer = BufWriter::new(file);
        self.encode(format, &mut writer).map_err(|error| write_error(path, error))?;
        let file = writer.into_inner().map_err(|error| write_error(path, error.into_error()))?;
        file.persist(path).map_err(|error| write_error(path, error.error))?;
        Ok(())
    }

    fn check_format(&self, format: ImageFormat, path: &Path) -> Result<(), PictureError> {
        let (width, height) = (self.width, self.height);
        let limit = longest_side(format);
        if width.max(height) <= limit {
            return Ok(());
        }
        Err(PictureError::LargerThanFormat { path: path.to_owned(), width, height, limit })
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

fn longest_side(format: ImageFormat) -> usize {
    match format {
        ImageFormat::WebP => 16_384,
        _ => MAX_SIDE,
    }
}

fn keeps_alpha(format: ImageFormat) -> bool {
    !matches!(format, ImageFormat::Jpeg | ImageFormat::Pnm)
}

/// Everything about saving that can be known before there are pixels: the format, and a temporary file
/// beside `path` that vanishes unless it is persisted.
fn prepare(path: &Path) -> Result<(ImageFormat, NamedTempFile), PictureError> {
    if path.is_dir() {
        return Err(PictureError::Folder { path: path.to_owned() });
    }
    let format =
        format_by_extension(path).ok_or_else(|| PictureError::Extension { path: path.to_owned() })?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(PictureError::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
    }
    let file = temporary_in(folder).map_err(|error| {
        // The kind only: the full text names the temporary file, which means nothing to the user.
        let reason = format!("cannot write in folder '{}': {}", folder.display(), error.kind());
        write_error(path, reason)
    })?;
    Ok((format, file))
}

fn write_error(path: &Path, reason: impl Display) -> PictureError {
    PictureError::Write { path: path.to_owned(), reason: one_line(&reason) }
}

fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".puppyslug-");
    // Temporary files are private by default, but this one becomes the result: let the umask decide.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
