//! Masks that are films.

use std::path::Path;

use super::{JobError, Opened};
use crate::dream::recipe::PictureMark;
use crate::film::{FilmError, Frames, Hdr, Source, Span};
use crate::picture::{ReadOptions, is_picture};

/// A moving mask. The pictures of a folder or pattern are matched with the film frame by frame, others by their
/// times. If the mask is shorter than the film, its last frame stays.
#[derive(Clone, Debug)]
pub struct MovingMask {
    /// The number of the mask, from 0.
    pub number: usize,
    /// The source of its frames.
    pub source: Source,
}

/// Opens a mask. Returns its first or only frame, and the source if it moves.
///
/// # Errors
/// The file is neither a picture nor a film.
pub fn open_mask(path: &Path, options: &ReadOptions) -> Result<(Opened, Option<Source>), JobError> {
    let source = match Source::of_pictures(path)? {
        Some(source) => source,
        None => match Opened::file(path, options) {
            Ok(still) => return Ok((still, None)),
            Err(error) if is_picture(path) => return Err(error.into()),
            // The brightness that HDR stands for does not matter in a mask.
            Err(_) => Source::open(path, None)?.with_hdr(Some(Hdr::Keep))?,
        },
    };
    let first = Frames::start(&source, Span::default())?.next_frame()?;
    let picture = first.ok_or_else(|| FilmError::NoFrames { path: path.to_owned() })?.picture;
    let (width, height) = (picture.width(), picture.height());
    let mark = PictureMark { sha256: source.sha256()?, width, height };
    Ok((Opened { path: path.to_owned(), picture, mark }, Some(source)))
}
