//! The part of a recipe that is a [`Config`]: read with the blame on the right key, and laid over another.

use serde_json::{Map, Value};

use super::{RecipeError, object, to_value, wrong};
use crate::dream::Config;

/// The settings of a recipe, perhaps not all of them: a base to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// Reads the settings of a recipe, of which everything else may be missing.
    ///
    /// # Errors
    /// See [`RecipeError`].
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        Self::of(&object(text)?)
    }

    pub(super) fn of(recipe: &Map<String, Value>) -> Result<Self, RecipeError> {
        let settings = match recipe.get("dream") {
            None => Map::new(),
            Some(Value::Object(settings)) => settings.clone(),
            Some(other) => return Err(wrong("dream", other, "an object with settings is needed")),
        };
        check_values(&settings)?;
        Ok(Self(settings))
    }

    /// Whether a setting is among them.
    pub fn has(&self, setting: &str) -> bool {
        self.0.contains_key(setting) || self.0.values().any(|inner| inner.get(setting).is_some())
    }

    /// These settings in place of `config`'s, except those that are `fixed`.
    ///
    /// # Errors
    /// Values out of their range.
    pub fn over(&self, config: &Config, fixed: impl Fn(&str) -> bool) -> Result<Config, RecipeError> {
        let mut merged = to_value(config);
        overlay(&mut merged, &self.0, &fixed);
        let config: Config =
            serde_json::from_value(merged).map_err(|error| RecipeError::Incomplete(error.to_string()))?;
        match config.check() {
            Ok(()) => Ok(config),
            Err(error) => Err(RecipeError::Incomplete(error.to_string())),
        }
    }
}

/// The names of all settings, those inside others too.
pub fn setting_names() -> Vec<String> {
    fn collect(value: &Value, names: &mut Vec<String>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            match value.is_object() {
                true => collect(value, names),
                false => names.push(name.clone()),
            }
        }
    }
    let mut names = Vec::new();
    collect(&to_value(&Config::default()), &mut names);
    names
}

fn overlay(target: &mut Value, given: &Map<String, Value>, fixed: &impl Fn(&str) -> bool) {
    for (key, value) in given {
        match (&mut target[key.as_str()], value) {
            (target @ Value::Object(_), Value::Object(inner)) => overlay(target, inner, fixed),
            (target, value) if !fixed(key) => *target = value.clone(),
            _ => {}
        }
    }
}

/// Tries each setting alone among defaults, to be able to say which one is wrong.
fn check_values(settings: &Map<String, Value>) -> Result<(), RecipeError> {
    for (path, value) in leaves(settings, &to_value(&Config::default())) {
        let mut alone = to_value(&Config::default());
        let place = path.iter().fold(&mut alone, |inner, key| &mut inner[key]);
        *place = value.clone();
        let key = format!("dream.{}", path.join("."));
        let config: Config =
            serde_json::from_value(alone).map_err(|error| wrong(&key, value, error.to_string()))?;
        config.check().map_err(|error| wrong(&key, value, error.to_string()))?;
    }
    Ok(())
}

/// Every setting with the names that lead to it.
fn leaves<'a>(settings: &'a Map<String, Value>, known: &Value) -> Vec<(Vec<&'a str>, &'a Value)> {
    let mut leaves = Vec::new();
    for (key, value) in settings {
        match value {
            Value::Object(inner) if known[key].is_object() => {
                let inner = self::leaves(inner, &known[key]).into_iter();
                leaves.extend(inner.map(|(path, value)| ([&[key.as_str()], &path[..]].concat(), value)));
            }
            _ => leaves.push((vec![key.as_str()], value)),
        }
    }
    leaves
}
