//! What a job tells.

use std::path::PathBuf;

use super::JobError;
use crate::dream::Progress;
use crate::dream::recipe::Recipe;
use crate::dream::tiles::MemoryPlan;
use crate::extent::Extent;
use crate::picture::Picture;

/// What happens in a job, in this order; the last three end it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Other dreams hold the memory that this one needs; it begins when they leave.
    Waiting,
    /// The dream fits and is loaded.
    Planned(Box<Planned>),
    /// It goes on from where it stood after so many octaves.
    Resumed {
        /// How many octaves are done.
        done: usize,
    },
    /// The first iteration of an octave is done, or under way.
    Octave {
        /// Which, from 1, the smallest.
        number: usize,
        /// Of how many.
        of: usize,
        /// Its size.
        size: Extent,
    },
    /// An iteration is done, or a tile of it.
    Iteration(Progress),
    /// The picture as it is, if the request wants to see it.
    Preview(Picture),
    /// An octave is done, and what the request keeps of it is written.
    Landed {
        /// How many octaves are done.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// A checkpoint or an intermediate picture could not be written. The dream goes on without.
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
    /// Everything that decides it, with the tiles that were chosen.
    pub recipe: Recipe,
    /// The octaves, smallest first.
    pub octaves: Vec<Extent>,
    /// How many of the octaves asked for are too small for the layers wanted, and so are not dreamed.
    pub left_out: usize,
    /// What memory it takes, and what there is.
    pub memory: MemoryPlan,
}

/// A finished dream.
#[derive(Debug)]
pub struct Product {
    /// The picture.
    pub picture: Picture,
    /// How it was made.
    pub recipe: Recipe,
    /// The encoded file, if the request wants that.
    pub bytes: Option<Vec<u8>>,
}

/// A dream that was cancelled.
#[derive(Debug)]
pub struct Part {
    /// How far it came, in full size and delivered if the request wants that; nothing if it had not begun.
    pub product: Option<Product>,
    /// How many octaves were done.
    pub done: usize,
    /// Of how many; 0 if it had not been planned yet.
    pub octaves: usize,
    /// The file to go on from, and after how many octaves.
    pub checkpoint: Option<(PathBuf, usize)>,
}

/// How a dream ended, if it could be done.
#[derive(Debug)]
pub enum Ending {
    /// It is done.
    Done(Box<Product>),
    /// It was cancelled.
    Stopped(Box<Part>),
}
