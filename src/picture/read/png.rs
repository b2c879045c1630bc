//! PNG: pixels, and what the file says they mean.

use std::io::{BufRead, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageError};
use png::{BitDepth, ColorType, DecodingError, Transformations};

use super::decoded::{Decoded, Pixels};
use super::exif::orientation;
use super::failure::{damaged, decode_error, read_error};
use super::options::Demand;
use super::rows::each_row;
use super::{MAX_NOTES, ReadOptions, accept_size};
use crate::extent::Extent;
use crate::picture::coding::Coding;
use crate::picture::error::one_line;
use crate::picture::gather::Gatherer;
use crate::picture::remark::Remark;
use crate::picture::{Depth, Picture, PictureError, check_size};

/// A file in which only checksums are wrong is read, with a remark.
pub(super) fn read(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let mut attempt = |checked: bool| -> Result<Decoded, PictureError> {
        file.rewind().map_err(|source| read_error(path, source))?;
        let failed = |error| failure(path, error);
        let png = Png::open(&mut file, checked).map_err(failed)?;
        let size = png.size();
        accept_size(path, size)?;
        let to = options.fit(size);
        if to == size || !png.is_in_rows() {
            options.check(path, size, Demand { pixel: png.pixel_bytes(), on_the_way: 0 })?;
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

fn failure(path: &Path, error: DecodingError) -> PictureError {
    match error {
        DecodingError::IoError(source) => decode_error(path, ImageError::IoError(source)),
        DecodingError::LimitsExceeded => PictureError::Memory { path: path.to_owned() },
        DecodingError::Format(_) | DecodingError::Parameter(_) => damaged(path, &one_line(&plainly(&error))),
    }
}

/// A reader that knows all that stands before the pixels.
struct Png<R: BufRead + Seek> {
    reader: png::Reader<R>,
}

impl<R: BufRead + Seek> Png<R> {
    /// Reads what stands before the pixels. Checksums are looked at or not.
    fn open(file: R, checked: bool) -> Result<Self, DecodingError> {
        // Compressed metadata get little memory to unpack in.
        let mut decoder = png::Decoder::new_with_limits(file, png::Limits { bytes: MAX_NOTES as usize });
        decoder.ignore_checksums(!checked);
        // Palettes and fewer than 8 bits become whole bytes.
        decoder.set_transformations(Transformations::EXPAND);
        Ok(Self { reader: decoder.read_info()? })
    }

    fn size(&self) -> Extent {
        let (width, height) = self.reader.info().size();
        Extent::new(height as usize, width as usize)
    }

    /// Bytes of a pixel as it is unpacked.
    fn pixel_bytes(&self) -> u64 {
        let (color, depth) = self.reader.output_color_type();
        (color.samples() * depth as usize).div_ceil(8) as u64
    }

    /// Whether its rows come as they are seen: neither interlaced nor to be turned.
    fn is_in_rows(&self) -> bool {
        let turned = self.orientation().is_some_and(|orientation| orientation != Orientation::NoTransforms);
        !self.reader.info().interlaced && !turned
    }

    /// The pixels of the first frame, and everything else.
    fn decode(mut self) -> Result<Decoded, DecodingError> {
        let length = self.reader.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?;
        let mut samples = vec![0; length];
        self.reader.next_frame(&mut samples)?;
        let (color, depth) = self.reader.output_color_type();
        let image =
            image(color, depth, self.reader.info().size(), samples).ok_or(DecodingError::LimitsExceeded)?;
        Ok(self.noted(image.into()))
    }

    /// The same in another size; the pixels are never all in memory.
    fn decode_fitted(mut self, to: Extent) -> Result<Decoded, DecodingError> {
        let (size, (color, depth)) = (self.size(), self.reader.output_color_type());
        let mut gatherer = Gatherer::new(size, to);
        while let Some(row) = self.reader.next_row()? {
            let row = image(color, depth, (size.width as u32, 1), row.data().to_vec());
            let row = row.ok_or(DecodingError::LimitsExceeded)?;
            each_row(&row, &mut |row| gatherer.row(row));
        }
        let depth = if depth == BitDepth::Sixteen { Depth::Sixteen } else { Depth::Eight };
        let picture = Box::new(Picture { depth, ..gatherer.finish() });
        let is_gray = matches!(color, ColorType::Grayscale | ColorType::GrayscaleAlpha);
        Ok(self.noted(Decoded { is_gray, ..Pixels::Fitted(picture, size).into() }))
    }

    /// With what the file says beside its pixels.
    fn noted(&self, decoded: Decoded) -> Decoded {
        let info = self.reader.info();
        let frames = info.animation_control.map_or(1, |animation| animation.num_frames as usize);
        Decoded {
            orientation: self.orientation(),
            profile: info.icc_profile.as_deref().map(<[u8]>::to_vec),
            coding: Coding::of(info),
            remarks: Remark::first_of(frames, "frames"),
            ..decoded
        }
    }

    fn orientation(&self) -> Option<Orientation> {
        self.reader.info().exif_metadata.as_deref().and_then(orientation)
    }
}

/// Samples as they are decoded, which in words are big-endian.
fn image(color: ColorType, depth: BitDepth, size: (u32, u32), samples: Vec<u8>) -> Option<DynamicImage> {
    let (width, height) = size;
    if depth == BitDepth::Sixteen {
        let words = samples.chunks_exact(2).map(|word| u16::from_be_bytes([word[0], word[1]])).collect();
        return match color {
            ColorType::Grayscale => {
                ImageBuffer::from_raw(width, height, words).map(DynamicImage::ImageLuma16)
            }
            ColorType::GrayscaleAlpha => {
                ImageBuffer::from_raw(width, height, words).map(DynamicImage::ImageLumaA16)
            }
            ColorType::Rgb => ImageBuffer::from_raw(width, height, words).map(DynamicImage::ImageRgb16),
            _ => ImageBuffer::from_raw(width, height, words).map(DynamicImage::ImageRgba16),
        };
    }
    match color {
        ColorType::Grayscale => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma8),
        ColorType::GrayscaleAlpha => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8)
        }
        ColorType::Rgb => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8),
        _ => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8),
    }
}

/// What is wrong with a file, without the decoder's internal names.
fn plainly(error: &DecodingError) -> String {
    let said = error.to_string();
    let Some((before, rest)) = said.split_once("ChunkType { type: ") else { return said };
    let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    format!("{before}{name}{after}")
}
