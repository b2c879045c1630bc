//! Films that were begun before: to be brought to their end, or dreamed once more and compared.

use std::path::{Path, PathBuf};

use super::recipe::Ordered;
use super::state::{self, State};
use super::{FilmInputs, FilmRequest, Start};
use crate::carry::Kept;
use crate::dream::recipe::{FilmMark, Recipe};
use crate::film::{Frames, Reel, digest_of_pictures, part_of};
use crate::picture::Picture;
use crate::studio::{Cancel, GivenPictures, JobError, MarkedReferences, Network, recipe_file};

/// A film that was stopped, and is to be gone on with.
#[derive(Clone, Debug)]
pub struct BegunFilm {
    order: Ordered,
    inputs: FilmInputs,
    out: PathBuf,
    /// What its last segment hands on.
    pub(super) kept: Option<(Picture, Kept)>,
}

impl BegunFilm {
    /// The film whose state lies in this folder, or beside this film; `None` if there is none.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn find(path: &Path) -> Result<Option<Self>, JobError> {
        let folders = [path.to_owned(), part_of(path)];
        let Some(folder) = folders.into_iter().find(|folder| State::lies_in(folder)) else { return Ok(None) };
        let unusable = |reason| JobError::State { folder: folder.clone(), reason };
        let note = state::read_note(&folder).map_err(unusable)?;
        let Some(film) = note.recipe.film.clone() else {
            return Err(unusable("it belongs to no film".to_owned()));
        };
        let kept = state::read_kept(&folder, &film).map_err(unusable)?;
        // The film is called as its folder, wherever that was moved to.
        let out = if folder == path { folder.with_extension("") } else { path.to_owned() };
        let order = Ordered { recipe: note.recipe, film, path: out.clone() };
        Ok(Some(Self { order, inputs: note.inputs, out, kept }))
    }

    /// How it is dreamed.
    pub fn recipe(&self) -> &Recipe {
        &self.order.recipe
    }

    /// Where the files are that it is dreamed from.
    pub fn inputs(&self) -> &FilmInputs {
        &self.inputs
    }

    /// Where it goes.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// Why it cannot be gone on with.
    pub(super) fn unfit(&self, reason: &str) -> JobError {
        JobError::State { folder: part_of(&self.out), reason: reason.to_owned() }
    }

    /// What it has beside a picture's recipe: so far.
    pub(super) fn mark(&self) -> &FilmMark {
        &self.order.film
    }

    /// Passes over the frames that were dreamed before. When the last one is shown; `None` if that was cancelled.
    ///
    /// # Errors
    /// There are fewer of them now.
    pub(super) fn pass_over(
        &self,
        coming: &mut Frames,
        reel: &mut Reel,
        cancel: &Cancel,
    ) -> Result<Option<i64>, JobError> {
        let mut shown = 0;
        for _ in 0..self.mark().frames() {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            let frame = coming.next_frame()?;
            shown = frame.ok_or_else(|| self.unfit("its source has fewer frames than were dreamed"))?.time;
            reel.pass(shown);
        }
        Ok(Some(shown))
    }

    /// The rest of it, by the same network and after the same pictures.
    ///
    /// # Errors
    /// The source, or a picture, is another than it was.
    pub fn request(self, network: Network, given: GivenPictures) -> Result<FilmRequest, JobError> {
        let references = given.matching(&self.out, &self.order.recipe.references)?;
        let (order, inputs, out) = (self.order.clone(), self.inputs.clone(), self.out.clone());
        order.request((network, references), inputs, &out, Start::GoOn(Box::new(self)))
    }
}

/// A film of dreams that is to be dreamed once more.
#[derive(Clone, Debug)]
pub struct FilmReplay {
    order: Ordered,
}

/// How it compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilmVerdict {
    /// The same frames, encoded to the same packets.
    Same,
    /// It has another number of frames, or cuts elsewhere.
    OtherFrames,
    /// The first segment that differs, and from which frame to which that is.
    Different {
        /// Its first frame, from 0, and the one after its last.
        frames: (usize, usize),
        /// Where it begins to differ.
        stage: Stage,
    },
    /// The frames are the same before they are encoded, but not the packets.
    Encoder,
}

/// What can make a frame differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Other pixels came from the source.
    Decoder,
    /// The same pixels became another dream.
    Dream,
}

impl FilmReplay {
    /// Reads the recipe of a film; `None` if it is one of a picture.
    ///
    /// # Errors
    /// It cannot be read, or was stopped on its way.
    pub fn open(path: &Path) -> Result<Option<Self>, JobError> {
        let recipe = recipe_file::open(path)?;
        let Some(film) = recipe.film.clone() else { return Ok(None) };
        if !recipe.complete {
            return Err(JobError::Unfinished { path: path.to_owned() });
        }
        Ok(Some(Self { order: Ordered { recipe, film, path: path.to_owned() } }))
    }

    /// How it was dreamed.
    pub fn recipe(&self) -> &Recipe {
        &self.order.recipe
    }

    /// The same film, by the same network, over and after the same files, which are given again.
    ///
    /// # Errors
    /// One is missing, is another one, or was none of the film's.
    pub fn request(
        &self,
        network: Network,
        given: GivenPictures,
        inputs: FilmInputs,
        out: &Path,
    ) -> Result<FilmRequest, JobError> {
        let references: MarkedReferences = given.matching(&self.order.path, &self.order.recipe.references)?;
        self.order.request((network, references), inputs, out, Start::New)
    }

    /// Compares a film that came of that with the one of the recipe.
    ///
    /// # Errors
    /// One of the files cannot be read any more.
    pub fn judge(&self, again: &Recipe, out: &Path) -> Result<FilmVerdict, JobError> {
        let (then, now) = (&self.order.film.segments, again.film.iter().flat_map(|film| &film.segments));
        let now: Vec<_> = now.collect();
        let mut first = 0;
        for (then, now) in then.iter().zip(&now) {
            if then.frames != now.frames {
                return Ok(FilmVerdict::OtherFrames);
            }
            let frames = (first, first + then.frames);
            if then.decoded != now.decoded {
                return Ok(FilmVerdict::Different { frames, stage: Stage::Decoder });
            }
            if then.dreamed != now.dreamed {
                return Ok(FilmVerdict::Different { frames, stage: Stage::Dream });
            }
            first = frames.1;
        }
        if then.len() != now.len() {
            return Ok(FilmVerdict::OtherFrames);
        }
        let same = digest_of_pictures(&self.order.path)? == digest_of_pictures(out)?;
        Ok(if same { FilmVerdict::Same } else { FilmVerdict::Encoder })
    }
}
