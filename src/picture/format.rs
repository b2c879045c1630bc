//! The formats, and what each of them can hold.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use image::ImageFormat;

use super::{MAX_SIDE, strangers};

/// A picture format that can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PNG: 8 or 16 bits, alpha, lossless.
    Png,
    /// JPEG: 8 bits, no alpha, lossy.
    Jpeg,
    /// WebP: 8 bits, alpha, written lossless.
    WebP,
    /// TIFF: 8 or 16 bits, alpha, written uncompressed.
    Tiff,
    /// Windows bitmap: 8 bits, alpha.
    Bmp,
    /// GIF: 256 colours, pixels either transparent or opaque.
    Gif,
    /// Portable pixmap: 8 or 16 bits, no alpha.
    Pnm,
    /// Targa: 8 bits, alpha.
    Tga,
    /// Quite OK Image: 8 bits, alpha, lossless.
    Qoi,
    /// OpenEXR: linear light in 16-bit or 32-bit floats, alpha.
    Exr,
    /// Radiance HDR: linear light with 8 bits per colour and a shared exponent, no alpha.
    Hdr,
}

/// Bits per sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Integers up to 255.
    Eight,
    /// Integers up to 65535; half floats in OpenEXR.
    Sixteen,
    /// Floats.
    ThirtyTwo,
}

/// The facts about a format.
struct Facts {
    format: Format,
    /// Its name in the `image` crate.
    image: ImageFormat,
    /// File extensions, the usual one first.
    names: &'static [&'static str],
    /// The depths in which it can be written, smallest first.
    depths: &'static [Depth],
    alpha: bool,
    /// Whether text can be stored inside.
    text: bool,
    /// The longest side it can express, in pixels.
    side: usize,
}

const EIGHT: &[Depth] = &[Depth::Eight];
const INTEGERS: &[Depth] = &[Depth::Eight, Depth::Sixteen];
const FLOATS: &[Depth] = &[Depth::Sixteen, Depth::ThirtyTwo];

#[rustfmt::skip]
const FACTS: [Facts; 11] = [
    facts(Format::Png,  ImageFormat::Png,  &["png"],         INTEGERS, true,  true,  MAX_SIDE),
    facts(Format::Jpeg, ImageFormat::Jpeg, &["jpg", "jpeg"], EIGHT,    false, true,  MAX_SIDE),
    facts(Format::WebP, ImageFormat::WebP, &["webp"],        EIGHT,    true,  true,  16_384),
    facts(Format::Tiff, ImageFormat::Tiff, &["tif", "tiff"], INTEGERS, true,  true,  MAX_SIDE),
    facts(Format::Bmp,  ImageFormat::Bmp,  &["bmp"],         EIGHT,    true,  false, MAX_SIDE),
    facts(Format::Gif,  ImageFormat::Gif,  &["gif"],         EIGHT,    true,  false, MAX_SIDE),
    facts(Format::Pnm,  ImageFormat::Pnm,  &["ppm", "pnm"],  INTEGERS, false, false, MAX_SIDE),
    facts(Format::Tga,  ImageFormat::Tga,  &["tga"],         EIGHT,    true,  false, MAX_SIDE),
    facts(Format::Qoi,  ImageFormat::Qoi,  &["qoi"],         EIGHT,    true,  false, MAX_SIDE),
    facts(Format::Exr,  ImageFormat::OpenExr, &["exr"],      FLOATS,   true,  true,  MAX_SIDE),
    // Three bytes and a shared exponent are neither 8 nor 32 bits, but the encoder takes floats.
    facts(Format::Hdr,  ImageFormat::Hdr,  &["hdr"],  &[Depth::ThirtyTwo], false, false, MAX_SIDE),
];

const fn facts(
    format: Format,
    image: ImageFormat,
    names: &'static [&'static str],
    depths: &'static [Depth],
    alpha: bool,
    text: bool,
    side: usize,
) -> Facts {
    Facts { format, image, names, depths, alpha, text, side }
}

impl Format {
    /// The format that the extension of `path` names, in upper or lower case.
    pub fn of_path(path: impl AsRef<Path>) -> Option<Self> {
        path.as_ref().extension().and_then(OsStr::to_str).and_then(Self::named)
    }

    /// The file extension for it.
    pub fn extension(self) -> &'static str {
        self.facts().names[0]
    }

    /// Whether a recipe is stored inside the file; otherwise it is stored in a file beside it.
    pub fn holds_text(self) -> bool {
        self.facts().text
    }

    pub(super) fn image(self) -> ImageFormat {
        self.facts().image
    }

    pub(crate) fn keeps_alpha(self) -> bool {
        self.facts().alpha
    }

    /// Whether a colour profile is written.
    pub(super) fn keeps_profile(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::WebP | Self::Tiff)
    }

    pub(super) fn longest_side(self) -> usize {
        self.facts().side
    }

    pub(super) fn depths(self) -> &'static [Depth] {
        self.facts().depths
    }

    /// The smallest depth that keeps all of `depth`, or the largest there is.
    pub(super) fn nearest(self, depth: Depth) -> Depth {
        let depths = self.depths();
        depths.iter().copied().find(|&own| own >= depth).unwrap_or(depths[depths.len() - 1])
    }

    fn named(name: &str) -> Option<Self> {
        let known = |facts: &&Facts| facts.names.iter().any(|own| own.eq_ignore_ascii_case(name));
        FACTS.iter().find(known).map(|facts| facts.format)
    }

    fn facts(self) -> &'static Facts {
        // The table is in the order of the enum; a test checks that.
        &FACTS[self as usize]
    }
}

/// Whether a file's name suggests a picture. The names of all formats count, those of bitmaps and grey pictures
/// that are not written, and those of kinds that cannot be read, so that their owner is told so.
pub fn is_picture(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    strangers::is_named(path) || ImageFormat::from_path(path).is_ok_and(|format| format.reading_enabled())
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.extension())
    }
}

/// Why a text is not a [`Format`] or a [`Depth`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not {what}; accepted: {accepted}")]
pub struct FormatError {
    text: String,
    what: &'static str,
    accepted: String,
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        Self::named(text).ok_or_else(|| FormatError {
            text: text.to_owned(),
            what: "a format that can be written",
            accepted: extensions(),
        })
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Eight => "8",
            Self::Sixteen => "16",
            Self::ThirtyTwo => "32",
        })
    }
}

impl FromStr for Depth {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let depths = [Self::Eight, Self::Sixteen, Self::ThirtyTwo];
        depths.into_iter().find(|depth| depth.to_string() == text).ok_or_else(|| FormatError {
            text: text.to_owned(),
            what: "a number of bits a sample",
            accepted: listed(&depths),
        })
    }
}

/// The accepted extensions, for messages.
pub(super) fn extensions() -> String {
    FACTS.iter().flat_map(|facts| facts.names).copied().collect::<Vec<_>>().join(", ")
}

/// Depths, for messages.
pub(super) fn listed(depths: &[Depth]) -> String {
    depths.iter().map(Depth::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_formats() {
        for (index, facts) in FACTS.iter().enumerate() {
            assert_eq!(facts.format as usize, index, "{:?}", facts.format);
        }
    }
}
