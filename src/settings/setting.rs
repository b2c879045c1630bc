//! A setting: a form, and the place of its value.

use std::fmt::Debug;

use serde_json::{Map, Value};

use super::form::{Form, Refusal, Shape};
use super::{ConfigError, Settings};

/// What is declared for a setting besides name, type and default.
#[derive(Debug)]
pub struct Declared<F: Form> {
    form: F,
    default_words: Option<&'static str>,
    drawn: Option<Draw<F::Value>>,
}

/// How many values variants may draw, and a function from a number below that to its value.
type Draw<T> = (u64, fn(usize) -> T);

/// Declares a setting whose values have this form.
pub fn of<F: Form>(form: F) -> Declared<F> {
    Declared { form, default_words: None, drawn: None }
}

impl<F: Form> Declared<F> {
    /// Describes the default, if it is a rule rather than a value.
    pub fn by_default(self, words: &'static str) -> Self {
        Self { default_words: Some(words), ..self }
    }

    /// Lets variants of a dream draw the setting from this many values.
    pub fn drawn_of(self, choices: u64, value: fn(usize) -> F::Value) -> Self {
        Self { drawn: Some((choices, value)), ..self }
    }
}

/// Accessors for the value of a setting, and for the change to it.
#[derive(Debug)]
pub struct Place<C: Settings, T> {
    /// The value.
    pub value: fn(&C) -> &T,
    /// The value, mutable.
    pub value_mut: fn(&mut C) -> &mut T,
    /// The change, if any.
    pub change: fn(&C::Changes) -> &Option<T>,
    /// The change, mutable.
    pub change_mut: fn(&mut C::Changes) -> &mut Option<T>,
}

/// A setting, whatever the type of its values.
#[derive(Debug)]
pub struct Setting<C: Settings> {
    /// Its name, prefixed by those of its groups: `controls.tv`.
    pub path: &'static str,
    /// Its name on the command line, without the groups: `octave-scale`.
    pub flag: String,
    /// The heading under which it is listed for people.
    pub group: &'static str,
    /// What it does.
    pub about: &'static str,
    /// How its values look on the command line.
    pub shape: Shape,
    /// The placeholder for a value in help: `N[,N...]`.
    pub value_name: String,
    /// The accepted values in words.
    pub accepted: String,
    /// Its default in words.
    pub default: String,
    /// The keywords of a JSON schema that accept the same values.
    pub schema: Map<String, Value>,
    /// How many values variants of a dream may draw from; 0 if the setting is never drawn.
    pub choices: u64,
    field: Box<dyn Field<C>>,
}

impl<C: Settings> Setting<C> {
    /// A setting; called by the macro `settings!`.
    pub fn new<F: Form>(
        path: &'static str,
        group: &'static str,
        about: &'static str,
        Declared { form, default_words, drawn }: Declared<F>,
        place: Place<C, F::Value>,
    ) -> Self {
        let default = || form.write((place.value)(&C::default()));
        Self {
            path,
            flag: path.rsplit('.').next().unwrap_or(path).replace('_', "-"),
            group,
            about: about.trim(),
            shape: form.shape(),
            value_name: form.name(),
            accepted: form.accepted(),
            default: default_words.map_or_else(default, str::to_owned),
            schema: form.schema(),
            choices: drawn.map_or(0, |(choices, _)| choices),
            field: Box::new(Placed { form, place, drawn: drawn.map(|(_, value)| value) }),
        }
    }

    /// Its name for people, without the groups: `octave scale`.
    pub fn words(&self) -> String {
        self.flag.replace('-', " ")
    }

    /// Parses a text into a change.
    ///
    /// # Errors
    /// Says what is needed instead.
    pub fn read(&self, text: &str) -> Result<C::Changes, String> {
        self.field.read(text)
    }

    /// Reads a JSON value as a change, without checking its range.
    ///
    /// # Errors
    /// Says what is needed instead.
    pub fn read_json(&self, json: &Value) -> Result<C::Changes, String> {
        self.field.read_json(json)
    }

    /// The change to the drawn value with this number, which must be below [`Setting::choices`].
    pub fn drawn(&self, number: usize) -> C::Changes {
        self.field.drawn(number)
    }

    /// The new value as written on the command line, if the setting is changed.
    pub fn written(&self, changes: &C::Changes) -> Option<String> {
        self.field.written(changes)
    }

    /// Copies its change, if there is one, from one set of changes onto another.
    pub fn lay(&self, from: &C::Changes, onto: &mut C::Changes) {
        self.field.lay(from, onto);
    }

    /// Applies its change, if there is one, to its value.
    pub fn apply(&self, from: &C::Changes, onto: &mut C) {
        self.field.apply(from, onto);
    }

    /// Checks the range of its value.
    ///
    /// # Errors
    /// Its value is out of its range.
    pub fn check(&self, settings: &C) -> Result<(), ConfigError> {
        self.field.check(settings).map_err(|Refusal { part, value, accepted }| ConfigError {
            name: format!("{}{part}", self.words()),
            value,
            accepted,
        })
    }
}

/// A form and a place, with the type of the values erased.
trait Field<C: Settings>: Debug + Send + Sync {
    fn read(&self, text: &str) -> Result<C::Changes, String>;
    fn read_json(&self, json: &Value) -> Result<C::Changes, String>;
    fn drawn(&self, number: usize) -> C::Changes;
    fn written(&self, changes: &C::Changes) -> Option<String>;
    fn lay(&self, from: &C::Changes, onto: &mut C::Changes);
    fn apply(&self, from: &C::Changes, onto: &mut C);
    fn check(&self, settings: &C) -> Result<(), Refusal>;
}

#[derive(Debug)]
struct Placed<C: Settings, F: Form> {
    form: F,
    place: Place<C, F::Value>,
    drawn: Option<fn(usize) -> F::Value>,
}

impl<C: Settings, F: Form> Placed<C, F> {
    fn only(&self, value: F::Value) -> C::Changes {
        let mut changes = C::Changes::default();
        *(self.place.change_mut)(&mut changes) = Some(value);
        changes
    }
}

impl<C: Settings, F: Form> Field<C> for Placed<C, F> {
    fn read(&self, text: &str) -> Result<C::Changes, String> {
        self.form.read(text).map(|value| self.only(value))
    }

    fn read_json(&self, json: &Value) -> Result<C::Changes, String> {
        self.form.read_json(json).map(|value| self.only(value))
    }

    fn drawn(&self, number: usize) -> C::Changes {
        self.drawn.map_or_else(C::Changes::default, |value| self.only(value(number)))
    }

    fn written(&self, changes: &C::Changes) -> Option<String> {
        (self.place.change)(changes).as_ref().map(|value| self.form.write(value))
    }

    fn lay(&self, from: &C::Changes, onto: &mut C::Changes) {
        if let Some(value) = (self.place.change)(from) {
            *(self.place.change_mut)(onto) = Some(value.clone());
        }
    }

    fn apply(&self, from: &C::Changes, onto: &mut C) {
        if let Some(value) = (self.place.change)(from) {
            *(self.place.value_mut)(onto) = value.clone();
        }
    }

    fn check(&self, settings: &C) -> Result<(), Refusal> {
        self.form.check((self.place.value)(settings))
    }
}
