//! Which formats there are, by file extension.

use std::ffi::OsStr;
use std::path::Path;

use image::ImageFormat;

/// Those that can be read and written, by file extension.
const FORMATS: [(&str, ImageFormat); 12] = [
    ("png", ImageFormat::Png),
    ("jpg", ImageFormat::Jpeg),
    ("jpeg", ImageFormat::Jpeg),
    ("webp", ImageFormat::WebP),
    ("tif", ImageFormat::Tiff),
    ("tiff", ImageFormat::Tiff),
    ("bmp", ImageFormat::Bmp),
    ("gif", ImageFormat::Gif),
    ("ppm", ImageFormat::Pnm),
    ("pnm", ImageFormat::Pnm),
    ("tga", ImageFormat::Tga),
    ("qoi", ImageFormat::Qoi),
];

/// The format that the extension of `path` names, in any case.
pub(super) fn format_by_extension(path: &Path) -> Option<ImageFormat> {
    let extension = path.extension().and_then(OsStr::to_str)?;
    let known = FORMATS.iter().find(|(name, _)| name.eq_ignore_ascii_case(extension));
    known.map(|&(_, format)| format)
}

/// The accepted extensions, for messages.
pub(super) fn extensions() -> String {
    FORMATS.map(|(extension, _)| extension).join(", ")
}
