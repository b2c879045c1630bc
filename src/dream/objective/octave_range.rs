//! Consecutive octaves, and how they are written: `1`, `2-3`, `3-`.

use std::fmt;
use std::str::FromStr;

/// Consecutive octaves, counted from 1, the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OctaveRange {
    /// The first.
    pub first: usize,
    /// The last; the last of the dream if `None`.
    pub last: Option<usize>,
}

impl OctaveRange {
    /// Whether octave `number` is one of them.
    pub fn contains(self, number: usize) -> bool {
        self.first <= number && self.last.is_none_or(|last| number <= last)
    }
}

impl FromStr for OctaveRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<usize>().ok().filter(|&number| number > 0);
        let range = match text.split_once('-') {
            None => number(text).map(|only| (only, Some(only))),
            Some((first, "")) => number(first).map(|first| (first, None)),
            Some((first, last)) => number(first).zip(number(last).map(Some)),
        };
        match range {
            Some((first, last)) if last.is_none_or(|last| first <= last) => Ok(Self { first, last }),
            _ => {
                Err(format!("'{text}' is not a range of octaves like 1, 2-3 or 3-, where 1 is the smallest"))
            }
        }
    }
}

impl fmt::Display for OctaveRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
            None => write!(f, "{}-", self.first),
        }
    }
}
