//! Kinds of files that people mistake for pictures, or that are pictures which cannot be read here.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A kind of file that cannot be read.
struct Stranger {
    /// What it is, worded to follow "is".
    what: &'static str,
    /// The extensions of such files.
    endings: &'static [&'static str],
    is: fn(&[u8]) -> bool,
}

/// How many of a file's first bytes are needed to recognise its kind.
pub(super) const TELLING: usize = 32;

const STRANGERS: [Stranger; 5] = [
    // Before HEIC, because an AVIF may also name the general brands of HEIC.
    Stranger {
        what: "an AVIF picture, for which there is no decoder here",
        endings: &["avif"],
        is: |start| is_branded(start, &[b"avif", b"avis"]),
    },
    Stranger {
        what: "a HEIC picture, for which there is no decoder here",
        endings: &["heic", "heif", "hif"],
        is: |start| {
            is_branded(start, &[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"])
        },
    },
    Stranger {
        what: "a JPEG XL picture, for which there is no decoder here",
        endings: &["jxl"],
        is: |start| start.starts_with(b"\xFF\x0A") || start.starts_with(b"\0\0\0\x0CJXL \r\n\x87\n"),
    },
    Stranger {
        what: "a JPEG 2000 picture, for which there is no decoder here",
        endings: &["jp2", "j2k"],
        is: |start| start.starts_with(b"\xFF\x4F\xFF\x51") || start.starts_with(b"\0\0\0\x0CjP  \r\n\x87\n"),
    },
    Stranger {
        what: "not a picture but macOS's notes about one (AppleDouble), which has the same name without '._'",
        endings: &[],
        is: is_apple_double,
    },
];

/// What a file is according to its first bytes, worded to follow "is".
pub(super) fn stranger(start: &[u8]) -> Option<&'static str> {
    STRANGERS.iter().find(|stranger| (stranger.is)(start)).map(|stranger| stranger.what)
}

/// Whether a file's name suggests such a picture.
pub(super) fn is_named(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    STRANGERS.iter().flat_map(|stranger| stranger.endings).any(|own| own.eq_ignore_ascii_case(ending))
}

/// Whether a file only holds macOS's notes about another file, which macOS puts beside every file on a foreign
/// file system. It is recognised by its name, `._` before the name of the other file, and by its content.
pub fn is_shadow(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    let named = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"._"));
    let mut start = [0; 4];
    named
        && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && is_apple_double(&start)
}

fn is_apple_double(start: &[u8]) -> bool {
    start.starts_with(b"\0\x05\x16\x07")
}

/// Whether a file of boxes (ISO 14496-12) names one of these brands, as its own or as a compatible one.
fn is_branded(start: &[u8], brands: &[&[u8; 4]]) -> bool {
    let names = |brand: &[u8]| brands.iter().any(|own| own[..] == *brand);
    start.get(4..8) == Some(b"ftyp") && start[8..].chunks_exact(4).any(names)
}
