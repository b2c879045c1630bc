//! Sizes of memory.

use serde_json::{Map, Value, json};

use super::{Form, Refusal, Shape, keywords, parse_whole};

/// The form of a number of bytes.
pub struct Bytes {
    least: u64,
    least_words: &'static str,
}

/// So many bytes or more; `words` say the least of them.
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
        parse_bytes(text)
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

/// Bytes, or a number of K, M, G or T: thousands, or with an i (Ki, MiB) powers of 1024.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: f64 = match unit.trim().trim_end_matches(['b', 'B']).to_ascii_lowercase().as_str() {
        // As a whole number, which may be too long for the others' way.
        "" if parse_whole::<u64>(number).is_ok() => return parse_whole(number),
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "t" => 1e12,
        "ki" => 1024.0,
        "mi" => 1024f64.powi(2),
        "gi" => 1024f64.powi(3),
        "ti" => 1024f64.powi(4),
        _ => f64::NAN,
    };
    match number.parse::<f64>().map(|number| number * factor) {
        Ok(bytes) if bytes.is_finite() => Ok(bytes as u64),
        _ => Err("a size is needed, like 900M, 2.5G or 4GiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_bytes;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("4096", 4096),
            ("900M", 900_000_000),
            ("2.5g", 2_500_000_000),
            ("4GiB", 4 << 30),
            ("1 kB", 1000),
            ("0.5Ki", 512),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "G", "much", "-1G", "1.2.3M", "5X", "1e300G"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}
