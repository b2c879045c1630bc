//! Pictures that together make a film: a sequence of files, or the frames of an animation.

mod animation;
mod names;
mod projector;

use std::path::{Path, PathBuf};

use super::FilmError;
use super::colour::Colour;
use super::frame::Facts;
use super::nut::Layout;
use super::span::{Moment, Span};
use super::time::TimeBase;
use crate::extent::Extent;
use crate::picture::{Depth, Picture, check_size};
use animation::Animation;
pub(super) use projector::Projector;

/// How long pictures without their own times are shown.
const USUAL: (u32, u32) = (1, 25);

/// Pictures, and when they are shown.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    path: PathBuf,
    pictures: Pictures,
    /// When each picture begins, and when the last one ends.
    times: Vec<i64>,
    time_base: TimeBase,
    size: Extent,
    deep: bool,
    alpha: bool,
    remarks: Vec<String>,
}

/// Where the pictures are.
#[derive(Clone, Debug)]
enum Pictures {
    Files(Vec<PathBuf>),
    Animation(Animation),
}

impl Sequence {
    /// The pictures that a path stands for; `None` if it is that of another kind of file, or does not exist.
    pub(super) fn find(path: &Path, tick: Option<TimeBase>) -> Result<Option<Self>, FilmError> {
        if path.is_dir() {
            let files = names::pictures_in(path)?;
            return Self::of_files(path, files, tick).map(Some);
        }
        if !path.exists() {
            let Some(files) = names::fitting(path)? else { return Ok(None) };
            return Self::of_files(path, files, tick).map(Some);
        }
        let Some((animation, delays)) = Animation::open(path)? else { return Ok(None) };
        if tick.is_some() {
            return Err(FilmError::OwnTimes { path: path.to_owned() });
        }
        let size = animation.size();
        let times = std::iter::once(0).chain(delays.into_iter().scan(0, |time, delay| {
            *time += delay;
            Some(*time)
        }));
        Ok(Some(Self {
            path: path.to_owned(),
            times: times.collect(),
            time_base: animation::TICK,
            size,
            deep: false,
            alpha: animation.is_clear(),
            remarks: Vec::new(),
            pictures: Pictures::Animation(animation),
        }))
    }

    fn of_files(path: &Path, files: Vec<PathBuf>, tick: Option<TimeBase>) -> Result<Self, FilmError> {
        let Some(first) = files.first() else {
            return Err(FilmError::NoFiles { path: path.to_owned() });
        };
        let first = Picture::open(first).map_err(Box::new)?;
        let usual = TimeBase::new(USUAL.0, USUAL.1);
        let Some(time_base) = tick.or(usual) else { unreachable!("the usual tick is one") };
        Ok(Self {
            path: path.to_owned(),
            times: (0..=files.len() as i64).collect(),
            time_base,
            size: first.extent(),
            deep: first.depth() > Depth::Eight,
            alpha: first.alpha().is_some(),
            remarks: names::gaps(&files).into_iter().collect(),
            pictures: Pictures::Files(files),
        })
    }

    /// Whether the pictures are files, which have an order but no times of their own.
    pub(super) fn is_counted(&self) -> bool {
        matches!(self.pictures, Pictures::Files(_))
    }

    /// The number of pictures.
    pub(super) fn len(&self) -> usize {
        self.times.len() - 1
    }

    /// Whether they have times of their own.
    pub(super) fn has_times(&self) -> bool {
        matches!(self.pictures, Pictures::Animation(_))
    }

    /// The unit of times, which is also how long a picture without its own time is shown.
    pub(super) fn pace(&self) -> TimeBase {
        self.time_base
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn files(&self) -> Vec<&Path> {
        match &self.pictures {
            Pictures::Files(files) => files.iter().map(PathBuf::as_path).collect(),
            Pictures::Animation(_) => vec![&self.path],
        }
    }

    pub(super) fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }

    pub(super) fn colour(&self) -> Colour {
        Colour::new(Layout::of(self.deep, self.alpha).name(), self.size, "", "")
    }

    fn facts(&self) -> Facts {
        Facts { size: self.size, time_base: self.time_base, aspect: (1, 1) }
    }

    /// The pictures that are shown in this part of the film.
    pub(super) fn inside(&self, span: Span) -> std::ops::Range<usize> {
        let at = |moment: Moment| match moment {
            Moment::Frame(number) => number.min(self.len()),
            Moment::Seconds(seconds) => {
                self.times[..self.len()].partition_point(|&time| self.time_base.seconds(time) < seconds)
            }
        };
        let start = span.from.map_or(0, at);
        start..span.to.map_or(self.len(), at).max(start)
    }
}

/// Checks the size of a picture.
fn check_frame(file: &Path, found: Extent, size: Extent) -> Result<(), FilmError> {
    check_size(found).map_err(Box::new)?;
    match found == size {
        true => Ok(()),
        false => Err(FilmError::Mixed { path: file.to_owned(), found, size }),
    }
}
