//! Dreams that are had again from the recipe of a picture, and compared with it.

use std::path::{Path, PathBuf};

use super::delivery::save_options;
use super::opened::{same_picture, stream};
use super::{
    Delivery, Destination, GivenPictures, InputRole, JobError, Network, Opened, Request, Subject, file_under,
    recipe_file,
};
use crate::dream::recipe::{FileMark, Recipe, Source};
use crate::picture::{Picture, PictureError, to_byte};

/// What messages call a dream that was dreamed again.
const AGAIN: &str = "the same dream";

/// A dreamed picture that is to be dreamed again.
#[derive(Clone, Debug)]
pub struct Replay {
    path: PathBuf,
    /// What came out of a pipe, if the picture did.
    bytes: Option<Vec<u8>>,
    recipe: Recipe,
}

/// How a dream compares with the picture of its recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are the same to the bit.
    Same,
    /// The picture has another size than its recipe says.
    OtherSize,
    /// Samples differ.
    Different {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
        /// By at most so many of 255.
        most: u8,
    },
}

impl Replay {
    /// Reads the recipe of a picture.
    ///
    /// # Errors
    /// It has none, or was stopped on its way.
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

    /// The same dream, by the same network, over and after the same pictures, which are given again.
    ///
    /// # Errors
    /// A picture is missing, is another one, or was none of the dream's.
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

    /// What was dreamed over, which a given picture must be.
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

    /// Compares what came out with what the file holds.
    ///
    /// # Errors
    /// The picture cannot be read any more.
    pub fn judge(&self, again: &Picture) -> Result<Verdict, PictureError> {
        Verdict::on(&self.path, self.bytes.as_deref(), &self.recipe.file, again)
    }
}

impl Verdict {
    /// Compares what came out with what a file holds, of which these are the bytes if it is a stream.
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
        // As the recipe says, whatever the file is called by now: its content counts.
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
