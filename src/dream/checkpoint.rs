//! Checkpoints: a dream between two octaves as a file, from which it continues to exactly the same result.
//!
//! The file is safetensors. It holds `picture` (the source in the dream's size, `[3, height, width]`, RGB 0
//! to 255), with `picture.alpha`, `picture.excess` and `picture.profile` where the picture has them. What the
//! dream is steered by is stored likewise, as `guide`, `like`, `direction1`, `mask1` and so on. `detail` is
//! what the last finished octave hands to the next. The metadata are `recipe` (see [`super::recipe`]),
//! `octaves_done`, `depth`, and `out`, the file that the dream was to be written to. The random shifts follow
//! from the recipe's seed.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

use super::recipe::{MaskMark, Recipe, ReferenceMarks};
use super::{Direction, Likeness, Mask, References, Standing};
use crate::files::input::read_whole;
use crate::files::output::{Output, OutputError};
use crate::picture::tensors::floats;
use crate::picture::{Depth, MAX_PIXELS, Picture};
use crate::remedy::Fault;

const PICTURE: &str = "picture";
const GUIDE: &str = "guide";
const LIKE: &str = "like";
const DIRECTION: &str = "direction";
const MASK: &str = "mask";
const DETAIL: &str = "detail";
/// Source, excess and detail as floats, alpha, and the same again for everything else.
const LARGEST_FILE: u64 = 96 * MAX_PIXELS as u64;

/// A dream between two octaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What is dreamed, and with which settings.
    pub recipe: Recipe,
    /// The source in the dream's size.
    pub picture: Picture,
    /// What it is steered by.
    pub references: References,
    /// How far the dream has come.
    pub standing: Standing,
    /// Where the dream was to be written.
    pub out: PathBuf,
}

/// Why a checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be read.
    #[error("cannot read the checkpoint '{}': {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are not a checkpoint.
    #[error("'{}' is not a checkpoint: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] OutputError),
}

impl Fault for CheckpointError {
    fn is_usage(&self) -> bool {
        matches!(self, Self::Write(error) if error.is_usage())
    }
}

impl Checkpoint {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`CheckpointError::Write`].
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let output = Output::at(path)?;
        let write = |reason: String| OutputError::Write { path: path.to_owned(), reason };
        if self.out.to_str().is_none() {
            let out = self.out.display();
            return Err(write(format!(
                "the output's name '{out}' is not UTF-8, and could not be found again"
            ))
            .into());
        }
        let bytes = self.to_bytes().map_err(|error| write(error.to_string()))?;
        output.fill(|file| file.write_all(&bytes).map_err(|error| error.to_string()))?;
        Ok(())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`CheckpointError::Read`] and [`CheckpointError::Invalid`].
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = read_whole(path, LARGEST_FILE)
            .map_err(|source| CheckpointError::Read { path: path.to_owned(), source })?;
        parse(&bytes).map_err(|reason| CheckpointError::Invalid { path: path.to_owned(), reason })
    }

    fn to_bytes(&self) -> Result<Vec<u8>, safetensors::SafeTensorError> {
        let mut tensors = self.picture.tensors(PICTURE);
        let References { guide, like, directions, masks } = &self.references;
        tensors.extend(guide.iter().flat_map(|guide| guide.tensors(GUIDE)));
        tensors.extend(like.iter().flat_map(|like| like.picture.tensors(LIKE)));
        for (index, Direction { cells, .. }) in directions.iter().enumerate() {
            let name = numbered(DIRECTION, index);
            tensors.push((name, Dtype::F32, vec![cells.len()], bytemuck::cast_slice(cells)));
        }
        for (index, mask) in masks.iter().enumerate() {
            if let Mask::Picture(mask) = mask {
                tensors.extend(mask.tensors(&numbered(MASK, index)));
            }
        }
        let detail = &self.standing.detail;
        tensors.push((DETAIL.to_owned(), Dtype::F32, vec![detail.len()], bytemuck::cast_slice(detail)));
        let metadata = [
            ("recipe", self.recipe.to_json()),
            ("octaves_done", self.standing.done.to_string()),
            ("depth", self.picture.depth().to_string()),
            ("out", self.out.to_string_lossy().into_owned()),
        ];
        let mut views = Vec::new();
        for (name, dtype, shape, bytes) in tensors {
            views.push((name, TensorView::new(dtype, shape, bytes)?));
        }
        let metadata: HashMap<_, _> = metadata.map(|(key, value)| (key.to_owned(), value)).into();
        serialize(views, Some(metadata))
    }
}

fn parse(bytes: &[u8]) -> Result<Checkpoint, String> {
    let not_safetensors = |error| format!("it is not a complete safetensors file ({error})");
    let tensors = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(not_safetensors)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let entry = |key: &str| metadata.get(key).ok_or_else(|| format!("its metadata has no '{key}'"));
    let recipe = Recipe::parse(entry("recipe")?).map_err(|error| format!("its recipe is wrong: {error}"))?;
    let done = entry("octaves_done")?;
    let done = done.parse().map_err(|_| format!("its 'octaves_done' is '{done}', expected a number"))?;
    let depth = entry("depth")?.parse().map_err(|error| format!("its depth is wrong: {error}"))?;
    let picture = Picture::from_tensors(&tensors, PICTURE, depth)?;
    if picture.extent() != recipe.extent() {
        return Err("its picture and its recipe differ in size".to_owned());
    }
    let references = references(&tensors, &recipe.references)?;
    let detail = tensors.tensor(DETAIL).map_err(|_| format!("it holds no tensor '{DETAIL}'"))?;
    let detail = floats(DETAIL, &detail, detail.shape().iter().product())?;
    let out = PathBuf::from(entry("out")?);
    Ok(Checkpoint { recipe, picture, references, standing: Standing { done, detail }, out })
}

/// The references that the recipe names.
fn references(tensors: &SafeTensors<'_>, marks: &ReferenceMarks) -> Result<References, String> {
    // How these pictures are used does not depend on their original bit depth.
    let open = |name: &str| Picture::from_tensors(tensors, name, Depth::Eight);
    let guide = marks.guide.as_ref().map(|_| open(GUIDE)).transpose()?;
    let like = marks.like.as_ref().map(|_| open(LIKE)).transpose()?;
    let like = like.map(|picture| Likeness { picture, region: marks.like_box });
    let masks = marks.masks.iter().enumerate().map(|(index, mark)| match mark {
        MaskMark::Alpha => Ok(Mask::Alpha),
        MaskMark::Picture(_) => open(&numbered(MASK, index)).map(Mask::Picture),
    });
    let directions = marks.directions.iter().enumerate().map(|(index, mark)| {
        let name = numbered(DIRECTION, index);
        let tensor = tensors.tensor(&name).map_err(|_| format!("it holds no tensor '{name}'"))?;
        let cells = floats(&name, &tensor, tensor.shape().iter().product())?;
        Ok(Direction { file: mark.file.clone(), cells })
    });
    let (directions, masks) =
        (directions.collect::<Result<_, String>>()?, masks.collect::<Result<_, String>>()?);
    Ok(References { guide, like, directions, masks })
}

fn numbered(name: &str, index: usize) -> String {
    format!("{name}{}", index + 1)
}
