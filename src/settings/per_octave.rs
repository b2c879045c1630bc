//! Settings that may differ from octave to octave, and how many octaves there are.

use std::fmt;

use serde::{Serialize, Serializer};

/// The largest number of octaves of a dream.
pub const MOST_OCTAVES: usize = 100;

/// A setting for each octave, smallest first. The last value applies to all further octaves too, so a single value
/// applies to all octaves.
#[derive(Clone, Debug, PartialEq)]
pub struct PerOctave<T>(Vec<T>);

/// A single value is written without brackets.
impl<T: Serialize> Serialize for PerOctave<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [value] => value.serialize(serializer),
            values => values.serialize(serializer),
        }
    }
}

impl<T> PerOctave<T> {
    /// Values for the smallest octave and those after it.
    ///
    /// # Panics
    /// If `values` is empty.
    pub fn new(values: Vec<T>) -> Self {
        assert!(!values.is_empty(), "a value for the smallest octave");
        Self(values)
    }

    /// The value of octave `index`, counted from 0, the smallest.
    pub fn at(&self, index: usize) -> &T {
        &self.0[index.min(self.0.len() - 1)]
    }

    /// The values as given.
    pub fn values(&self) -> &[T] {
        &self.0
    }

    /// Parses values separated by commas, each with `parse`.
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

/// The number of octaves: the sizes of the picture that are dreamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Octaves {
    /// At most this many: octaves too small for the layers wanted are left out.
    Count(usize),
    /// All octaves at which the layers wanted still have cells.
    Auto,
}

/// A number, or `"auto"`.
impl Serialize for Octaves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => count.serialize(serializer),
            Self::Auto => serializer.collect_str(self),
        }
    }
}

impl Octaves {
    /// The most octaves that there can be.
    pub fn most(self) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Auto => MOST_OCTAVES,
        }
    }
}

impl From<usize> for Octaves {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl fmt::Display for Octaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Auto => f.write_str("auto"),
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
}
