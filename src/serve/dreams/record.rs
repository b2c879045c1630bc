//! What is known of a job: as it lies in its folder, and as the page hears of it.

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dream::Progress;
use crate::extent::Extent;
use crate::serve::id::Id;
use crate::serve::order::Order;

/// What became of a job so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::serve) enum State {
    /// Others come first.
    Queued,
    /// It is dreamed.
    Dreaming,
    /// It is done.
    Done,
    /// It was stopped; what was shown by then is kept, if something was.
    Stopped,
    /// It could not be dreamed.
    Failed,
}

impl State {
    /// Whether nothing more becomes of it.
    pub(in crate::serve) fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Stopped | Self::Failed)
    }
}

/// What lies in a job's folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::serve) struct Record {
    pub(in crate::serve) id: Id,
    /// Later ones have larger numbers.
    pub(in crate::serve) number: u64,
    /// Seconds since 1970 when it was ordered.
    pub(in crate::serve) created: u64,
    pub(in crate::serve) state: State,
    pub(in crate::serve) order: Order,
    /// The dream that it was dreamed over.
    pub(in crate::serve) parent: Option<Id>,
    /// The hash of the weights that it was ordered from.
    pub(in crate::serve) weights: String,
    /// Columns and rows, once they are known.
    pub(in crate::serve) size: Option<(usize, usize)>,
    /// Whether there is a picture, or a film.
    pub(in crate::serve) kept: bool,
    /// Why it failed.
    pub(in crate::serve) error: Option<String>,
    /// How long it was dreamed, without pauses.
    pub(in crate::serve) seconds: f64,
}

/// A picture for the page.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Shown {
    /// Counts pictures of this job.
    pub(in crate::serve) revision: u64,
    /// JPEG.
    pub(in crate::serve) bytes: Bytes,
}

/// A job, with what is only known while the server runs.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) doing: Option<Doing>,
    /// Other dreams hold the memory that it needs.
    pub(super) waits: bool,
    pub(super) shown: Option<Shown>,
    /// When something of it changed last.
    pub(super) revision: u64,
}

impl Entry {
    pub(super) fn new(record: Record) -> Self {
        Self { record, doing: None, waits: false, shown: None, revision: 0 }
    }

    /// The job for the page; `position` is its place in the queue, from 1.
    pub(super) fn describe(&self, position: Option<usize>) -> Value {
        let Record { id, number, created, state, order, parent, size, kept, error, seconds, .. } =
            &self.record;
        json!({
            "id": id,
            "kind": if order.film_file().is_some() { "film" } else { "picture" },
            "number": number,
            "created": created,
            "state": state,
            "position": position,
            "waiting": self.waits,
            "order": order,
            "parent": parent,
            "width": size.map(|(width, _)| width),
            "height": size.map(|(_, height)| height),
            "progress": self.doing.as_ref().map(Doing::describe),
            "preview": self.shown.as_ref().map(|shown| shown.revision),
            "result": kept,
            "error": error,
            "seconds": seconds,
        })
    }
}

/// How far a dream is.
#[derive(Debug)]
pub(super) enum Doing {
    Picture(Progress),
    Film(FilmProgress),
}

/// How far a film is.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilmProgress {
    /// The frame that was dreamed last, from 1.
    pub(super) frame: usize,
    /// Of how many, as far as that is known.
    pub(super) frames: Option<usize>,
    /// Frames a second.
    pub(super) rate: Option<f64>,
    /// Seconds that the rest will take.
    pub(super) left: Option<f64>,
}

impl Doing {
    fn describe(&self) -> Value {
        match self {
            Self::Picture(now) => {
                let Extent { width, height } = now.size;
                json!({
                    "octave": now.octave,
                    "octaves": now.octaves,
                    "width": width,
                    "height": height,
                    "iteration": now.iteration,
                    "iterations": now.iterations,
                })
            }
            Self::Film(FilmProgress { frame, frames, rate, left }) => {
                json!({ "frame": frame, "frames": frames, "rate": rate, "left": left })
            }
        }
    }
}
