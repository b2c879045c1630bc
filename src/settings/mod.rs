//! Settings, each declared once, by `settings!`.
//!
//! ```text
//!     declaration      group, name, type, default, form: settings! { ... }
//!          |
//!     form/            how values of a type are written, which are accepted: text, JSON, range, schema
//!          |
//!     Setting          a form, and the place of its value in the struct of settings
//!          |
//!     flags, help, recipe keys, checks, presets, lists over octaves, variants, schema
//! ```
//!
//! A set of settings is a struct with a value for each ([`Settings`]) and a struct of changes to it, with an
//! `Option` for each. Flags, presets, recipes and JSON are all read as changes; [`Settings::layered`] decides
//! which of them takes precedence, and [`Settings::changed`] applies it. Nothing here depends on what a setting is
//! for.

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
    /// New values for some of the settings.
    type Changes: std::fmt::Debug + Clone + Default + Send + Sync + 'static;

    /// All settings, in order.
    fn all() -> &'static [Setting<Self>];

    /// The setting with this path, such as `controls.tv`.
    fn find(path: &str) -> Option<&'static Setting<Self>> {
        Self::all().iter().find(|setting| setting.path == path)
    }

    /// Merges several changes: each takes precedence over those before it.
    fn layered<'a>(layers: impl IntoIterator<Item = &'a Self::Changes>) -> Self::Changes {
        let mut changes = Self::Changes::default();
        for layer in layers {
            Self::all().iter().for_each(|setting| setting.lay(layer, &mut changes));
        }
        changes
    }

    /// These settings with the changes applied.
    fn changed(mut self, changes: &Self::Changes) -> Self {
        Self::all().iter().for_each(|setting| setting.apply(changes, &mut self));
        self
    }

    /// Checks the range of each setting.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    fn check_ranges(&self) -> Result<(), ConfigError> {
        Self::all().iter().try_for_each(|setting| setting.check(self))
    }

    /// Reads changes from a JSON object, and checks their ranges.
    ///
    /// # Errors
    /// Names the key or the value that is wrong.
    fn read_json(object: &Value) -> Result<Self::Changes, JsonError> {
        json::read::<Self>(object)
    }

    /// What [`Settings::read_json`] takes, as a JSON schema (draft 2020-12).
    fn schema(title: &str) -> Value {
        schema::of::<Self>(title)
    }
}

/// A setting is out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, and must be {accepted}")]
pub struct ConfigError {
    /// The name of the setting.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The values that are accepted.
    pub accepted: String,
}

impl Fault for ConfigError {
    fn is_usage(&self) -> bool {
        true
    }
}
