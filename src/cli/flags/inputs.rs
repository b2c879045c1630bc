//! The files that a film is dreamed from, so that it can be continued.

use std::path::{self, Path, PathBuf};

use super::network::WeightsArguments;
use super::references::ReferenceArguments;
use crate::cli::failure::Failure;
use crate::studio::FilmInputs;

/// The film, and the files that are given beside it.
pub(crate) fn inputs(
    film: &Path,
    references: &ReferenceArguments,
    weights: &WeightsArguments,
) -> Result<FilmInputs, Failure> {
    let find = |path: &Path| {
        let found = path::absolute(path).map_err(|error| {
            Failure::because(format_args!("cannot tell where '{}' is: {error}", path.display()))
        })?;
        // A note has no other letters. A file that is called by some is not found again, and that is said then.
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
    /// The pictures that steer a film which was begun.
    pub(crate) fn of(inputs: &FilmInputs) -> Self {
        let FilmInputs { guide, like, masks, .. } = inputs.clone();
        Self { guide, like, mask: masks }
    }
}
