//! The form of memory sizes.

use serde_json::{Map, Value, json};

use super::{Form, Refusal, Shape, keywords};
use crate::files::bytes::{ByteSize, NotBytes};

/// The form of a number of bytes.
#[derive(Debug)]
pub struct Bytes {
    least: u64,
    least_words: &'static str,
}

/// At least `least` bytes, which `words` expresses for people.
pub fn bytes(least: u64, words: &'static str) -> Bytes {
    Bytes { least, least_words: words }
}

impl Form for Bytes {
    type Value = u64;

    fn name(&self) -> String {
        "SIZE".to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Number
    }

    fn read(&self, text: &str) -> Result<u64, String> {
        text.parse().map(|ByteSize(bytes)| bytes).map_err(|error: NotBytes| error.to_string())
    }

    fn write(&self, value: &u64) -> String {
        value.to_string()
    }

    fn read_json(&self, json: &Value) -> Result<u64, String> {
        json.as_u64().ok_or_else(|| "a whole number of bytes is needed".to_owned())
    }

    fn check(&self, &value: &u64) -> Result<(), Refusal> {
        if value >= self.least {
            return Ok(());
        }
        Err(Refusal { part: String::new(), value: format!("{value} bytes"), accepted: self.accepted() })
    }

    fn accepted(&self) -> String {
        format!("{} or more", self.least_words)
    }

    fn schema(&self) -> Map<String, Value> {
        keywords(json!({ "type": "integer", "minimum": self.least }))
    }
}
