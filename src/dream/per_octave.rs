//! Settings that may differ from octave to octave, and how many octaves there are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Most octaves of a dream.
pub const MOST_OCTAVES: usize = 100;

/// A setting for each octave, smallest first. The last value is that of all octaves after it as well, so one
/// value is the same everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written<T>", into = "Written<T>", bound(serialize = "T: Clone + Serialize"))]
pub struct PerOctave<T>(Vec<T>);

/// A list as a recipe has it: a single value needs no brackets.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a number is needed, or a list of numbers")]
enum Written<T> {
    One(T),
    Several(#[serde(deserialize_with = "some")] Vec<T>),
}

/// A list with something in it.
fn some<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let values = Vec::deserialize(deserializer)?;
    if values.is_empty() { Err(serde::de::Error::custom("the list is empty")) } else { Ok(values) }
}

impl<T> From<Written<T>> for PerOctave<T> {
    fn from(written: Written<T>) -> Self {
        match written {
            Written::One(value) => Self(vec![value]),
            Written::Several(values) => Self(values),
        }
    }
}

impl<T> From<PerOctave<T>> for Written<T> {
    fn from(PerOctave(mut values): PerOctave<T>) -> Self {
        match values.pop() {
            Some(value) if values.is_empty() => Self::One(value),
            last => Self::Several(values.into_iter().chain(last).collect()),
        }
    }
}

impl<T> PerOctave<T> {
    /// Values for the smallest octave and those after it.
    ///
    /// # Panics
    /// If there is none.
    pub fn new(values: Vec<T>) -> Self {
        assert!(!values.is_empty(), "a value for the smallest octave");
        Self(values)
    }

    /// The value of octave `index`, counted from 0, the smallest.
    pub fn at(&self, index: usize) -> &T {
        &self.0[index.min(self.0.len() - 1)]
    }

    /// As many as were given.
    pub fn values(&self) -> &[T] {
        &self.0
    }

    /// The values from text that holds them between commas, each read by `parse`.
    pub fn parse(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        text.split(',').map(parse).collect::<Result<_, _>>().map(Self)
    }
}

impl<T> From<T> for PerOctave<T> {
    fn from(value: T) -> Self {
        Self(vec![value])
    }
}

impl<T: fmt::Display> fmt::Display for PerOctave<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.0.iter().map(T::to_string).collect();
        f.write_str(&values.join(","))
    }
}

/// How many sizes of the picture are dreamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenOctaves", into = "WrittenOctaves")]
pub enum Octaves {
    /// At most so many: those too small for the layers wanted are left out.
    Count(usize),
    /// All that the layers wanted leave cells at.
    Auto,
}

impl Octaves {
    /// At most how many there are.
    pub fn most(self) -> usize {
        match self {
            Octaves::Count(count) => count,
            Octaves::Auto => MOST_OCTAVES,
        }
    }
}

/// The same as a recipe has it: a number, or `"auto"`.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a whole number or \"auto\" is needed")]
enum WrittenOctaves {
    Count(usize),
    Word(String),
}

impl From<Octaves> for WrittenOctaves {
    fn from(octaves: Octaves) -> Self {
        match octaves {
            Octaves::Count(count) => Self::Count(count),
            Octaves::Auto => Self::Word(octaves.to_string()),
        }
    }
}

impl TryFrom<WrittenOctaves> for Octaves {
    type Error = String;

    fn try_from(written: WrittenOctaves) -> Result<Self, String> {
        match written {
            WrittenOctaves::Count(count) => Ok(Self::Count(count)),
            WrittenOctaves::Word(word) if word == "auto" => Ok(Self::Auto),
            WrittenOctaves::Word(_) => Err("a whole number or \"auto\" is needed".to_owned()),
        }
    }
}

impl From<usize> for Octaves {
    fn from(count: usize) -> Self {
        Octaves::Count(count)
    }
}

impl FromStr for Octaves {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("auto", _) => Ok(Octaves::Auto),
            (_, Ok(count)) => Ok(Octaves::Count(count)),
            _ => Err("a whole number or 'auto' is needed".to_owned()),
        }
    }
}

impl fmt::Display for Octaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Octaves::Count(count) => write!(f, "{count}"),
            Octaves::Auto => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_repeats() {
        let number = |text: &str| text.parse::<usize>().map_err(|error| error.to_string());
        let iterations = PerOctave::parse("20,10,5", number).expect("three numbers");
        assert_eq!([0, 1, 2, 3, 9].map(|octave| *iterations.at(octave)), [20, 10, 5, 5, 5]);
        assert_eq!(iterations.to_string(), "20,10,5");
        assert!(PerOctave::parse("20,,5", number).is_err());
        assert_eq!(PerOctave::from(3), PerOctave::new(vec![3]));
    }

    #[test]
    fn octaves_read_what_they_write() {
        for octaves in [Octaves::Auto, Octaves::Count(7)] {
            assert_eq!(octaves.to_string().parse(), Ok(octaves));
        }
        assert!("all".parse::<Octaves>().is_err() && "-1".parse::<Octaves>().is_err());
    }
}
