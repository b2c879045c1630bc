//! What is dreamed over: a film in a file, or pictures that are one together.

use std::path::Path;

use super::FilmError;
use super::colour::Colour;
use super::probe::Footage;
use super::programs::Programs;
use super::sequence::Sequence;
use super::time::TimeBase;
use crate::files::digest::{sha256, sha256_of_file};

/// How long a frame is shown where nothing is known of it, in seconds.
const USUAL: (u32, u32) = (1, 25);

/// Moving pictures that can be read.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) kind: Kind,
}

/// Where they are.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// In a file that ffmpeg reads.
    Footage(Box<Footage>),
    /// In files of single pictures, or in one that holds several.
    Pictures(Sequence),
}

impl Source {
    /// Looks into a file, a folder of pictures, or the files whose names fit a pattern (`%d`, `%04d`, `*`, `?` in
    /// the last part). Pictures that have no times of their own are shown one after the other, each for a `tick`, or for
    /// 1/25 of a second.
    ///
    /// # Errors
    /// It is not there, not a film, or one that cannot be dreamed over; or a tick is given for what has times.
    pub fn open(path: &Path, tick: Option<TimeBase>) -> Result<Self, FilmError> {
        if let Some(sequence) = Sequence::find(path, tick)? {
            return Ok(Self { kind: Kind::Pictures(sequence) });
        }
        if tick.is_some() {
            return Err(FilmError::OwnTimes { path: path.to_owned() });
        }
        Ok(Self { kind: Kind::Footage(Box::new(Footage::open(&Programs::find()?, path)?)) })
    }

    /// How many frames there are, as far as that is known.
    pub fn frames(&self) -> Option<usize> {
        match &self.kind {
            Kind::Footage(footage) => footage.frames(),
            Kind::Pictures(sequence) => Some(sequence.len()),
        }
    }

    /// Frames a second, if it is of pictures without times, as [`TimeBase::of_rate`] takes it.
    pub fn rate(&self) -> Option<String> {
        match &self.kind {
            Kind::Footage(_) => None,
            Kind::Pictures(sequence) if sequence.has_times() => None,
            Kind::Pictures(sequence) => {
                let (seconds, frames) = sequence.pace().parts();
                Some(format!("{frames}/{seconds}"))
            }
        }
    }

    /// What there is to know of how the pictures are read, for people.
    pub fn remarks(&self) -> Vec<String> {
        match &self.kind {
            Kind::Footage(footage) => footage.remarks(),
            Kind::Pictures(sequence) => sequence.remarks(),
        }
    }

    /// As it was given.
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::Footage(footage) => &footage.path,
            Kind::Pictures(sequence) => sequence.path(),
        }
    }

    /// The files that the pictures are in.
    pub fn files(&self) -> Vec<&Path> {
        match &self.kind {
            Kind::Footage(footage) => vec![&footage.path],
            Kind::Pictures(sequence) => sequence.files(),
        }
    }

    /// What somebody has noted about it.
    pub fn comment(&self) -> Option<&str> {
        self.footage().and_then(|footage| footage.comment.as_deref())
    }

    /// What tells it from all others: the hash of the file, or that of the hashes of all files.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn sha256(&self) -> Result<String, FilmError> {
        let hash = |path: &Path| {
            sha256_of_file(path)
                .map_err(|error| FilmError::Unreadable { path: path.to_owned(), reason: error.to_string() })
        };
        match self.files()[..] {
            [file] => hash(file),
            ref files => {
                Ok(sha256(files.iter().map(|file| hash(file)).collect::<Result<String, _>>()?.as_bytes()))
            }
        }
    }

    /// The file that ffmpeg reads, if it is one.
    pub(super) fn footage(&self) -> Option<&Footage> {
        match &self.kind {
            Kind::Footage(footage) => Some(footage),
            Kind::Pictures(_) => None,
        }
    }

    /// The first time of all streams, in seconds.
    pub(super) fn beginning(&self) -> f64 {
        self.footage().map_or(0.0, |footage| footage.beginning)
    }

    /// How many frames are shown in how many seconds in the mean, for encoders, which have something to hold on to then.
    pub(super) fn usual_rate(&self) -> (u32, u32) {
        let pace = match &self.kind {
            Kind::Footage(footage) => footage.pictures.pace,
            Kind::Pictures(sequence) => Some(sequence.pace()),
        };
        let (seconds, frames) = pace.map_or(USUAL, TimeBase::parts);
        // Some refuse what is faster.
        if frames / 240 < seconds { (frames, seconds) } else { (USUAL.1, USUAL.0) }
    }

    /// How colours are coded.
    pub(super) fn colour(&self) -> Colour {
        match &self.kind {
            Kind::Footage(footage) => footage.pictures.colour.clone(),
            Kind::Pictures(sequence) => sequence.colour(),
        }
    }
}
