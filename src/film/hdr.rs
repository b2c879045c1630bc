//! HDR: video for displays that shine brighter than white paper, and how it is treated.

use std::fmt;
use std::str::FromStr;

/// How HDR is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hdr {
    /// It is converted to SDR with BT.709 colours.
    Tonemap,
    /// Samples are used as they are coded, and are coded in the same way again.
    Keep,
}

/// Why a text is not an [`Hdr`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a way to treat HDR; accepted: tonemap, keep")]
pub struct HdrError(String);

impl fmt::Display for Hdr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tonemap => "tonemap",
            Self::Keep => "keep",
        })
    }
}

impl FromStr for Hdr {
    type Err = HdrError;

    fn from_str(text: &str) -> Result<Self, HdrError> {
        match text {
            "tonemap" => Ok(Self::Tonemap),
            "keep" => Ok(Self::Keep),
            _ => Err(HdrError(text.to_owned())),
        }
    }
}

/// The common name of a transfer function, given ffprobe's name, if it is an HDR one.
pub(super) fn name(transfer: &str) -> Option<&'static str> {
    match transfer {
        "smpte2084" => Some("PQ"),
        "arib-std-b67" => Some("HLG"),
        _ => None,
    }
}

/// The parts of ffmpeg that convert HDR to SDR.
pub(super) const PARTS: [&str; 2] = ["zscale", "tonemap"];

/// The filter that converts it to SDR in BT.709, as red, green and blue.
///
/// The reference white of HDR (203 cd/m2, BT.2408) becomes white, and darker levels stay about as they are.
/// Brighter levels are compressed into the remaining range by the Mobius curve.
pub(super) fn tonemap(transfer: &str, primaries: &str, matrix: &str, full: bool, alpha: bool) -> String {
    let primaries = if primaries.is_empty() { "bt2020" } else { primaries };
    let range = if full { "full" } else { "limited" };
    let (float, whole) = if alpha { ("gbrapf32le", "gbrap16le") } else { ("gbrpf32le", "gbrp16le") };
    format!(
        "zscale=transferin={transfer}:primariesin={primaries}:matrixin={matrix}:rangein={range}\
         :transfer=linear:npl=203,format={float},zscale=primaries=bt709,tonemap=mobius:desat=0,\
         zscale=transfer=bt709:matrix=gbr:range=full,format={whole}"
    )
}
