//! Films that were begun before: to be finished, or to be dreamed once more and compared.

use std::path::{Path, PathBuf};

use super::recipe::Ordered;
use super::state::{self, State};
use super::{FilmInputs, FilmRequest, Start};
use crate::carry::Kept;
use crate::dream::recipe::{FilmMark, Recipe};
use crate::film::{Frames, Reel, digest_of_pictures, part_of};
use crate::picture::Picture;
use crate::studio::{Cancel, GivenPictures, JobError, MarkedReferences, Network, recipe_file};

/// A film that was stopped and is to be continued.
#[derive(Clone, Debug)]
pub struct BegunFilm {
    order: Ordered,
    inputs: FilmInputs,
    out: PathBuf,
    /// The state that its last segment passes on.
    pub(super) kept: Option<(Picture, Kept)>,
}

impl BegunFilm {
    /// Finds the film whose state is in this folder, or next to this film; `None` if there is none.
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
        // The film is named after its folder, wherever that was moved to.
        let out = if folder == path { folder.with_extension("") } else { path.to_owned() };
        let order = Ordered { recipe: note.recipe, film, path: out.clone() };
        Ok(Some(Self { order, inputs: note.inputs, out, kept }))
    }

    /// How it is dreamed.
    pub fn recipe(&self) -> &Recipe {
        &self.order.recipe
    }

    /// The paths of the files that it is dreamed from.
    pub fn inputs(&self) -> &FilmInputs {
        &self.inputs
    }

    /// The path that it is written to.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// An error that says why it cannot be continued.
    pub(super) fn unfit(&self, reason: &str) -> JobError {
        JobError::State { folder: part_of(&self.out), reason: reason.to_owned() }
    }

    /// What its recipe has in addition to a picture's, as far as the film is dreamed.
    pub(super) fn mark(&self) -> &FilmMark {
        &self.order.film
    }

    /// Skips the frames that were dreamed before. Returns the time of the last one, or `None` if that was
    /// cancelled.
    ///
    /// # Errors
    /// The source now has fewer frames.
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

    /// A request for the rest of the film, with the same network and the same reference pictures.
    ///
    /// # Errors
    /// The source or a picture is not the same as before.
    pub fn request(self, network: Network, given: GivenPictures) -> Result<FilmRequest, JobError> {
        let references = given.matching(&self.out, &self.order.recipe.references)?;
        let (order, inputs, out) = (self.order.clone(), self.inputs.clone(), self.out.clone());
        order.request((network, references), inputs, &out, Start::GoOn(Box::new(self)))
    }
}

/// A film of dreams that is to be dreamed again.
#[derive(Clone, Debug)]
pub struct FilmReplay {
    order: Ordered,
}

/// The result of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilmVerdict {
    /// The same frames, encoded to the same packets.
    Same,
    /// It has a different number of frames, or cuts at different places.
    OtherFrames,
    /// The first segment that differs, and its range of frames.
    Different {
        /// The number of its first frame, from 0, and of the one after its last.
        frames: (usize, usize),
        /// Where it begins to differ.
        stage: Stage,
    },
    /// The frames are the same before they are encoded, but the packets differ.
    Encoder,
}

/// What can make a frame differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The decoder produced different pixels from the source.
    Decoder,
    /// The same pixels gave a different dream.
    Dream,
}

impl FilmReplay {
    /// Reads the recipe of a film; `None` if it is one of a picture.
    ///
    /// # Errors
    /// It cannot be read, or is of a film that was not finished.
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

    /// A request for the same film with the same network, source and pictures, which are given again.
    ///
    /// # Errors
    /// A file is missing, differs, or does not belong to the film.
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

    /// Compares the film that was dreamed again with the one of the recipe.
    ///
    /// # Errors
    /// One of the files can no longer be read.
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
