//! Repeats dreams from the recipe of a picture, and compares the results with the picture.

use std::path::{Path, PathBuf};

use super::delivery::save_options;
use super::opened::{same_picture, stream};
use super::{
    Delivery, Destination, GivenPictures, InputRole, JobError, Network, Opened, Request, Subject, file_under,
    recipe_file,
};
use crate::dream::recipe::{FileMark, Recipe, Source};
use crate::picture::{Picture, PictureError, to_byte};

/// The name of a repeated dream in messages.
const AGAIN: &str = "the same dream";

/// A dreamed picture that is to be dreamed again.
#[derive(Clone, Debug)]
pub struct Replay {
    path: PathBuf,
    /// The content of the pipe, if the picture came from one.
    bytes: Option<Vec<u8>>,
    recipe: Recipe,
}

/// The result of comparing a repeated dream with the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are identical to the bit.
    Same,
    /// The picture's size is not that of its recipe.
    OtherSize,
    /// Samples differ.
    Different {
        /// How many samples differ.
        samples: usize,
        /// The total number of samples.
        of: usize,
        /// The largest difference, in levels of 255.
        most: u8,
    },
}

impl Replay {
    /// Reads the recipe of a picture.
    ///
    /// # Errors
    /// It has no recipe, or was stopped before its end.
    pub fn open(path: &Path) -> Result<Self, JobError> {
        let bytes = stream(path)?;
        let recipe = match &bytes {
            Some(bytes) => recipe_file::open_in(bytes, path)?,
            None => recipe_file::open(path)?,
        };
        if !recipe.complete {
            return Err(JobError::Unfinished { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), bytes, recipe })
    }

    /// How it was dreamed.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// A request for the same dream with the same network and pictures, which are given again.
    ///
    /// # Errors
    /// A picture is missing, differs, or was not used by the dream.
    pub fn request(
        &self,
        network: Network,
        source: Option<Opened>,
        given: GivenPictures,
        to: Destination,
    ) -> Result<Request, JobError> {
        let recipe = &self.recipe;
        let subject = self.subject(source)?;
        let size = recipe.extent();
        let delivery = Delivery::to(to.clone(), file_under(&recipe.file, &to));
        let request = Request::new(network, subject, size, recipe.dream.clone(), delivery);
        Ok(Request { references: given.matching(&self.path, &recipe.references)?, ..request })
    }

    /// The subject, if a given picture is the one that was dreamed over.
    fn subject(&self, given: Option<Opened>) -> Result<Subject, JobError> {
        match (&self.recipe.source, given) {
            (Source::Picture(mark), given) => Ok(Subject::Picture {
                picture: same_picture(InputRole::Source, &self.path, mark, given)?,
                source: self.recipe.source.clone(),
            }),
            (Source::Sky { seed }, None) => Ok(Subject::Sky { seed: *seed }),
            (Source::Sky { .. }, Some(given)) => {
                Err(JobError::SkyNeedsNoPicture { dreamed: self.path.clone(), path: given.path })
            }
        }
    }

    /// Compares the new result with the picture in the file.
    ///
    /// # Errors
    /// The picture can no longer be read.
    pub fn judge(&self, again: &Picture) -> Result<Verdict, PictureError> {
        Verdict::on(&self.path, self.bytes.as_deref(), &self.recipe.file, again)
    }
}

impl Verdict {
    /// Compares the new result with the picture in a file; `bytes` are the content if it came from a stream.
    pub(super) fn on(
        path: &Path,
        bytes: Option<&[u8]>,
        file: &FileMark,
        again: &Picture,
    ) -> Result<Self, PictureError> {
        let then = match bytes {
            Some(bytes) => Picture::decode(bytes, path)?,
            None => Picture::open(path)?,
        };
        // The format is that of the recipe, whatever the file is called now: only its content counts.
        let encoded = again.encode(AGAIN, &save_options(file, None))?;
        let now = Picture::decode(&encoded, AGAIN)?;
        if now.shows_the_same(&then) {
            return Ok(Self::Same);
        }
        if now.extent() != then.extent() {
            return Ok(Self::OtherSize);
        }
        let pairs = || then.rgb().iter().zip(now.rgb());
        Ok(Self::Different {
            samples: pairs().filter(|(then, now)| then != now).count(),
            of: then.rgb().len(),
            most: pairs().map(|(&then, &now)| to_byte(then).abs_diff(to_byte(now))).max().unwrap_or(0),
        })
    }
}
