//! The form of a list with a value for each octave.

use serde_json::{Map, Value, json};

use super::{Form, Refusal, Shape, keywords};
use crate::settings::per_octave::PerOctave;

/// The form of a list over octaves; in JSON, a single value needs no brackets.
#[derive(Debug)]
pub struct EachOctave<F>(F);

/// A value of this form for each octave.
pub fn per_octave<F: Form>(form: F) -> EachOctave<F> {
    EachOctave(form)
}

impl<F: Form> Form for EachOctave<F> {
    type Value = PerOctave<F::Value>;

    fn name(&self) -> String {
        let one = self.0.name();
        format!("{one}[,{one}...]")
    }

    fn shape(&self) -> Shape {
        Shape::Numbers
    }

    fn read(&self, text: &str) -> Result<Self::Value, String> {
        PerOctave::parse(text, |part| self.0.read(part))
    }

    fn write(&self, value: &Self::Value) -> String {
        value.values().iter().map(|one| self.0.write(one)).collect::<Vec<_>>().join(",")
    }

    fn read_json(&self, json: &Value) -> Result<Self::Value, String> {
        let values = match json {
            Value::Array(list) => list.iter().map(|one| self.0.read_json(one)).collect(),
            one => self.0.read_json(one).map(|value| vec![value]),
        };
        let values = values.map_err(|reason| format!("{reason}, or a list of such, one for each octave"))?;
        match values.is_empty() {
            true => Err("the list is empty; a value for the smallest octave is needed".to_owned()),
            false => Ok(PerOctave::new(values)),
        }
    }

    fn check(&self, value: &Self::Value) -> Result<(), Refusal> {
        let several = value.values().len() > 1;
        value.values().iter().enumerate().try_for_each(|(index, one)| {
            self.0.check(one).map_err(|refusal| match several {
                true => Refusal { part: format!("{} of octave {}", refusal.part, index + 1), ..refusal },
                false => refusal,
            })
        })
    }

    fn accepted(&self) -> String {
        self.0.accepted()
    }

    fn schema(&self) -> Map<String, Value> {
        let one = Value::Object(self.0.schema());
        keywords(json!({ "oneOf": [one, { "type": "array", "items": one, "minItems": 1 }] }))
    }
}
