//! The form of numbers in a range.

use std::fmt::Display;
use std::num::{IntErrorKind, ParseIntError};
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Form, Refusal, Shape, keywords};
use crate::settings::schema::shortest;

/// A type of number.
pub trait Numeric: std::fmt::Debug + Copy + PartialOrd + Display + Serialize + Send + Sync + 'static {
    /// Its name in JSON schemas.
    const JSON: &'static str;
    /// Its placeholder in help.
    const NAME: &'static str;

    /// Parses a text.
    ///
    /// # Errors
    /// Says what is needed instead.
    fn read(text: &str) -> Result<Self, String>;

    /// Reads JSON.
    ///
    /// # Errors
    /// Says what is needed instead.
    fn read_json(json: &Value) -> Result<Self, String>;
}

/// Parses a whole number.
///
/// # Errors
/// Says what is needed instead.
pub fn parse_whole<N: FromStr<Err = ParseIntError>>(text: &str) -> Result<N, String> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => "that is too large a number".to_owned(),
        _ => "a whole number is needed".to_owned(),
    })
}

macro_rules! whole_numbers {
    ($($kind:ty),*) => {$(
        impl Numeric for $kind {
            const JSON: &'static str = "integer";
            const NAME: &'static str = "N";

            fn read(text: &str) -> Result<Self, String> {
                parse_whole(text)
            }

            fn read_json(json: &Value) -> Result<Self, String> {
                let number = json.as_u64().ok_or("a whole number is needed")?;
                number.try_into().map_err(|_| "that is too large a number".to_owned())
            }
        }
    )*};
}

macro_rules! real_numbers {
    ($($kind:ty),*) => {$(
        impl Numeric for $kind {
            const JSON: &'static str = "number";
            const NAME: &'static str = "X";

            fn read(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| "a number is needed, like 1.5".to_owned())
            }

            fn read_json(json: &Value) -> Result<Self, String> {
                json.as_f64().map(|number| number as $kind).ok_or_else(|| "a number is needed".to_owned())
            }
        }
    )*};
}

whole_numbers!(u32, u64, usize);
real_numbers!(f32, f64);

/// The form of a number.
#[derive(Debug)]
pub struct Number<N> {
    least: Option<N>,
    most: Option<N>,
    except: Option<N>,
    unit: &'static str,
    like: &'static str,
    name: &'static str,
}

/// A whole number in a range.
pub fn whole<N: Numeric>(range: impl RangeBounds<N>) -> Number<N> {
    number(range)
}

/// A number in a range, which may have decimals.
pub fn real<N: Numeric>(range: impl RangeBounds<N>) -> Number<N> {
    number(range)
}

fn number<N: Numeric>(range: impl RangeBounds<N>) -> Number<N> {
    let end = |bound: Bound<&N>| match bound {
        Bound::Included(&end) | Bound::Excluded(&end) => Some(end),
        Bound::Unbounded => None,
    };
    let (least, most) = (end(range.start_bound()), end(range.end_bound()));
    Number { least, most, except: None, unit: "", like: "", name: N::NAME }
}

impl<N: Numeric> Number<N> {
    /// Excludes one number from the range.
    pub fn but_not(self, number: N) -> Self {
        Self { except: Some(number), ..self }
    }

    /// Sets the unit: `pixels`.
    pub fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// Sets an example for messages.
    pub fn like(self, like: &'static str) -> Self {
        Self { like, ..self }
    }

    /// Sets the placeholder in help.
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    fn starts_above(&self) -> bool {
        self.except.is_some() && self.except == self.least
    }

    fn contains(&self, value: N) -> bool {
        self.least.is_none_or(|least| least <= value)
            && self.most.is_none_or(|most| value <= most)
            && self.except != Some(value)
    }

    fn range_words(&self) -> String {
        match (self.least, self.most) {
            (Some(least), Some(most)) if self.starts_above() => format!("above {least} and at most {most}"),
            (Some(least), Some(most)) => format!("from {least} to {most}"),
            (Some(least), None) => format!("{least} or more"),
            (None, Some(most)) => format!("at most {most}"),
            (None, None) => "any number".to_owned(),
        }
    }
}

impl<N: Numeric> Form for Number<N> {
    type Value = N;

    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Number
    }

    fn read(&self, text: &str) -> Result<N, String> {
        N::read(text)
    }

    fn write(&self, value: &N) -> String {
        value.to_string()
    }

    fn read_json(&self, json: &Value) -> Result<N, String> {
        N::read_json(json)
    }

    fn check(&self, &value: &N) -> Result<(), Refusal> {
        if self.contains(value) {
            return Ok(());
        }
        Err(Refusal { part: String::new(), value: value.to_string(), accepted: self.accepted() })
    }

    fn accepted(&self) -> String {
        let mut words = self.range_words();
        if !self.unit.is_empty() {
            words = format!("{words} {}", self.unit);
        }
        if let Some(except) = self.except.filter(|_| !self.starts_above()) {
            words = format!("{words} and not {except}");
        }
        if !self.like.is_empty() {
            words = format!("{words}, like {}", self.like);
        }
        words
    }

    fn schema(&self) -> Map<String, Value> {
        let mut schema = keywords(json!({ "type": N::JSON }));
        let mut say = |keyword: &str, number: Option<N>| {
            schema.extend(number.map(|number| (keyword.to_owned(), shortest(&number))));
        };
        say(if self.starts_above() { "exclusiveMinimum" } else { "minimum" }, self.least);
        say("maximum", self.most);
        if let Some(except) = self.except.filter(|_| !self.starts_above()) {
            schema.insert("not".to_owned(), json!({ "const": shortest(&except) }));
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked_and_said() {
        let scale = real(1.0..=100.0).but_not(1.0).like("1.4");
        assert_eq!(scale.accepted(), "above 1 and at most 100, like 1.4");
        assert!([1.4f64, 100.0].iter().all(|number| scale.check(number).is_ok()));
        assert!([1.0, 100.1, f64::NAN, f64::INFINITY].iter().all(|number| scale.check(number).is_err()));
        assert_eq!(scale.schema()["exclusiveMinimum"], 1.0);
        let step = real::<f32>(-1000.0..=1000.0).but_not(0.0);
        assert_eq!(step.accepted(), "from -1000 to 1000 and not 0");
        assert!(step.check(&-0.0).is_err() && step.check(&-1.5).is_ok());
        assert_eq!(step.schema()["not"]["const"], 0.0);
        let edge = whole::<usize>(1..).unit("pixels");
        assert_eq!((edge.accepted(), edge.check(&0).is_err()), ("1 or more pixels".to_owned(), true));
    }

    #[test]
    fn whole_numbers_are_whole() {
        let jitter = whole::<u32>(0..=65_535);
        for text in ["-1", "x", "1.5", "nan", ""] {
            assert!(jitter.read(text).expect_err(text).contains("a whole number is needed"), "{text}");
        }
        assert!(jitter.read("99999999999999999999").expect_err("large").contains("too large"));
        assert!(jitter.read_json(&json!(1u64 << 32)).expect_err("large").contains("too large"));
        assert!(jitter.read_json(&json!(1.5)).expect_err("a part").contains("a whole number is needed"));
        assert_eq!((jitter.read("7"), jitter.read_json(&json!(7))), (Ok(7), Ok(7)));
    }
}
