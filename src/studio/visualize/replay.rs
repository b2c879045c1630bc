//! Repeats visualisations from the recipe of a picture, and compares the results with the picture.

use std::path::{Path, PathBuf};

use super::{VisualizeRequest, VisualizeStart};
use crate::files::input::is_stream;
use crate::picture::{Picture, PictureError};
use crate::studio::opened::same_picture;
use crate::studio::replay::Verdict;
use crate::studio::{
    Delivery, Destination, GivenPictures, InputRole, JobError, Network, Opened, file_under, recipe_file,
};
use crate::visualize::recipe::VisualizeRecipe;

/// A visualisation that is to be repeated.
#[derive(Clone, Debug)]
pub struct VisualizeReplay {
    path: PathBuf,
    recipe: VisualizeRecipe,
}

impl VisualizeReplay {
    /// Reads the recipe of a picture, if it is one of a visualisation. Streams are not read here: they can be read
    /// only once, and are left to [`Replay`](crate::studio::Replay).
    ///
    /// # Errors
    /// The picture has no recipe, or one that cannot be used.
    pub fn open(path: &Path) -> Result<Option<Self>, JobError> {
        if is_stream(path) {
            return Ok(None);
        }
        let text = recipe_file::read_text(path)?;
        if !VisualizeRecipe::is_meant(&text) {
            return Ok(None);
        }
        let recipe = VisualizeRecipe::parse(&text).map_err(|source| recipe_file::unusable(path, source))?;
        if !recipe.complete {
            return Err(JobError::Unfinished { path: path.to_owned() });
        }
        Ok(Some(Self { path: path.to_owned(), recipe }))
    }

    /// Its recipe.
    pub fn recipe(&self) -> &VisualizeRecipe {
        &self.recipe
    }

    /// A request for the same visualisation.
    ///
    /// # Errors
    /// A required picture is missing, or differs.
    pub fn request(
        &self,
        network: Network,
        start: Option<Opened>,
        given: GivenPictures,
        to: Destination,
    ) -> Result<VisualizeRequest, JobError> {
        let recipe = &self.recipe;
        let start = match (&recipe.start, start) {
            (None, None) => VisualizeStart::Noise,
            (None, Some(given)) => {
                let (role, dreamed) = (InputRole::Source, self.path.clone());
                return Err(JobError::PictureUnwanted { role, dreamed, path: given.path });
            }
            (Some(mark), given) => {
                let picture = same_picture(InputRole::Source, &self.path, mark, given)?;
                VisualizeStart::Picture(Box::new(picture), mark.clone())
            }
        };
        Ok(VisualizeRequest {
            network,
            sums: recipe.pictures.clone(),
            references: given.matching(&self.path, &recipe.references)?,
            start,
            size: recipe.extent(),
            config: recipe.visualize.clone(),
            delivery: Delivery::to(to.clone(), file_under(&recipe.file, &to)),
        })
    }

    /// Compares the new result with the picture in the file.
    ///
    /// # Errors
    /// The picture can no longer be read.
    pub fn judge(&self, again: &Picture) -> Result<Verdict, PictureError> {
        Verdict::on(&self.path, None, &self.recipe.file, again)
    }
}
