//! Masks that are films themselves.

use std::path::Path;

use super::{JobError, Opened};
use crate::dream::recipe::PictureMark;
use crate::film::{FilmError, Frames, Hdr, Source, Span};
use crate::picture::{ReadOptions, is_picture};

/// A mask that moves: the pictures of a folder or a pattern frame by frame, others by their times. Where it is shorter than
/// the film, its last frame stays.
#[derive(Clone, Debug)]
pub struct MovingMask {
    /// Which of the masks it is, from 0.
    pub number: usize,
    /// What is shown.
    pub source: Source,
}

/// Opens a mask: its first frame or only one, and what moves, if it does.
///
/// # Errors
/// It is neither a picture nor a film.
pub fn open_mask(path: &Path, options: &ReadOptions) -> Result<(Opened, Option<Source>), JobError> {
    let source = match Source::of_pictures(path)? {
        Some(source) => source,
        None => match Opened::file(path, options) {
            Ok(still) => return Ok((still, None)),
            Err(error) if is_picture(path) => return Err(error.into()),
            // How bright HDR is meant to be is no matter to a mask.
            Err(_) => Source::open(path, None)?.with_hdr(Some(Hdr::Keep))?,
        },
    };
    let first = Frames::start(&source, Span::default())?.next_frame()?;
    let picture = first.ok_or_else(|| FilmError::NoFrames { path: path.to_owned() })?.picture;
    let (width, height) = (picture.width(), picture.height());
    let mark = PictureMark { sha256: source.sha256()?, width, height };
    Ok((Opened { path: path.to_owned(), picture, mark }, Some(source)))
}
