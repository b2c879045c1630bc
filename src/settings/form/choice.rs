//! The forms of words, switches and optional values.

use std::marker::PhantomData;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use super::{Form, Refusal, Shape, keywords};

/// A type whose values are words; `words!` implements it for an enum.
pub trait Words:
    std::fmt::Debug + Copy + PartialEq + FromStr<Err = String> + ToString + Send + Sync + 'static
{
    /// All words.
    const WORDS: &'static [&'static str];
}

/// Assigns words to the values of an enum, for text, for JSON and as a [`Form`].
macro_rules! words {
    ($kind:ident: $($word:literal = $value:ident),*) => {
        impl $crate::settings::form::Words for $kind {
            const WORDS: &'static [&'static str] = &[$($word),*];
        }

        impl std::str::FromStr for $kind {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$value),)*
                    _ => Err($crate::settings::form::needed::<Self>()),
                }
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$value => $word,)* })
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

pub(crate) use words;

/// The words of a type as a list: `mean, std or rms`.
fn listed<T: Words>() -> String {
    match T::WORDS {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        words => words.concat(),
    }
}

/// The error message for a word that is not one of them.
pub(crate) fn needed<T: Words>() -> String {
    format!("{} is needed", listed::<T>())
}

/// The form of a choice between a few words.
#[derive(Debug)]
pub struct Word<T> {
    name: &'static str,
    words: PhantomData<fn() -> T>,
}

/// One of the words of a type; `name` is its placeholder in help.
pub fn word<T: Words>(name: &'static str) -> Word<T> {
    Word { name, words: PhantomData }
}

impl<T: Words> Form for Word<T> {
    type Value = T;

    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Word
    }

    fn read(&self, text: &str) -> Result<T, String> {
        text.parse()
    }

    fn write(&self, value: &T) -> String {
        value.to_string()
    }

    fn read_json(&self, json: &Value) -> Result<T, String> {
        json.as_str().map_or_else(|| Err(needed::<T>()), str::parse)
    }

    fn check(&self, _: &T) -> Result<(), Refusal> {
        Ok(())
    }

    fn accepted(&self) -> String {
        listed::<T>()
    }

    fn schema(&self) -> Map<String, Value> {
        keywords(json!({ "enum": T::WORDS }))
    }
}

/// The form of a switch.
#[derive(Debug)]
pub struct Switch;

/// On or off.
pub fn switch() -> Switch {
    Switch
}

impl Form for Switch {
    type Value = bool;

    fn name(&self) -> String {
        "true|false".to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Switch
    }

    fn read(&self, text: &str) -> Result<bool, String> {
        text.parse().map_err(|_| "true or false is needed".to_owned())
    }

    fn write(&self, value: &bool) -> String {
        value.to_string()
    }

    fn read_json(&self, json: &Value) -> Result<bool, String> {
        json.as_bool().ok_or_else(|| "true or false is needed".to_owned())
    }

    fn check(&self, _: &bool) -> Result<(), Refusal> {
        Ok(())
    }

    fn accepted(&self) -> String {
        "true or false".to_owned()
    }

    fn schema(&self) -> Map<String, Value> {
        keywords(json!({ "type": "boolean" }))
    }
}

/// The form of an optional value.
#[derive(Debug)]
pub struct Optional<F>(F);

/// A value of this form, or none.
pub fn optional<F: Form>(form: F) -> Optional<F> {
    Optional(form)
}

const NONE: &str = "none";

impl<F: Form> Form for Optional<F> {
    type Value = Option<F::Value>;

    fn name(&self) -> String {
        self.0.name()
    }

    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn read(&self, text: &str) -> Result<Self::Value, String> {
        if text == NONE { Ok(None) } else { self.0.read(text).map(Some) }
    }

    fn write(&self, value: &Self::Value) -> String {
        value.as_ref().map_or(NONE.to_owned(), |value| self.0.write(value))
    }

    fn read_json(&self, json: &Value) -> Result<Self::Value, String> {
        if json.is_null() { Ok(None) } else { self.0.read_json(json).map(Some) }
    }

    fn check(&self, value: &Self::Value) -> Result<(), Refusal> {
        value.as_ref().map_or(Ok(()), |value| self.0.check(value))
    }

    fn accepted(&self) -> String {
        self.0.accepted()
    }

    fn schema(&self) -> Map<String, Value> {
        keywords(json!({ "oneOf": [self.0.schema(), { "type": "null" }] }))
    }
}
