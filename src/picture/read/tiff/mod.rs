//! TIFF: strips and tiles, whole or plane by plane, in every kind of sample that has a meaning here.
//!
//! The `tiff` crate unpacks them; how they come together ([`samples`]) and which colours they are ([`colours`]) is
//! done here, because the `image` crate leaves out palettes, gray with alpha, gray floats, half floats and
//! JPEG's own colours.

mod colours;
mod failure;
mod layout;
mod palette;
mod samples;

use std::io::{BufRead, Read, Seek};
use std::path::Path;

use image::DynamicImage;
use image::metadata::Orientation;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::{ExtraSamples, PhotometricInterpretation as Photometric, SampleFormat, Tag};

use super::decoded::Decoded;
use super::options::{Demand, ReadOptions};
use super::{MAX_NOTES, accept_size};
use crate::picture::remark::Remark;
use crate::picture::{MAX_FILE, PictureError};
use failure::Failure;
use layout::{Colours, Layout};
use samples::gather;

/// The subfile types that are a smaller version of another picture in the file, or its mask.
const ASIDE: u32 = 0b101;

/// Reads the first picture of a file.
pub(super) fn read(
    file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let failed = |failure: Failure| failure.of(path);
    let tiff = Tiff::open(file).map_err(failed)?;
    let size = tiff.layout.size;
    accept_size(path, size)?;
    options.check(path, size, tiff.demand())?;
    tiff.decode().map_err(failed)
}

/// A file whose first picture has been looked at.
struct Tiff<R: Read + Seek> {
    decoder: Decoder<R>,
    layout: Layout,
}

/// What a decoder needs of a file.
trait ReadSeek: Read + Seek {}
impl<R: Read + Seek> ReadSeek for R {}

impl<'f> Tiff<Box<dyn ReadSeek + 'f>> {
    /// Looks at the first picture.
    fn open(mut file: impl BufRead + Seek + 'f) -> Result<Self, Failure> {
        let mut decoder = Decoder::new(&mut file)?.with_limits(limits());
        let is_palette = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)?
            == Some(Photometric::RGBPalette.to_u16());
        let palette =
            is_palette.then(|| decoder.get_tag_u16_vec(Tag::ColorMap)).transpose()?.map(palette::in_bytes);
        file.rewind()?;
        let file: Box<dyn ReadSeek + 'f> = match palette {
            Some(_) => Box::new(palette::AsGray::new(file)?),
            None => Box::new(file),
        };
        let mut decoder = Decoder::new(file)?.with_limits(limits());
        let layout = Layout::of(&mut decoder, palette)?;
        Ok(Self { decoder, layout })
    }
}

impl<R: Read + Seek> Tiff<R> {
    /// What unpacking takes: the samples of all of it, and of one of its chunks.
    fn demand(&self) -> Demand {
        let Layout { format, size, bits, samples, stored, alpha, planar, .. } = &self.layout;
        let sample: u64 = match (format, bits) {
            (SampleFormat::IEEEFP, _) => 4,
            (_, 16) => 2,
            _ => 1,
        };
        let (wide, high) = self.decoder.chunk_dimensions();
        let numbers = u64::from(wide) * u64::from(high);
        let numbers = numbers.saturating_mul(if *planar { 1 } else { *stored as u64 });
        // A chunk is unpacked, from JPEG by way of a list of its own, and becomes numbers of the kind that is gathered.
        let converted = if u64::from(*bits) == 8 * sample { 0 } else { numbers.saturating_mul(sample) };
        let chunk = (2 * numbers / 8).saturating_mul(u64::from(*bits)).saturating_add(converted);
        let gathered = sample * (samples * size.plane()) as u64;
        let pixel = sample * if *alpha { 4 } else { 3 };
        let made = pixel * size.plane() as u64;
        Demand { pixel, on_the_way: gathered.saturating_add(chunk.max(made)) }
    }

    /// The pixels of the first picture, and everything else.
    fn decode(mut self) -> Result<Decoded, Failure> {
        let image = self.image()?;
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

    fn image(&mut self) -> Result<DynamicImage, Failure> {
        let Self { decoder, layout } = self;
        match (&layout.format, layout.bits) {
            (SampleFormat::IEEEFP, _) => colours::of_floats(layout, &gather(decoder, layout)?),
            (_, 16) => colours::of_words(layout, &gather(decoder, layout)?),
            _ => colours::of_bytes(layout, &gather(decoder, layout)?),
        }
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_FILE as usize;
    limits.intermediate_buffer_size = MAX_FILE as usize;
    limits.ifd_value_size = MAX_NOTES as usize;
    limits
}
