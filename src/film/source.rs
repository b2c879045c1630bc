//! What is dreamed over: a film in a file or from a pipe, or pictures that are one together.

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
    /// On their way from another program.
    Piped(Piped),
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

    /// Looks for pictures that move without ffmpeg: in a folder, in files whose names fit a pattern, or in one. `None` for
    /// a single picture and for everything else.
    ///
    /// # Errors
    /// There is none in a folder, or one cannot be read.
    pub fn of_pictures(path: &Path) -> Result<Option<Self>, FilmError> {
        match Sequence::find(path, None) {
            Ok(sequence) => Ok(sequence.map(|sequence| Self { kind: Kind::Pictures(sequence) })),
            Err(FilmError::OnePicture { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The same, with what becomes of it if it is HDR; SDR stays as it is.
    ///
    /// # Errors
    /// It is HDR and no treatment was chosen, or this ffmpeg cannot do it.
    pub fn with_hdr(self, wish: Option<Hdr>) -> Result<Self, FilmError> {
        let Kind::Footage(footage) = self.kind else { return Ok(self) };
        let path = footage.path.clone();
        Ok(Self { kind: Kind::Footage(Box::new(footage.with_hdr(wish, Input::File(&path))?)) })
    }

    /// What another program sends through a pipe, once, as NUT; `name` is what messages call it. Pictures are raw ones in
    /// RGB, or whatever ffmpeg can decode, with what becomes of HDR. Waits for what comes before the pictures.
    ///
    /// # Errors
    /// Something else comes, or there is no ffmpeg to decode it.
    pub fn piped(
        from: Box<dyn Read + Send>,
        name: &Path,
        drop: Dropping,
        wish: Option<Hdr>,
    ) -> Result<Self, FilmError> {
        Ok(Self { kind: Kind::Piped(Piped::open(from, name, drop, wish)?) })
    }

    /// How many frames there are, as far as that is known.
    pub fn frames(&self) -> Option<usize> {
        match &self.kind {
            Kind::Footage(footage) => footage.frames(),
            Kind::Pictures(sequence) => Some(sequence.len()),
            Kind::Piped(_) => None,
        }
    }

    /// Frames a second, if it is of pictures without times, as [`TimeBase::of_rate`] takes it.
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

    /// What there is to know of how the pictures are read, for people.
    pub fn remarks(&self) -> Vec<String> {
        match &self.kind {
            Kind::Footage(footage) => footage.remarks(),
            Kind::Pictures(sequence) => sequence.remarks(),
            Kind::Piped(piped) => piped.remarks(),
        }
    }

    /// As it was given.
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::Footage(footage) => &footage.path,
            Kind::Pictures(sequence) => sequence.path(),
            Kind::Piped(piped) => piped.name(),
        }
    }

    /// The files that the pictures are in.
    pub fn files(&self) -> Vec<&Path> {
        match &self.kind {
            Kind::Footage(footage) => vec![&footage.path],
            Kind::Pictures(sequence) => sequence.files(),
            Kind::Piped(_) => Vec::new(),
        }
    }

    /// What somebody has noted about it.
    pub fn comment(&self) -> Option<&str> {
        self.footage().and_then(|footage| footage.comment.as_deref())
    }

    /// What tells it from all others: the hash of the file, or that of the hashes of all files; nothing for what comes from
    /// a pipe and is gone.
    ///
    /// # Errors
    /// One cannot be read.
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

    /// The file that ffmpeg reads, if it is one.
    pub(super) fn footage(&self) -> Option<&Footage> {
        match &self.kind {
            Kind::Footage(footage) => Some(footage),
            Kind::Pictures(_) | Kind::Piped(_) => None,
        }
    }

    /// What becomes of it, if it is HDR.
    pub fn hdr(&self) -> Option<Hdr> {
        let colour = match &self.kind {
            Kind::Footage(footage) => &footage.pictures.colour,
            Kind::Pictures(_) => return None,
            Kind::Piped(piped) => piped.colour(),
        };
        colour.hdr().and(colour.wish)
    }

    /// Whether it is gone once it was read.
    pub fn comes_once(&self) -> bool {
        matches!(self.kind, Kind::Piped(_))
    }

    /// Whether its pictures have no times, but an order.
    pub fn is_counted(&self) -> bool {
        matches!(&self.kind, Kind::Pictures(sequence) if sequence.is_counted())
    }

    /// The frames of another film, that of `other`, that are shown with a part of this one, frame by frame.
    ///
    /// # Errors
    /// The part begins at a time, and the frame at that time is not known.
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

    /// The first time of all streams, in seconds.
    pub fn beginning(&self) -> f64 {
        self.footage().map_or(0.0, |footage| footage.beginning)
    }

    /// How many frames are shown in how many seconds in the mean, for encoders, which have something to hold on to then.
    pub(super) fn usual_rate(&self) -> (u32, u32) {
        let pace = match &self.kind {
            Kind::Footage(footage) => footage.pictures.pace,
            Kind::Pictures(sequence) => Some(sequence.pace()),
            Kind::Piped(_) => None,
        };
        let (seconds, frames) = pace.map_or(USUAL, TimeBase::parts);
        // Some refuse what is faster.
        if frames / 240 < seconds { (frames, seconds) } else { (USUAL.1, USUAL.0) }
    }

    /// How colours are coded.
    pub(super) fn colour(&self) -> Colour {
        match &self.kind {
            Kind::Footage(footage) => footage.pictures.colour.outgoing(),
            Kind::Pictures(sequence) => sequence.colour(),
            Kind::Piped(piped) => piped.colour().outgoing(),
        }
    }
}
