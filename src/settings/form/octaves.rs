//! The form of the number of octaves.

use serde_json::{Map, Value, json};

use super::{Form, Number, Refusal, Shape, keywords, whole};
use crate::settings::per_octave::{MOST_OCTAVES, Octaves};

/// The form of the number of octaves: a number, or a word that means as many as possible.
#[derive(Debug)]
pub struct CountOrAuto(Number<usize>);

/// A number of octaves, or `auto`.
pub fn octaves() -> CountOrAuto {
    CountOrAuto(whole(1..=MOST_OCTAVES))
}

const AUTO: &str = "auto";

impl Form for CountOrAuto {
    type Value = Octaves;

    fn name(&self) -> String {
        format!("{}|{AUTO}", self.0.name())
    }

    fn shape(&self) -> Shape {
        Shape::Number
    }

    fn read(&self, text: &str) -> Result<Octaves, String> {
        match self.0.read(text) {
            _ if text == AUTO => Ok(Octaves::Auto),
            Ok(count) => Ok(Octaves::Count(count)),
            Err(reason) => Err(format!("{reason}; accepted are numbers {}", self.accepted())),
        }
    }

    fn write(&self, value: &Octaves) -> String {
        value.to_string()
    }

    fn read_json(&self, json: &Value) -> Result<Octaves, String> {
        match self.0.read_json(json) {
            _ if json == AUTO => Ok(Octaves::Auto),
            Ok(count) => Ok(Octaves::Count(count)),
            Err(_) => Err(format!("a whole number {} is needed", self.accepted())),
        }
    }

    fn check(&self, value: &Octaves) -> Result<(), Refusal> {
        let Octaves::Count(count) = value else { return Ok(()) };
        self.0.check(count).map_err(|refusal| Refusal { accepted: self.accepted(), ..refusal })
    }

    fn accepted(&self) -> String {
        format!("{}, or {AUTO}", self.0.accepted())
    }

    fn schema(&self) -> Map<String, Value> {
        keywords(json!({ "oneOf": [self.0.schema(), { "const": AUTO }] }))
    }
}
