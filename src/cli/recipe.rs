//! Recipes from files: pictures that carry one, or the JSON itself.

use std::path::Path;

use super::{Failure, open_machine};
use crate::dream::Changes;
use crate::dream::recipe::{DeviceMark, Recipe, RecipeError, WeightsMark, is_json};
use crate::files::input::read_whole;
use crate::machine::{Machine, MachineError};
use crate::net::Weights;
use crate::picture::read_recipe;
use crate::store;

/// Far more than a recipe takes.
const LARGEST_JSON: u64 = 16 << 20;

/// A recipe to begin with and to change.
pub(super) struct Base {
    /// How to dream.
    pub(super) changes: Changes,
    /// The recipe, if it is a whole one.
    pub(super) whole: Option<Recipe>,
}

impl Base {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let text = read_text(path)?;
        let changes = Recipe::parse_changes(&text).map_err(|error| wrong(path, &error))?;
        Ok(Self { changes, whole: Recipe::parse(&text).ok() })
    }
}

/// The recipe of a picture, which is to be whole.
pub(super) fn open_recipe(path: &Path) -> Result<Recipe, Failure> {
    Recipe::parse(&read_text(path)?).map_err(|error| wrong(path, &error))
}

fn wrong(path: &Path, error: &RecipeError) -> Failure {
    Failure { message: format!("the recipe in '{}' cannot be used: {error}", path.display()), code: 1 }
}

fn read_text(path: &Path) -> Result<String, Failure> {
    // What is too large for a recipe may be a picture; what cannot be read is told as of a picture.
    let json = read_whole(path, LARGEST_JSON).ok().filter(|bytes| is_json(bytes));
    if let Some(text) = json.and_then(|bytes| String::from_utf8(bytes).ok()) {
        return Ok(text);
    }
    read_recipe(path)?.ok_or_else(|| Failure {
        message: format!(
            "'{}' carries no recipe; pictures that puppyslug dreamed do, unless another program saved them again",
            path.display()
        ),
        code: 1,
    })
}

pub(super) fn mark_of_device(machine: &dyn Machine) -> DeviceMark {
    DeviceMark { kind: machine.kind().to_string(), name: machine.name() }
}

pub(super) fn mark_of_weights(name: String, weights: &Weights) -> WeightsMark {
    WeightsMark { name, sha256: weights.sha256().unwrap_or_default().to_owned() }
}

/// The device asked for; else the one of the recipe; else the best there is.
pub(super) fn open_device(wish: Option<&str>, then: &DeviceMark) -> Result<Box<dyn Machine>, Failure> {
    if let Some(wish) = wish {
        return Ok(open_machine(wish, true)?);
    }
    let name = if then.kind == "cpu" { "cpu" } else { &then.name };
    match open_machine(name, true) {
        Err(MachineError::UnknownDevice(_)) => Ok(open_machine("auto", true)?),
        opened => Ok(opened?),
    }
}

/// The weights that a recipe asks for: those inside the program, or the ones given if they are the same.
pub(super) fn weights_for(mark: &WeightsMark, given: Option<&Path>) -> Result<Weights, Failure> {
    let embedded = Weights::embedded();
    if embedded.sha256() == Some(&mark.sha256) {
        return Ok(embedded);
    }
    let needed = format!("the dream was made with the weights '{}' (SHA-256 {})", mark.name, mark.sha256);
    let path = given.unwrap_or(Path::new(&mark.name));
    let found = match store::find(path) {
        Err(_) if given.is_none() => {
            let message =
                format!("{needed}, which are not inside the program; give their file with --weights");
            return Err(Failure { message, code: 1 });
        }
        found => found?,
    };
    let weights = found.open()?;
    if weights.sha256() == Some(&mark.sha256) {
        return Ok(weights);
    }
    let found = weights.sha256().unwrap_or_default();
    let message = format!("{needed}, and '{}' is another file (SHA-256 {found})", path.display());
    Err(Failure { message, code: 1 })
}
