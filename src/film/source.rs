//! The source of a dream: a film in a file or from a pipe, or pictures that make a film together.

use std::io::Read;
use std::path::Path;

use super::FilmError;
use super::colour::Colour;
use super::hdr::Hdr;
use super::input::Input;
use super::piped::{Dropping, Piped};
use super::probe::Footage;
use super::programs::Programs;
use super::sequence::Sequence;
use super::span::{Moment, Span};
use super::time::TimeBase;
use crate::files::digest::{sha256, sha256_of_file};

/// How long a frame is shown if nothing is known about it, as a fraction of a second.
const USUAL: (u32, u32) = (1, 25);

/// Moving pictures that can be read.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) kind: Kind,
}

/// Where the pictures come from.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// In a file that ffmpeg reads.
    Footage(Box<Footage>),
    /// In files of single pictures, or in one that holds several.
    Pictures(Sequence),
    /// In a pipe from another program.
    Piped(Piped),
}

impl Source {
    /// Opens a file, a folder of pictures, or the files whose names match a pattern (`%d`, `%04d`, `*`, `?` in the
    /// last part). Pictures that have no times of their own are shown one after another, each for a `tick`, or for
    /// 1/25 of a second.
    ///
    /// # Errors
    /// It does not exist, is not a film, or cannot be dreamed over; or a tick is given for a source that has its
    /// own times.
    pub fn open(path: &Path, tick: Option<TimeBase>) -> Result<Self, FilmError> {
        if let Some(sequence) = Sequence::find(path, tick)? {
            return Ok(Self { kind: Kind::Pictures(sequence) });
        }
        if tick.is_some() {
            return Err(FilmError::OwnTimes { path: path.to_owned() });
        }
        Ok(Self { kind: Kind::Footage(Box::new(Footage::open(&Programs::find()?, path)?)) })
    }

    /// Looks for moving pictures that need no ffmpeg: in a folder, in files whose names match a pattern, or in a
    /// single file. `None` for a single picture and for everything else.
    ///
    /// # Errors
    /// A folder contains no pictures, or one of them cannot be read.
    pub fn of_pictures(path: &Path) -> Result<Option<Self>, FilmError> {
        match Sequence::find(path, None) {
            Ok(sequence) => Ok(sequence.map(|sequence| Self { kind: Kind::Pictures(sequence) })),
            Err(FilmError::OnePicture { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets how HDR is treated; SDR stays as it is.
    ///
    /// # Errors
    /// It is HDR and no treatment was chosen, or this ffmpeg cannot do it.
    pub fn with_hdr(self, wish: Option<Hdr>) -> Result<Self, FilmError> {
        let Kind::Footage(footage) = self.kind else { return Ok(self) };
        let path = footage.path.clone();
        Ok(Self { kind: Kind::Footage(Box::new(footage.with_hdr(wish, Input::File(&path))?)) })
    }

    /// A film that another program sends through a pipe, once, as NUT; `name` is its name in messages. The
    /// pictures may be raw RGB, or anything that ffmpeg can decode; `wish` says how HDR is treated. Waits for the
    /// headers.
    ///
    /// # Errors
    /// The data is something else, or there is no ffmpeg to decode it.
    pub fn piped(
        from: Box<dyn Read + Send>,
        name: &Path,
        drop: Dropping,
        wish: Option<Hdr>,
    ) -> Result<Self, FilmError> {
        Ok(Self { kind: Kind::Piped(Piped::open(from, name, drop, wish)?) })
    }

    /// The number of frames, as far as it is known.
    pub fn frames(&self) -> Option<usize> {
        match &self.kind {
            Kind::Footage(footage) => footage.frames(),
            Kind::Pictures(sequence) => Some(sequence.len()),
            Kind::Piped(_) => None,
        }
    }

    /// The frame rate, for pictures without times of their own, in the form that [`TimeBase::of_rate`] accepts.
    pub fn rate(&self) -> Option<String> {
        match &self.kind {
            Kind::Footage(_) | Kind::Piped(_) => None,
            Kind::Pictures(sequence) if sequence.has_times() => None,
            Kind::Pictures(sequence) => {
                let (seconds, frames) = sequence.pace().parts();
                Some(format!("{frames}/{seconds}"))
            }
        }
    }

    /// Remarks for people on how the pictures are read.
    pub fn remarks(&self) -> Vec<String> {
        match &self.kind {
            Kind::Footage(footage) => footage.remarks(),
            Kind::Pictures(sequence) => sequence.remarks(),
            Kind::Piped(piped) => piped.remarks(),
        }
    }

    /// The path or name as it was given.
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::Footage(footage) => &footage.path,
            Kind::Pictures(sequence) => sequence.path(),
            Kind::Piped(piped) => piped.name(),
        }
    }

    /// The files that contain the pictures.
    pub fn files(&self) -> Vec<&Path> {
        match &self.kind {
            Kind::Footage(footage) => vec![&footage.path],
            Kind::Pictures(sequence) => sequence.files(),
            Kind::Piped(_) => Vec::new(),
        }
    }

    /// The comment in its metadata.
    pub fn comment(&self) -> Option<&str> {
        self.footage().and_then(|footage| footage.comment.as_deref())
    }

    /// Identifies it: the hash of the file, or the hash of the hashes of all files; empty for a pipe, whose data
    /// is gone once it is read.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn sha256(&self) -> Result<String, FilmError> {
        let hash = |path: &Path| {
            sha256_of_file(path)
                .map_err(|error| FilmError::Unreadable { path: path.to_owned(), reason: error.to_string() })
        };
        match self.files()[..] {
            [] => Ok(String::new()),
            [file] => hash(file),
            ref files => {
                Ok(sha256(files.iter().map(|file| hash(file)).collect::<Result<String, _>>()?.as_bytes()))
            }
        }
    }

    /// The file that ffmpeg reads, if there is one.
    pub(super) fn footage(&self) -> Option<&Footage> {
        match &self.kind {
            Kind::Footage(footage) => Some(footage),
            Kind::Pictures(_) | Kind::Piped(_) => None,
        }
    }

    /// How it is treated, if it is HDR.
    pub fn hdr(&self) -> Option<Hdr> {
        let colour = match &self.kind {
            Kind::Footage(footage) => &footage.pictures.colour,
            Kind::Pictures(_) => return None,
            Kind::Piped(piped) => piped.colour(),
        };
        colour.hdr().and(colour.wish)
    }

    /// Whether it can be read only once.
    pub fn comes_once(&self) -> bool {
        matches!(self.kind, Kind::Piped(_))
    }

    /// Whether its pictures have an order but no times.
    pub fn is_counted(&self) -> bool {
        matches!(&self.kind, Kind::Pictures(sequence) if sequence.is_counted())
    }

    /// The part of the film `other` whose frames are shown, one by one, with the frames of this part of this film.
    ///
    /// # Errors
    /// The part begins at a time, and the number of the frame at that time is not known.
    pub fn counted(&self, span: Span, other: &Path) -> Result<Span, FilmError> {
        let from = match (&self.kind, span.from) {
            (Kind::Pictures(sequence), _) => Moment::Frame(sequence.inside(span).start),
            (_, None) => Moment::Frame(0),
            (_, Some(from @ Moment::Frame(_))) => from,
            (_, Some(from @ Moment::Seconds(_))) => {
                return Err(FilmError::Unpaired { path: other.to_owned(), from });
            }
        };
        Ok(Span { from: Some(from), to: None })
    }

    /// The earliest time in any stream, in seconds.
    pub fn beginning(&self) -> f64 {
        self.footage().map_or(0.0, |footage| footage.beginning)
    }

    /// The mean rate, as a number of frames and the number of seconds for them. It is a hint for encoders.
    pub(super) fn usual_rate(&self) -> (u32, u32) {
        let pace = match &self.kind {
            Kind::Footage(footage) => footage.pictures.pace,
            Kind::Pictures(sequence) => Some(sequence.pace()),
            Kind::Piped(_) => None,
        };
        let (seconds, frames) = pace.map_or(USUAL, TimeBase::parts);
        // Some encoders refuse higher rates.
        if frames / 240 < seconds { (frames, seconds) } else { (USUAL.1, USUAL.0) }
    }

    /// How the colours of the output are coded.
    pub(super) fn colour(&self) -> Colour {
        match &self.kind {
            Kind::Footage(footage) => footage.pictures.colour.outgoing(),
            Kind::Pictures(sequence) => sequence.colour(),
            Kind::Piped(piped) => piped.colour().outgoing(),
        }
    }
}
