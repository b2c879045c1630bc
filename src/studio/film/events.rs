//! The events of a film while it is dreamed, and its ending.

use crate::dream::Config;
use crate::dream::recipe::Recipe;
use crate::dream::tiles::MemoryPlan;
use crate::extent::Extent;
use crate::picture::Picture;
use crate::studio::JobError;

/// What happens while a film is dreamed.
#[derive(Debug)]
#[non_exhaustive]
pub enum FilmEvent<'a> {
    /// Other dreams hold the memory that this one needs; it begins when they leave.
    Waiting,
    /// The dream fits and is loaded.
    Planned(Box<FilmPlanned>),
    /// So many frames were dreamed before; it goes on after them.
    Resumed {
        /// How many.
        frames: usize,
    },
    /// Another shot begins.
    Cut {
        /// With which frame, counted from 0.
        frame: usize,
    },
    /// A frame is dreamed and on its way into the file.
    Frame {
        /// Which, from 1.
        number: usize,
        /// The dream.
        picture: &'a Picture,
    },
}

/// A film that is about to be dreamed.
#[derive(Clone, Debug)]
pub struct FilmPlanned {
    /// How many frames there are, as far as the source says.
    pub frames: Option<usize>,
    /// Its recipe, as far as it is dreamed.
    pub recipe: Recipe,
    /// What there is to know of how the film is read and written, for people.
    pub remarks: Vec<String>,
    /// How they are dreamed, with the tiles that were chosen.
    pub config: Config,
    /// The octaves, smallest first.
    pub octaves: Vec<Extent>,
    /// How many of the octaves asked for are too small for the layers wanted, and so are not dreamed.
    pub left_out: usize,
    /// What memory the dream takes, and what there is.
    pub memory: MemoryPlan,
}

/// How a film ended, if there is anything of it.
#[derive(Debug)]
pub enum FilmEnding {
    /// It is done.
    Done {
        /// How many frames it has.
        frames: usize,
        /// Why there may be fewer than there should be, or damaged ones, if there is a reason to think so.
        doubt: Option<String>,
        /// Its recipe.
        recipe: Box<Recipe>,
    },
    /// It was cancelled, or could not go on; the frames before that are delivered, with their sound, if they can be.
    Stopped {
        /// How many there are.
        frames: usize,
        /// Why it could not go on; `None` if it was cancelled.
        why: Option<JobError>,
        /// Whether it can be gone on with.
        state: bool,
    },
}
