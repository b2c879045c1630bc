//! The forms of settings that only dreams have.

use serde_json::{Map, Value, json};

use crate::dream::objective::Objective;
use crate::net::weights::parse_mean;
use crate::settings::form::{Form, Refusal, Shape};

use super::describe;

/// The form of what is climbed.
#[derive(Debug)]
pub(super) struct Climbed;

/// Objectives, at least one.
pub(super) fn climbed() -> Climbed {
    Climbed
}

impl Form for Climbed {
    type Value = Vec<Objective>;

    fn name(&self) -> String {
        "SPEC".to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Word
    }

    fn read(&self, text: &str) -> Result<Vec<Objective>, String> {
        text.parse()
            .map(|objective| vec![objective])
            .map_err(|error: <Objective as std::str::FromStr>::Err| error.to_string())
    }

    fn write(&self, value: &Vec<Objective>) -> String {
        describe(value.iter())
    }

    fn read_json(&self, json: &Value) -> Result<Vec<Objective>, String> {
        let needed = || "a list of texts is needed, like [\"l2:inception_4c/output\"]".to_owned();
        let read = |one: &Value| {
            let objective = one.as_str().ok_or_else(needed)?.parse::<Objective>();
            objective.map_err(|error| error.to_string())
        };
        json.as_array().ok_or_else(needed)?.iter().map(read).collect()
    }

    fn check(&self, value: &Vec<Objective>) -> Result<(), Refusal> {
        let weighs = |objective: &Objective| objective.weight.is_finite() && objective.weight != 0.0;
        let refused = |value: String, accepted: &str| {
            Err(Refusal { part: String::new(), value, accepted: accepted.to_owned() })
        };
        match value.iter().find(|objective| !weighs(objective)) {
            Some(objective) => refused(objective.to_string(), "of a weight that is finite and not 0"),
            None if value.is_empty() => refused("empty".to_owned(), "at least one"),
            None => Ok(()),
        }
    }

    fn accepted(&self) -> String {
        "at least one".to_owned()
    }

    fn schema(&self) -> Map<String, Value> {
        let entries =
            [("type", json!("array")), ("items", json!({ "type": "string" })), ("minItems", json!(1))];
        entries.into_iter().map(|(keyword, value)| (keyword.to_owned(), value)).collect()
    }
}

/// The form of a mean colour.
#[derive(Debug)]
pub(super) struct Mean;

/// Blue, green and red.
pub(super) fn mean() -> Mean {
    Mean
}

impl Form for Mean {
    type Value = [f32; 3];

    fn name(&self) -> String {
        "B,G,R".to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Numbers
    }

    fn read(&self, text: &str) -> Result<[f32; 3], String> {
        parse_mean(text).ok_or_else(|| {
            "three numbers from 0 to 255 are needed, blue, green and red, like 104,116,122".to_owned()
        })
    }

    fn write(&self, value: &[f32; 3]) -> String {
        value.map(|level| level.to_string()).join(",")
    }

    fn read_json(&self, json: &Value) -> Result<[f32; 3], String> {
        let level = |level: &Value| level.as_f64().map(|level| level as f32);
        let levels: Option<Vec<f32>> = json.as_array().and_then(|list| list.iter().map(level).collect());
        let needed = || "a list of three numbers is needed, blue, green and red".to_owned();
        levels.and_then(|levels| levels.try_into().ok()).ok_or_else(needed)
    }

    fn check(&self, value: &[f32; 3]) -> Result<(), Refusal> {
        if value.iter().all(|level| (0.0..=255.0).contains(level)) {
            return Ok(());
        }
        Err(Refusal { part: String::new(), value: self.write(value), accepted: self.accepted() })
    }

    fn accepted(&self) -> String {
        "three numbers from 0 to 255".to_owned()
    }

    fn schema(&self) -> Map<String, Value> {
        let level = json!({ "type": "number", "minimum": 0, "maximum": 255 });
        let entries =
            [("type", json!("array")), ("items", level), ("minItems", json!(3)), ("maxItems", json!(3))];
        entries.into_iter().map(|(keyword, value)| (keyword.to_owned(), value)).collect()
    }
}
