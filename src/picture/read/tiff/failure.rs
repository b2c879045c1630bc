//! Why a TIFF cannot be read, in words for its owner.

use std::io;
use std::path::Path;

use image::ImageError;
use tiff::tags::{CompressionMethod as Packing, PhotometricInterpretation as Photometric};
use tiff::{TiffError, TiffFormatError, TiffUnsupportedError as Lack};

use crate::picture::PictureError;
use crate::picture::error::one_line;
use crate::picture::read::failure::{damaged, decode_error, unsupported};

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

/// Parts of a file that contradict each other.
pub(super) fn inconsistent() -> Failure {
    TiffError::FormatError(TiffFormatError::InconsistentSizesEncountered).into()
}

impl Failure {
    pub(super) fn of(self, path: &Path) -> PictureError {
        match self {
            Self::Unsupported(reason) => unsupported(path, reason),
            Self::Tiff(TiffError::UnsupportedError(lack)) => unsupported(path, in_words(&lack)),
            Self::Tiff(TiffError::IoError(source)) => decode_error(path, ImageError::IoError(source)),
            Self::Tiff(TiffError::LimitsExceeded) => PictureError::Memory { path: path.to_owned() },
            Self::Tiff(error) => damaged(path, &one_line(&error)),
        }
    }
}

/// Describes what the decoder does not support.
fn in_words(lack: &Lack) -> String {
    match lack {
        Lack::UnsupportedCompressionMethod(method) => format!("a TIFF packed {}", packing(*method)),
        Lack::UnknownCompressionMethod => "a TIFF packed in an unknown way".to_owned(),
        Lack::InterpretationWithBits(kind, bits) => {
            let each = bits.first().copied().unwrap_or_default();
            format!("a TIFF of {} with {} x {each} bits a pixel", colours(*kind), bits.len())
        }
        Lack::UnsupportedInterpretation(kind) => format!("a TIFF of {}", colours(*kind)),
        Lack::UnknownInterpretation => {
            "a TIFF of colours of an unknown kind, such as a camera's raw data".to_owned()
        }
        Lack::HorizontalPredictor(_) | Lack::FloatingPointPredictor(_) => {
            "a TIFF of differences between samples (a predictor) of a kind that has none".to_owned()
        }
        Lack::InconsistentBitsPerSample(bits) => {
            let bits: Vec<String> = bits.iter().map(u8::to_string).collect();
            format!("a TIFF whose samples differ in size ({} bits)", bits.join(", "))
        }
        Lack::UnsupportedSampleFormat(_) => "a TIFF of samples of different or unknown kinds".to_owned(),
        Lack::ChromaSubsampling => "a TIFF of luma and smaller chroma that is not packed as JPEG".to_owned(),
        Lack::MisalignedTileBoundaries => "a TIFF in tiles whose rows end within a byte".to_owned(),
        other => one_line(other),
    }
}

/// A way to pack samples, as in "packed ...". Numbers without a name are libtiff's.
fn packing(method: Packing) -> String {
    let known = match method {
        Packing::Huffman => "as CCITT fax without a group",
        Packing::Fax3 => "as CCITT group 3 fax",
        Packing::JPEG => "as JPEG in the old way (6), which the standard has withdrawn",
        Packing::ZSTD => "by Zstandard",
        Packing::WebP => "as WebP",
        Packing::Unknown(34_712) => "as JPEG 2000",
        Packing::Unknown(34_887) => "by LERC",
        Packing::Unknown(34_925) => "by LZMA",
        Packing::Unknown(50_002) => "as JPEG XL",
        other => return format!("by method {}", other.to_u16()),
    };
    known.to_owned()
}

fn colours(kind: Photometric) -> &'static str {
    match kind {
        Photometric::WhiteIsZero | Photometric::BlackIsZero => "grays",
        Photometric::RGB => "RGB",
        Photometric::RGBPalette => "palette colours",
        Photometric::TransparencyMask => "a mask and no colours",
        Photometric::CMYK => "inks",
        Photometric::YCbCr => "luma and chroma",
        Photometric::CIELab | Photometric::IccLab | Photometric::ItuLab => "L*a*b* colours",
        _ => "unknown colours",
    }
}
