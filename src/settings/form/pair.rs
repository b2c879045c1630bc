//! The form of two numbers that belong together.

use serde_json::{Map, Value, json};

use super::{Form, Number, Refusal, Shape, keywords};

/// The form of two numbers separated by a comma.
#[derive(Debug)]
pub struct Pair {
    parts: [(&'static str, Number<f32>); 2],
    alone: Option<fn(f32) -> (f32, f32)>,
    ascending: bool,
    like: &'static str,
    name: &'static str,
}

/// Two numbers, each with its name; `name` is the placeholder for both in help, `like` an example.
pub fn pair(
    first: (&'static str, Number<f32>),
    second: (&'static str, Number<f32>),
    name: &'static str,
    like: &'static str,
) -> Pair {
    Pair { parts: [first, second], alone: None, ascending: false, like, name }
}

impl Pair {
    /// Allows the first number alone; `pair` gives the pair that it means.
    pub fn alone(self, pair: fn(f32) -> (f32, f32)) -> Self {
        Self { alone: Some(pair), ..self }
    }

    /// Requires the first number to be the smaller one.
    pub fn ascending(self) -> Self {
        Self { ascending: true, ..self }
    }

    fn needed(&self) -> String {
        let [(first, _), (second, _)] = self.parts;
        let how_many = if self.alone.is_some() { "one or two numbers are" } else { "two numbers are" };
        format!("{how_many} needed, {first} and {second}, like {}", self.like)
    }
}

impl Form for Pair {
    type Value = (f32, f32);

    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Numbers
    }

    fn read(&self, text: &str) -> Result<(f32, f32), String> {
        let numbers: Option<Vec<f32>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        match (numbers.as_deref(), self.alone) {
            (Some(&[first]), Some(alone)) => Ok(alone(first)),
            (Some(&[first, second]), _) => Ok((first, second)),
            _ => Err(self.needed()),
        }
    }

    fn write(&self, &(first, second): &(f32, f32)) -> String {
        match self.alone {
            Some(alone) if alone(first) == (first, second) => first.to_string(),
            _ => format!("{first},{second}"),
        }
    }

    fn read_json(&self, json: &Value) -> Result<(f32, f32), String> {
        let [(first, _), (second, _)] = self.parts;
        let number = |value: &Value| value.as_f64().map(|number| number as f32);
        let pair = match json.as_array().map(Vec::as_slice) {
            Some([first, second]) => number(first).zip(number(second)),
            _ => None,
        };
        pair.ok_or_else(|| format!("a list of two numbers is needed, {first} and {second}"))
    }

    fn check(&self, value: &(f32, f32)) -> Result<(), Refusal> {
        for ((part, form), number) in self.parts.iter().zip([value.0, value.1]) {
            form.check(&number).map_err(|refusal| Refusal { part: format!(" {part}"), ..refusal })?;
        }
        if self.ascending && value.0 >= value.1 {
            let accepted = format!("two numbers, the lower first, like {}", self.like);
            return Err(Refusal { part: String::new(), value: self.write(value), accepted });
        }
        Ok(())
    }

    fn accepted(&self) -> String {
        self.parts
            .iter()
            .map(|(part, form)| format!("{part} {}", form.accepted()))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn schema(&self) -> Map<String, Value> {
        let items: Vec<_> = self.parts.iter().map(|(_, form)| form.schema()).collect();
        keywords(json!({ "type": "array", "prefixItems": items, "items": false, "minItems": 2 }))
    }
}
