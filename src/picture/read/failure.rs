//! What decoders and the system say of a file, as errors for its owner.

use std::io;
use std::path::Path;

use image::ImageError;

use crate::picture::PictureError;
use crate::picture::error::one_line;

pub(super) const CUT_SHORT: &str = "the file ends before the picture does";

pub(in crate::picture) fn read_error(path: &Path, source: io::Error) -> PictureError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => PictureError::Missing { path },
        _ => PictureError::Read { path, source },
    }
}

pub(in crate::picture) fn damaged(path: &Path, reason: &str) -> PictureError {
    PictureError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

pub(super) fn unsupported(path: &Path, reason: String) -> PictureError {
    PictureError::Unsupported { path: path.to_owned(), reason }
}

pub(super) fn decode_error(path: &Path, error: ImageError) -> PictureError {
    let reason = one_line(&error);
    let at = path.to_owned();
    match error {
        ImageError::Unsupported(_) => unsupported(path, reason),
        ImageError::Limits(_) => PictureError::Memory { path: at },
        ImageError::IoError(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            damaged(path, CUT_SHORT)
        }
        // What a decoder says of packed data, not the system of the file.
        ImageError::IoError(source)
            if matches!(source.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) =>
        {
            damaged(path, &one_line(&source))
        }
        ImageError::IoError(source) => PictureError::Read { path: at, source },
        _ => damaged(path, &reason),
    }
}
