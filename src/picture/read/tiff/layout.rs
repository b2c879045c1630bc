//! How the samples of a TIFF lie in it, and what they mean.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::tags::{ExtraSamples, SampleFormat, Tag};
use tiff::{ColorType, TiffResult};

use super::failure::Failure;
use crate::extent::Extent;

/// How samples lie in the file, and what they are.
pub(super) struct Layout {
    pub(super) size: Extent,
    pub(super) bits: u8,
    pub(super) format: SampleFormat,
    pub(super) colours: Colours,
    /// Samples of a pixel as they are unpacked, and as they lie in the file.
    pub(super) samples: usize,
    pub(super) stored: usize,
    /// How many of them are colours.
    pub(super) coloured: usize,
    /// The sample behind them that is alpha.
    pub(super) alpha: bool,
    /// Whether each sample has chunks of its own.
    pub(super) planar: bool,
}

/// What samples mean.
pub(super) enum Colours {
    Gray,
    Rgb,
    Cmyk,
    YCbCr,
    /// Numbers of colours: all reds, all greens and all blues.
    Palette(Vec<u8>),
}

impl Layout {
    pub(super) fn of<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        palette: Option<Vec<u8>>,
    ) -> Result<Self, Failure> {
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
            (ColorType::Lab(_), _) => return Err(refused("a TIFF of L*a*b* colours")),
            _ => return Err(refused("a TIFF of colours of an unknown kind")),
        };
        check_colours(&colours, &format, bits)?;
        // The decoder would undo the prediction after it had left out samples.
        if predicted && !planar && samples < stored {
            return Err(refused("a TIFF with a predictor and samples beyond its colours"));
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

/// Colours that are read of such numbers.
fn check_colours(colours: &Colours, format: &SampleFormat, bits: u8) -> Result<(), Failure> {
    match (colours, format, bits) {
        (Colours::Gray | Colours::Rgb, SampleFormat::IEEEFP, _) => Ok(()),
        (_, SampleFormat::IEEEFP, _) => Err(refused("a TIFF of floats that are neither gray nor RGB")),
        (Colours::YCbCr, _, 16) => Err(refused("a TIFF of luma and chroma with 16 bits a sample")),
        _ => Ok(()),
    }
}

fn refused(what: &str) -> Failure {
    Failure::Unsupported(what.to_owned())
}
