//! Reads recipes from files: pictures and films that contain one, or JSON.

use std::path::Path;

use super::JobError;
use super::opened::stream;
use crate::dream::recipe::{Recipe, RecipeError, is_json};
use crate::dream::{Changes, Config};
use crate::files::input::read_whole;
use crate::film::{Container, Source};
use crate::net::Weights;
use crate::picture::{read_recipe, read_recipe_in};

/// More than any recipe needs.
const LARGEST_JSON: u64 = 16 << 20;

/// A recipe to start from and to change.
#[derive(Debug)]
pub struct Base {
    /// The settings in it.
    pub changes: Changes,
    /// The recipe, if it is complete.
    pub whole: Option<Recipe>,
}

impl Base {
    /// Reads the settings of a recipe; everything else may be missing.
    ///
    /// # Errors
    /// The file cannot be read, or is not a recipe.
    pub fn open(path: &Path) -> Result<Self, JobError> {
        let text = read_text(path)?;
        let changes = Recipe::parse_changes(&text).map_err(|source| unusable(path, source))?;
        Ok(Self { changes, whole: Recipe::parse(&text).ok() })
    }

    /// The settings that it gives to a dream with these weights. A recipe without objectives stands for their
    /// favourite layer, as always, rather than for what they dream by default today.
    pub fn changes_of(&self, weights: &Weights) -> Changes {
        let objectives = self.changes.objectives.clone();
        let objectives = objectives.unwrap_or_else(|| Config::for_weights(weights).objectives);
        Changes { objectives: Some(objectives), ..self.changes.clone() }
    }
}

/// Reads a complete recipe.
///
/// # Errors
/// The file cannot be read, or is not a recipe.
pub fn open(path: &Path) -> Result<Recipe, JobError> {
    parse(path, &read_text(path)?)
}

/// Reads a complete recipe from a file's bytes; `path` is their name in messages.
///
/// # Errors
/// The bytes are not a recipe.
pub fn open_in(bytes: &[u8], path: &Path) -> Result<Recipe, JobError> {
    parse(path, &text_in(bytes, path)?)
}

fn parse(path: &Path, text: &str) -> Result<Recipe, JobError> {
    Recipe::parse(text).map_err(|source| unusable(path, source))
}

pub(super) fn unusable(path: &Path, source: RecipeError) -> JobError {
    JobError::Recipe { path: path.to_owned(), source }
}

pub(super) fn read_text(path: &Path) -> Result<String, JobError> {
    if let Some(bytes) = stream(path)? {
        return text_in(&bytes, path);
    }
    // A file too large for a recipe may be a picture. A file that cannot be read is reported as if it were a
    // picture.
    let json = read_whole(path, LARGEST_JSON).ok().filter(|bytes| is_json(bytes));
    if let Some(text) = json.and_then(|bytes| String::from_utf8(bytes).ok()) {
        return Ok(text);
    }
    if Container::of_path(path).is_some() {
        let film = Source::open(path, None)?;
        let recipe = film.comment().filter(|comment| is_json(comment.as_bytes()));
        return recipe.map(str::to_owned).ok_or_else(|| JobError::NoRecipe { path: path.to_owned() });
    }
    read_recipe(path)?.ok_or_else(|| JobError::NoRecipe { path: path.to_owned() })
}

fn text_in(bytes: &[u8], path: &Path) -> Result<String, JobError> {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_json(bytes) => Ok(text.to_owned()),
        _ => read_recipe_in(bytes, path)?.ok_or_else(|| JobError::NoRecipe { path: path.to_owned() }),
    }
}
