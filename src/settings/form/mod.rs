//! Forms: how the values of a setting are written, and which are accepted.

mod bytes;
mod choice;
mod number;
mod octaves;
mod pair;
mod per_octave;

use std::fmt::Debug;

use serde_json::{Map, Value};

pub use bytes::{Bytes, bytes};
pub use choice::{Optional, Switch, Word, Words, optional, switch, word};
pub(crate) use choice::{needed, words};
pub use number::{Number, Numeric, parse_whole, real, whole};
pub use octaves::{CountOrAuto, octaves};
pub use pair::{Pair, pair};
pub use per_octave::{EachOctave, per_octave};

/// How the values of a type are written in text and in JSON, and which are accepted. Every error message about a
/// refused value is worded to follow the name of the setting.
pub trait Form: Debug + Send + Sync + 'static {
    /// The type of the values.
    type Value: Debug + Clone + 'static;

    /// The placeholder for a value in help: `N[,N...]`.
    fn name(&self) -> String;

    /// How values look on a command line.
    fn shape(&self) -> Shape;

    /// Parses a text.
    ///
    /// # Errors
    /// Says what is needed instead: `a number is needed, like 1.5`.
    fn read(&self, text: &str) -> Result<Self::Value, String>;

    /// The text that [`Form::read`] parses into this value.
    fn write(&self, value: &Self::Value) -> String;

    /// Reads JSON.
    ///
    /// # Errors
    /// Says what is needed instead.
    fn read_json(&self, json: &Value) -> Result<Self::Value, String>;

    /// Checks the range.
    ///
    /// # Errors
    /// Says which value, or part of it, is out of range.
    fn check(&self, value: &Self::Value) -> Result<(), Refusal>;

    /// The accepted values in words: `from 1 to 100, or auto`.
    fn accepted(&self) -> String;

    /// The keywords of a JSON schema that accepts the same values.
    fn schema(&self) -> Map<String, Value>;
}

/// How values look on a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// On or off: the flag alone, without a value, means on.
    Switch,
    /// A word.
    Word,
    /// A number, perhaps negative.
    Number,
    /// Several numbers in one text.
    Numbers,
}

/// A value, or a part of one, is out of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The part, worded to follow the setting's name: ` of octave 2`; empty for the whole value.
    pub part: String,
    /// The refused value.
    pub value: String,
    /// The values that are accepted.
    pub accepted: String,
}

/// The keywords in an object made by `json!`.
fn keywords(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
