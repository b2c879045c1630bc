//! The directions that objectives refer to: read from their files, and compared with those in recipes.

use std::path::{Path, PathBuf};

use super::JobError;
use crate::dream::recipe::DirectionMark;
use crate::dream::{Direction, DreamError, Objective, ReferenceError};
use crate::files::digest::sha256;
use crate::files::input::read_whole;

/// More than a number for each channel needs.
const LARGEST: u64 = 1 << 20;

/// A direction that was given.
#[derive(Clone, Debug)]
pub struct GivenDirection {
    /// The direction.
    pub direction: Direction,
    /// How a recipe identifies it.
    pub mark: DirectionMark,
}

impl GivenDirection {
    fn open(file: &str) -> Result<Self, JobError> {
        let unread = |error| {
            let reason = format!("it cannot be read: {error}");
            DreamError::from(ReferenceError::Direction { file: file.to_owned(), reason })
        };
        let bytes = read_whole(Path::new(file), LARGEST).map_err(unread)?;
        let direction = Direction::read(file, &bytes).map_err(DreamError::from)?;
        Ok(Self { direction, mark: DirectionMark { file: file.to_owned(), sha256: sha256(&bytes) } })
    }
}

/// Reads every file that objectives refer to, once.
///
/// # Errors
/// A file cannot be read, or is not a direction.
pub fn open_directions<'a>(
    objectives: impl IntoIterator<Item = &'a Objective>,
) -> Result<Vec<GivenDirection>, JobError> {
    let mut files: Vec<&str> = objectives.into_iter().filter_map(Objective::direction).collect();
    files.sort_unstable();
    files.dedup();
    files.into_iter().map(GivenDirection::open).collect()
}

/// The directions that a recipe refers to, if the given ones are the same.
pub(super) fn same_directions(
    dreamed: &Path,
    marks: &[DirectionMark],
    given: Vec<GivenDirection>,
) -> Result<Vec<Direction>, JobError> {
    let other = |mark: &DirectionMark| JobError::OtherDirection {
        dreamed: dreamed.to_owned(),
        file: PathBuf::from(&mark.file),
        sha256: mark.sha256.clone(),
    };
    match marks.iter().find(|mark| !given.iter().any(|given| given.mark == **mark)) {
        Some(mark) => Err(other(mark)),
        None => Ok(given.into_iter().map(|given| given.direction).collect()),
    }
}
