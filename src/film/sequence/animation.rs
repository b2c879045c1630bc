//! Animations: GIF, APNG and WebP, whose frames have times of their own.

use std::path::{Path, PathBuf};

use crate::extent::Extent;
use crate::film::FilmError;
use crate::film::time::TimeBase;
use crate::picture::{AnimationError, AnimationFile, Picture};

/// The unit of times; no format has a finer one.
pub(super) const TICK: TimeBase = TimeBase::MILLISECOND;

/// The duration in milliseconds for a frame whose duration is given as zero, as in browsers.
const UNSAID: f64 = 100.0;

/// An animation in a file.
#[derive(Clone, Debug)]
pub(super) struct Animation {
    path: PathBuf,
    file: AnimationFile,
    size: Extent,
    is_clear: bool,
}

impl Animation {
    /// Opens the animation in a file. Also returns for how many ticks each frame is shown. `None` if the file is
    /// of another kind.
    ///
    /// # Errors
    /// The file contains a single picture, or cannot be read to its end.
    pub(super) fn open(path: &Path) -> Result<Option<(Self, Vec<i64>)>, FilmError> {
        let Some(file) = AnimationFile::at(path) else { return Ok(None) };
        let single = || FilmError::OnePicture { path: path.to_owned() };
        let frames = file.frames().map_err(|error| unreadable(path, 0, error))?.ok_or_else(single)?;
        let size = frames.size;
        let mut delays = Vec::new();
        let (mut exact, mut last, mut is_clear) = (0.0, 0, false);
        for frame in frames {
            let frame = frame.map_err(|error| unreadable(path, delays.len(), error))?;
            is_clear = is_clear || frame.is_clear();
            // Rounded so that what is lost in one frame is made up for in the next.
            exact += Some(frame.milliseconds()).filter(|&time| time > 0.0).unwrap_or(UNSAID);
            let end = exact.round() as i64;
            delays.push(end - last);
            last = end;
        }
        if delays.len() < 2 {
            return Err(single());
        }
        Ok(Some((Self { path: path.to_owned(), file, size, is_clear }, delays)))
    }

    pub(super) fn size(&self) -> Extent {
        self.size
    }

    /// Whether any frame has transparent pixels.
    pub(super) fn is_clear(&self) -> bool {
        self.is_clear
    }

    /// The frames in order.
    pub(super) fn pictures(
        &self,
    ) -> Result<impl Iterator<Item = Result<Picture, FilmError>> + '_, FilmError> {
        let frames = self.file.frames().map_err(|error| unreadable(&self.path, 0, error))?;
        Ok(frames.into_iter().flatten().enumerate().map(|(number, frame)| {
            let frame = frame.map_err(|error| unreadable(&self.path, number, error))?;
            Ok(frame.picture().map_err(Box::new)?)
        }))
    }
}

fn unreadable(path: &Path, frames: usize, error: AnimationError) -> FilmError {
    let path = path.to_owned();
    match error {
        AnimationError::Size(source) => FilmError::Size { path, source: Box::new(source) },
        AnimationError::Damaged(reason) => FilmError::Damaged { path, frames, reason },
    }
}
