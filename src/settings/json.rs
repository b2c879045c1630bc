//! Reads changes from JSON, with errors that name the wrong key.

use serde_json::{Map, Value};

use super::{Setting, Settings};
use crate::spelling::nearest;

/// Why JSON could not be read as changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// There is no setting with this key.
    #[error("there is no setting '{key}'; nearest: {}", nearest.join(", "))]
    Key {
        /// The key with those above it: `controls.tvv`.
        key: String,
        /// The keys that may have been meant.
        nearest: Vec<String>,
    },
    /// The key does not take this value.
    #[error("'{key}' is {value}: {reason}")]
    Value {
        /// The key with those above it; empty for the whole JSON value.
        key: String,
        /// The value in the JSON.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

pub(super) fn read<C: Settings>(json: &Value) -> Result<C::Changes, JsonError> {
    let mut changes = Vec::new();
    collect::<C>(object(json, "")?, "", &mut changes)?;
    Ok(C::layered(&changes))
}

/// Collects the changes of all keys of an object.
fn collect<C: Settings>(
    object: &Map<String, Value>,
    above: &str,
    changes: &mut Vec<C::Changes>,
) -> Result<(), JsonError> {
    for (key, value) in object {
        let path = format!("{above}{key}");
        let inside = format!("{path}.");
        if let Some(setting) = C::find(&path) {
            changes.push(read_one(setting, value)?);
        } else if C::all().iter().any(|setting| setting.path.starts_with(&inside)) {
            collect::<C>(self::object(value, &path)?, &inside, changes)?;
        } else {
            return Err(JsonError::Key { key: path, nearest: nearest(key, keys::<C>(above)) });
        }
    }
    Ok(())
}

/// Reads the change to one setting, and checks its range.
fn read_one<C: Settings>(setting: &Setting<C>, value: &Value) -> Result<C::Changes, JsonError> {
    let wrong = |reason| JsonError::Value { key: setting.path.to_owned(), value: value.to_string(), reason };
    let changes = setting.read_json(value).map_err(wrong)?;
    match setting.check(&C::default().changed(&changes)) {
        Ok(()) => Ok(changes),
        Err(refused) if refused.name == setting.words() => {
            Err(wrong(format!("it must be {}", refused.accepted)))
        }
        Err(refused) => Err(wrong(refused.to_string())),
    }
}

/// The keys that the object under this path may have.
fn keys<C: Settings>(above: &str) -> impl Iterator<Item = &'static str> {
    let here = C::all().iter().filter_map(move |setting| setting.path.strip_prefix(above));
    here.map(|rest| rest.split('.').next().unwrap_or(rest))
}

fn object<'a>(value: &'a Value, key: &str) -> Result<&'a Map<String, Value>, JsonError> {
    value.as_object().ok_or_else(|| JsonError::Value {
        key: key.to_owned(),
        value: value.to_string(),
        reason: "an object with settings is needed".to_owned(),
    })
}
