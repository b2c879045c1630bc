//! Where the shots of a film begin, if that is specified.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::FilmError;
use super::source::Source;
use super::span::{Moment, MomentError, Span};
use super::time::TimeBase;

/// How the beginnings of shots are determined.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cuts {
    /// They are detected.
    #[default]
    Auto,
    /// The film is one shot.
    None,
    /// A shot begins with the first frame at or after each of these moments.
    At(Vec<Moment>),
}

/// Why a text does not specify cuts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a list of cuts: {source}; accepted: auto, none, or moments like 12.5,1:30,2250f")]
pub struct CutsError {
    text: String,
    source: MomentError,
}

/// Given beginnings of shots, for finding them among the frames of a part of a film.
#[derive(Clone, Debug, PartialEq)]
pub struct Marks {
    frames: Vec<usize>,
    /// Measured from the earliest time in any stream.
    seconds: Vec<f64>,
    /// The number of the part's first frame.
    first: usize,
    beginning: f64,
    time_base: TimeBase,
}

impl Marks {
    /// Whether a shot begins with the frame of this number in the part, from 0. The ticks are those of the frame
    /// before and of this one.
    pub fn begin(&self, number: usize, (before, now): (i64, i64)) -> bool {
        let [before, now] =
            [before, now].map(|ticks| self.time_base.seconds(ticks) - self.beginning + MOMENT);
        self.frames.contains(&(self.first + number))
            || self.seconds.iter().any(|&mark| before < mark && mark <= now)
    }
}

/// How much later than the intended tick a written time may be, in seconds.
const MOMENT: f64 = 1e-6;

impl Cuts {
    /// The given beginnings; `None` if they are to be detected.
    ///
    /// # Errors
    /// A frame number is given, but the part begins at a time, so that the number of its first frame is unknown.
    pub fn marks(
        &self,
        source: &Source,
        span: Span,
        time_base: TimeBase,
    ) -> Result<Option<Marks>, FilmError> {
        let moments = match self {
            Self::Auto => return Ok(None),
            Self::None => &[][..],
            Self::At(moments) => moments,
        };
        let (mut frames, mut seconds) = (Vec::new(), Vec::new());
        for &moment in moments {
            match moment {
                Moment::Frame(number) => frames.push(number),
                Moment::Seconds(time) => seconds.push(time),
            }
        }
        let first = match span.from {
            None => 0,
            Some(Moment::Frame(number)) => number,
            Some(Moment::Seconds(_)) if frames.is_empty() => 0,
            Some(from @ Moment::Seconds(_)) => return Err(FilmError::Uncounted { frame: frames[0], from }),
        };
        Ok(Some(Marks { frames, seconds, first, beginning: source.beginning(), time_base }))
    }
}

impl FromStr for Cuts {
    type Err = CutsError;

    fn from_str(text: &str) -> Result<Self, CutsError> {
        let moments = || text.split(',').map(|moment| moment.trim().parse()).collect::<Result<_, _>>();
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            _ => moments().map(Self::At).map_err(|source| CutsError { text: text.to_owned(), source }),
        }
    }
}

impl fmt::Display for Cuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::None => f.write_str("none"),
            Self::At(moments) => {
                f.write_str(&moments.iter().map(Moment::to_string).collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl Serialize for Cuts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_looked_for_or_left_out_or_given() {
        for text in ["auto", "none", "12.5,90,2250f"] {
            assert_eq!(text.parse::<Cuts>().expect(text).to_string(), text);
        }
        let given = "1:30, 5f".parse::<Cuts>().expect("two moments");
        assert_eq!(given, Cuts::At(vec![Moment::Seconds(90.0), Moment::Frame(5)]));
        let marks = |frames: &[usize], seconds: &[f64], first| Marks {
            frames: frames.to_vec(),
            seconds: seconds.to_vec(),
            first,
            beginning: 1.0,
            time_base: TimeBase::new(1, 10).expect("a tenth"),
        };
        let begun = |marks: Marks| -> Vec<usize> {
            (1..10).filter(|&number| marks.begin(number, (number as i64 + 9, number as i64 + 10))).collect()
        };
        assert_eq!(begun(marks(&[5, 7], &[], 2)), [3, 5]);
        // A frame is shown at each tenth of a second after the first.
        assert_eq!(begun(marks(&[], &[0.3, 0.55], 0)), [3, 6]);
        assert!(begun(marks(&[], &[], 0)).is_empty());
        let error = "1,soon".parse::<Cuts>().expect_err("no moment").to_string();
        assert!(error.contains("'soon' is not a time in a film") && error.contains("auto, none"), "{error}");
    }
}
