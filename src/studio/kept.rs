//! Dreams that are saved exactly, so that they can later be encoded as files in any format: the same files that
//! would have been written at once.
//!
//! The file is safetensors, with the tensors of a picture as in a checkpoint, and with the metadata `recipe` and
//! `depth`.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::tensor::TensorView;
use safetensors::{SafeTensors, serialize};

use super::JobError;
use super::delivery::save_options;
use crate::dream::checkpoint::CheckpointError;
use crate::dream::recipe::{FileMark, Recipe};
use crate::files::input::read_whole;
use crate::files::output::{Output, OutputError};
use crate::picture::{MAX_PIXELS, Picture, PictureError};

const PICTURE: &str = "picture";
/// Colours, and levels brighter than white, as floats; alpha; and as much again for the rest.
const LARGEST_FILE: u64 = 48 * MAX_PIXELS as u64;

/// The result of a dream, either complete or unfinished.
#[derive(Clone, Debug)]
pub struct KeptDream {
    /// The picture.
    pub picture: Picture,
    /// How it was made.
    pub recipe: Recipe,
}

impl KeptDream {
    /// Writes the file, either completely or not at all.
    ///
    /// # Errors
    /// [`CheckpointError::Write`].
    pub fn save(&self, path: &Path) -> Result<(), JobError> {
        let output = Output::at(path).map_err(CheckpointError::from)?;
        let reason = |reason: String| OutputError::Write { path: path.to_owned(), reason };
        let bytes = self.to_bytes().map_err(|error| CheckpointError::from(reason(error.to_string())))?;
        let filled = output.fill(|file| file.write_all(&bytes).map_err(|error| error.to_string()));
        filled.map_err(CheckpointError::from)?;
        Ok(())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`CheckpointError::Read`] and [`CheckpointError::Invalid`].
    pub fn open(path: &Path) -> Result<Self, JobError> {
        let path = PathBuf::from(path);
        let bytes = read_whole(&path, LARGEST_FILE)
            .map_err(|source| CheckpointError::Read { path: path.clone(), source })?;
        Ok(parse(&bytes).map_err(|reason| CheckpointError::Invalid { path, reason })?)
    }

    /// Encodes the picture as a file in this format, with a recipe that names the format.
    ///
    /// # Errors
    /// Format, depth and quality do not fit together, or the picture is too large for the format.
    pub fn encode(&self, file: &FileMark) -> Result<Vec<u8>, PictureError> {
        let recipe = Recipe { file: file.clone(), ..self.recipe.clone() };
        self.picture.encode("the dream", &save_options(file, Some(&recipe.to_json())))
    }

    fn to_bytes(&self) -> Result<Vec<u8>, safetensors::SafeTensorError> {
        let mut views = Vec::new();
        for (name, dtype, shape, bytes) in self.picture.tensors(PICTURE) {
            views.push((name, TensorView::new(dtype, shape, bytes)?));
        }
        let metadata = [("recipe", self.recipe.to_json()), ("depth", self.picture.depth().to_string())];
        let metadata: HashMap<_, _> = metadata.map(|(key, value)| (key.to_owned(), value)).into();
        serialize(views, Some(metadata))
    }
}

fn parse(bytes: &[u8]) -> Result<KeptDream, String> {
    let not_safetensors = |error| format!("it is not a complete safetensors file ({error})");
    let tensors = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(not_safetensors)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let entry = |key: &str| metadata.get(key).ok_or_else(|| format!("its metadata has no '{key}'"));
    let recipe = Recipe::parse(entry("recipe")?).map_err(|error| format!("its recipe is wrong: {error}"))?;
    let depth = entry("depth")?.parse().map_err(|error| format!("its depth is wrong: {error}"))?;
    Ok(KeptDream { picture: Picture::from_tensors(&tensors, PICTURE, depth)?, recipe })
}
