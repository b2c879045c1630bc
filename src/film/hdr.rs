//! HDR: light coded for screens that shine brighter than paper, and what becomes of it.

use std::fmt;
use std::str::FromStr;

/// What becomes of HDR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hdr {
    /// It becomes SDR, of BT.709.
    Tonemap,
    /// Samples are taken as they are coded, and coded so again.
    Keep,
}

/// Why a text is no [`Hdr`].
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

/// What people call a way to code light, as ffprobe calls it, if it is one of HDR's.
pub(super) fn name(transfer: &str) -> Option<&'static str> {
    match transfer {
        "smpte2084" => Some("PQ"),
        "arib-std-b67" => Some("HLG"),
        _ => None,
    }
}

/// The parts of ffmpeg that make SDR of HDR.
pub(super) const PARTS: [&str; 2] = ["zscale", "tonemap"];

/// The filter that makes SDR in BT.709 of it, as red, green and blue.
///
/// What HDR shows as white paper (203 cd/m2, BT.2408) is white, and all that is darker stays about as it is; what is
/// brighter is bent into what is left, by the curve that Mobius is the name of.
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
