//! Pictures that are unpacked as a whole, by what the `image` crate has for their formats.

use std::io::{BufRead, Seek};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::decoded::Decoded;
use super::failure::{decode_error, read_error};
use super::options::Demand;
use super::{ReadOptions, accept_size, exif, frames};
use crate::extent::Extent;
use crate::picture::{Depth, MAX_FILE, PictureError};

/// Reads a picture of the formats that need nothing of their own.
pub(super) fn read(
    mut file: impl BufRead + Seek,
    format: ImageFormat,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let remarks = frames::remarks(&mut file, format);
    file.rewind().map_err(|source| read_error(path, source))?;
    let light = (format == ImageFormat::Hdr).then_some(Depth::ThirtyTwo);
    let beside = |size: Extent| working_bytes(format) * size.plane() as u64;
    Ok(Decoded { remarks, light, ..decode(file, format, path, options, &beside)? })
}

/// Bytes of a pixel that a decoder makes on the way to the result.
fn working_bytes(format: ImageFormat) -> u64 {
    match format {
        ImageFormat::WebP => 4,
        ImageFormat::Gif => 4,
        _ => 0,
    }
}

/// Pixels, colours and orientation, but nothing about frames. `beside` says how many bytes the decoder holds
/// beside a picture of a size.
pub(super) fn decode(
    file: impl BufRead + Seek,
    format: ImageFormat,
    path: &Path,
    options: &ReadOptions,
    beside: &dyn Fn(Extent) -> u64,
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
        _ => {
            let pixel = u64::from(decoder.color_type().bytes_per_pixel());
            let on_the_way = pixel * size.plane() as u64 + beside(size);
            options.check(path, size, Demand { pixel, on_the_way })?;
        }
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
pub(super) fn decoder_limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_FILE);
    limits
}
