//! The record of a job: as stored in its folder, and as sent to the page.

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dream::Progress;
use crate::extent::Extent;
use crate::serve::id::Id;
use crate::serve::order::Order;

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::serve) enum State {
    /// It waits for the jobs before it.
    Queued,
    /// It is being dreamed.
    Dreaming,
    /// It is done.
    Done,
    /// It was stopped; what had been dreamed by then is kept, if anything.
    Stopped,
    /// It could not be dreamed.
    Failed,
}

impl State {
    /// Whether the job has ended.
    pub(in crate::serve) fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Stopped | Self::Failed)
    }
}

/// The record stored in a job's folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::serve) struct Record {
    pub(in crate::serve) id: Id,
    /// Jobs are numbered in the order in which they were ordered.
    pub(in crate::serve) number: u64,
    /// When it was ordered, in seconds since 1970.
    pub(in crate::serve) created: u64,
    pub(in crate::serve) state: State,
    pub(in crate::serve) order: Order,
    /// The dream that it is dreamed over, if any.
    pub(in crate::serve) parent: Option<Id>,
    /// The hash of the weights with which it was ordered.
    pub(in crate::serve) weights: String,
    /// Columns and rows, once they are known.
    pub(in crate::serve) size: Option<(usize, usize)>,
    /// Whether a picture or a film has been kept.
    pub(in crate::serve) kept: bool,
    /// What went wrong, if anything did.
    pub(in crate::serve) error: Option<String>,
    /// How many seconds it was dreamed for, not counting interruptions.
    pub(in crate::serve) seconds: f64,
}

/// A picture for the page.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Shown {
    /// Counts the pictures shown of this job.
    pub(in crate::serve) revision: u64,
    /// The JPEG file.
    pub(in crate::serve) bytes: Bytes,
}

/// A job, with what is known only while the server runs.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) doing: Option<Doing>,
    /// Whether it waits because other dreams hold the memory that it needs.
    pub(super) waits: bool,
    pub(super) shown: Option<Shown>,
    /// The number of its last change.
    pub(super) revision: u64,
}

impl Entry {
    pub(super) fn new(record: Record) -> Self {
        Self { record, doing: None, waits: false, shown: None, revision: 0 }
    }

    /// The job as the page receives it; `position` is its place in the queue, from 1.
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

/// How far a dream has got.
#[derive(Debug)]
pub(super) enum Doing {
    Picture(Progress),
    Film(FilmProgress),
}

/// How far a film has got.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilmProgress {
    /// The frame that was dreamed last, from 1.
    pub(super) frame: usize,
    /// How many frames there are, if known.
    pub(super) frames: Option<usize>,
    /// Frames per second.
    pub(super) rate: Option<f64>,
    /// How many seconds the rest will probably take.
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
