//! The files from which a film is dreamed, recorded so that it can be continued.

use std::path::{self, Path, PathBuf};

use super::network::WeightsArguments;
use super::references::ReferenceArguments;
use crate::cli::failure::Failure;
use crate::studio::FilmInputs;

/// The film, and the other files given with it.
pub(crate) fn inputs(
    film: &Path,
    references: &ReferenceArguments,
    weights: &WeightsArguments,
) -> Result<FilmInputs, Failure> {
    let find = |path: &Path| {
        let found = path::absolute(path).map_err(|error| {
            Failure::because(format_args!("cannot tell where '{}' is: {error}", path.display()))
        })?;
        // The record can hold only Unicode. A file whose name is not Unicode will not be found again, which is
        // reported then.
        Ok::<_, Failure>(PathBuf::from(found.to_string_lossy().into_owned()))
    };
    let given = |path: &Option<PathBuf>| path.as_deref().map(find).transpose();
    Ok(FilmInputs {
        film: find(film)?,
        weights: given(&weights.file())?,
        guide: given(&references.guide)?,
        like: given(&references.like)?,
        masks: references.mask_files().map(|path| find(path)).collect::<Result<_, _>>()?,
    })
}

impl ReferenceArguments {
    /// The pictures that steer a film that was begun earlier.
    pub(crate) fn of(inputs: &FilmInputs) -> Self {
        let FilmInputs { guide, like, masks, .. } = inputs.clone();
        Self { guide, like, mask: masks }
    }
}
