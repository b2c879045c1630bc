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
    /// Other dreams hold the memory that this one needs; it begins when they release it.
    Waiting,
    /// The dream fits and is loaded.
    Planned(Box<FilmPlanned>),
    /// This many frames were dreamed before; the film continues after them.
    Resumed {
        /// How many.
        frames: usize,
    },
    /// Another shot begins.
    Cut {
        /// The number of its first frame, from 0.
        frame: usize,
    },
    /// A frame has been dreamed and is on its way to the file.
    Frame {
        /// Its number, from 1.
        number: usize,
        /// The dream.
        picture: &'a Picture,
    },
}

/// A film that is about to be dreamed.
#[derive(Clone, Debug)]
pub struct FilmPlanned {
    /// The number of frames, as far as the source tells it.
    pub frames: Option<usize>,
    /// Its recipe, as far as the film is dreamed.
    pub recipe: Recipe,
    /// Remarks for people on how the film is read and written.
    pub remarks: Vec<String>,
    /// How the frames are dreamed, with the tiles that were chosen.
    pub config: Config,
    /// The octaves, smallest first.
    pub octaves: Vec<Extent>,
    /// How many of the requested octaves are too small for the requested layers, and so are not dreamed.
    pub left_out: usize,
    /// How much memory the dream needs, and how much there is.
    pub memory: MemoryPlan,
}

/// How a film ended, if anything of it exists.
#[derive(Debug)]
pub enum FilmEnding {
    /// It is done.
    Done {
        /// How many frames it has.
        frames: usize,
        /// Why frames may be missing or damaged, if there is reason to think so.
        doubt: Option<String>,
        /// Its recipe.
        recipe: Box<Recipe>,
    },
    /// It was cancelled, or could not continue. The frames before that are delivered, with their sound, if
    /// possible.
    Stopped {
        /// How many there are.
        frames: usize,
        /// Why it could not continue; `None` if it was cancelled.
        why: Option<JobError>,
        /// Whether it can be continued later.
        state: bool,
    },
}
