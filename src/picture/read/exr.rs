//! OpenEXR: which layer, and its pixels.

use std::io::{BufRead, Seek};
use std::path::Path;

use exr::error::Error;
use image::{DynamicImage, ImageBuffer, ImageError};

use super::decoded::Decoded;
use super::failure::{CUT_SHORT, damaged, decode_error, read_error, unsupported};
use super::{ReadOptions, accept_size};
use crate::picture::error::one_line;
use crate::picture::{PictureError, openexr};

pub(super) fn read(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let failed = |error| failure(path, error);
    let facts = openexr::facts(&mut file).map_err(failed)?;
    accept_size(path, facts.size)?;
    accept_size(path, facts.stored)?;
    options.check_light(path, facts.size)?;
    file.rewind().map_err(|source| read_error(path, source))?;
    let pixels = openexr::read(file, &facts).map_err(failed)?;
    let (width, height) = (facts.size.width as u32, facts.size.height as u32);
    let image = ImageBuffer::from_raw(width, height, pixels.into_flattened()).map(DynamicImage::ImageRgba32F);
    let image = image.expect("as many pixels as the window has");
    Ok(Decoded { remarks: facts.remarks, light: Some(facts.depth), ..Decoded::from(image) })
}

fn failure(path: &Path, error: Error) -> PictureError {
    match error {
        Error::NotSupported(reason) => unsupported(path, one_line(&reason)),
        Error::Io(source) => decode_error(path, ImageError::IoError(source)),
        Error::Invalid(reason) => damaged(path, &one_line(&reason)),
        Error::Aborted => damaged(path, CUT_SHORT),
    }
}
