//! The events of a job.

use std::path::PathBuf;

use super::JobError;
use crate::dream::Progress;
use crate::dream::recipe::Recipe;
use crate::dream::tiles::MemoryPlan;
use crate::extent::Extent;
use crate::picture::Picture;

/// The events of a job, in this order; the last three end it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Other dreams hold the memory that this one needs; it begins when they release it.
    Waiting,
    /// The dream fits and is loaded.
    Planned(Box<Planned>),
    /// It resumes after this many octaves.
    Resumed {
        /// How many octaves are done.
        done: usize,
    },
    /// The first iteration of an octave is done or in progress.
    Octave {
        /// Its number, from 1 for the smallest.
        number: usize,
        /// The total number.
        of: usize,
        /// Its size.
        size: Extent,
    },
    /// An iteration, or a tile of it, is done.
    Iteration(Progress),
    /// The unfinished picture, if the request asks for it.
    Preview(Picture),
    /// An octave is done, and everything that is saved after it is written.
    Landed {
        /// How many octaves are done.
        done: usize,
        /// The total number.
        of: usize,
    },
    /// A checkpoint or an intermediate picture could not be written. The dream continues without it.
    NotKept(JobError),
    /// The dream is done and delivered.
    Done(Box<Product>),
    /// It was cancelled.
    Stopped(Box<Part>),
    /// It could not be done.
    Failed(JobError),
}

/// A dream that is about to begin.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Everything that determines it, with the tiles that were chosen.
    pub recipe: Recipe,
    /// The octaves, smallest first.
    pub octaves: Vec<Extent>,
    /// How many of the requested octaves are too small for the requested layers, and so are not dreamed.
    pub left_out: usize,
    /// How much memory it needs, and how much there is.
    pub memory: MemoryPlan,
}

/// A finished dream.
#[derive(Debug)]
pub struct Product {
    /// The picture.
    pub picture: Picture,
    /// How it was made.
    pub recipe: Recipe,
    /// The encoded file, if the request asks for it.
    pub bytes: Option<Vec<u8>>,
}

/// A dream that was cancelled.
#[derive(Debug)]
pub struct Part {
    /// What was dreamed so far, in full size, and delivered if the request asks for that; `None` if the dream had
    /// not begun.
    pub product: Option<Product>,
    /// How many octaves were done.
    pub done: usize,
    /// The total number of octaves; 0 if the dream had not been planned yet.
    pub octaves: usize,
    /// The checkpoint to resume from, and the number of octaves done in it.
    pub checkpoint: Option<(PathBuf, usize)>,
}

/// How a dream ended, unless it failed.
#[derive(Debug)]
pub enum Ending {
    /// It is done.
    Done(Box<Product>),
    /// It was cancelled.
    Stopped(Box<Part>),
}
