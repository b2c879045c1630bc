//! The directions that objectives speak of: read from their files, and known again by recipes.

use std::path::{Path, PathBuf};

use super::JobError;
use crate::dream::recipe::DirectionMark;
use crate::dream::{Direction, DreamError, Objective, ReferenceError};
use crate::files::digest::sha256;
use crate::files::input::read_whole;

/// Far more than a number for each channel takes.
const LARGEST: u64 = 1 << 20;

/// A direction that is given.
#[derive(Clone, Debug)]
pub struct GivenDirection {
    /// The direction.
    pub direction: Direction,
    /// Its mark.
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

/// Reads every file that objectives name, once.
///
/// # Errors
/// One cannot be read, or is no direction.
pub fn open_directions<'a>(
    objectives: impl IntoIterator<Item = &'a Objective>,
) -> Result<Vec<GivenDirection>, JobError> {
    let mut files: Vec<&str> = objectives.into_iter().filter_map(Objective::direction).collect();
    files.sort_unstable();
    files.dedup();
    files.into_iter().map(GivenDirection::open).collect()
}

/// The directions that a recipe names, if they are those given.
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
