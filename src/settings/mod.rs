//! What may be set, each declared once, by `settings!`.
//!
//! ```text
//!     declaration      group, name, type, default, form: settings! { ... }
//!          |
//!     form/            how values of a type are written, which are accepted: text, JSON, range, schema
//!          |
//!     Setting          a form and the place of its value in the struct of settings
//!          |
//!     flags, help, recipe keys, checks, presets, lists over octaves, variants, schema
//! ```
//!
//! A set of settings is a struct with a value for each ([`Settings`]) and a struct of changes to it, with an
//! `Option` for each. Changes are what flags, presets, recipes and JSON become; [`Settings::layered`] decides
//! which of them counts, and [`Settings::changed`] applies it. Nothing here knows what a setting is for.

mod declare;
pub mod form;
mod json;
pub mod per_octave;
mod schema;
mod setting;

use serde::Serialize;
use serde_json::Value;

use crate::remedy::Fault;

pub(crate) use declare::settings;
pub use json::JsonError;
pub use setting::{Declared, Place, Setting, of};

/// A struct of settings.
pub trait Settings: std::fmt::Debug + Clone + Default + Serialize + Sized + 'static {
    /// Some of them and their values.
    type Changes: std::fmt::Debug + Clone + Default + Send + Sync + 'static;

    /// All of them, in order.
    fn all() -> &'static [Setting<Self>];

    /// The setting at this path, like `controls.tv`.
    fn find(path: &str) -> Option<&'static Setting<Self>> {
        Self::all().iter().find(|setting| setting.path == path)
    }

    /// Several changes as one: each counts more than those before it.
    fn layered<'a>(layers: impl IntoIterator<Item = &'a Self::Changes>) -> Self::Changes {
        let mut changes = Self::Changes::default();
        for layer in layers {
            Self::all().iter().for_each(|setting| setting.lay(layer, &mut changes));
        }
        changes
    }

    /// These settings with some changed.
    fn changed(mut self, changes: &Self::Changes) -> Self {
        Self::all().iter().for_each(|setting| setting.apply(changes, &mut self));
        self
    }

    /// Checks the range of each.
    ///
    /// # Errors
    /// The first that is out of its range.
    fn check_ranges(&self) -> Result<(), ConfigError> {
        Self::all().iter().try_for_each(|setting| setting.check(self))
    }

    /// Reads changes from a JSON object, and checks their ranges.
    ///
    /// # Errors
    /// The key or the value that is wrong.
    fn read_json(object: &Value) -> Result<Self::Changes, JsonError> {
        json::read::<Self>(object)
    }

    /// What [`Settings::read_json`] takes, as a JSON schema (draft 2020-12).
    fn schema(title: &str) -> Value {
        schema::of::<Self>(title)
    }
}

/// A setting out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, and must be {accepted}")]
pub struct ConfigError {
    /// Which.
    pub name: String,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub accepted: String,
}

impl Fault for ConfigError {
    fn is_usage(&self) -> bool {
        true
    }
}
