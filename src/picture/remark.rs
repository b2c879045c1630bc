//! Remarks about a picture that was read, besides its pixels.

use std::fmt;

/// Something about a picture's file that its owner may not expect. It is one line without the name of the file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Remark {
    /// Samples that are not finite.
    NotFinite {
        /// How many.
        samples: usize,
    },
    /// Floats that are interpreted as fractions of white, but are outside 0 to 1.
    OutOfRange {
        /// How many.
        samples: usize,
        /// The smallest and the largest of all samples.
        range: [f32; 2],
    },
    /// The file holds several pictures.
    FirstOf {
        /// How many.
        count: usize,
        /// What they are called.
        what: &'static str,
    },
    /// The file holds several layers with colours.
    Layer {
        /// The one that was read.
        taken: String,
        /// How many there are.
        count: usize,
    },
    /// A checksum in the file does not match.
    Checksum,
    /// A colour profile for grey that cannot be made into one for RGB.
    GrayProfile,
    /// A colour profile that says nothing about RGB.
    OtherProfile {
        /// What it is for.
        colours: &'static str,
    },
}

impl Remark {
    /// The remark about a file with this many pictures.
    pub(super) fn first_of(count: usize, what: &'static str) -> Vec<Self> {
        (count > 1).then_some(Self::FirstOf { count, what }).into_iter().collect()
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { samples } => write!(
                formatter,
                "{samples} samples are not finite; NaN is taken as 0, infinity as very bright"
            ),
            Self::OutOfRange { samples, range: [least, most] } => write!(
                formatter,
                "{samples} samples are cut off: they go from {least} to {most}, but 0 is black and 1 is white"
            ),
            Self::FirstOf { count, what } => {
                write!(formatter, "only the first of its {count} {what} is read")
            }
            Self::Layer { taken, count } => {
                write!(formatter, "of its {count} layers with colours, '{taken}' is read")
            }
            Self::Checksum => formatter.write_str(
                "a checksum in it does not match, so part of it may be damaged; it was read all the same",
            ),
            Self::GrayProfile => formatter
                .write_str("its colour profile for gray cannot be made into one for RGB, and is left out"),
            Self::OtherProfile { colours } => {
                write!(formatter, "its colour profile is for {colours}, not for RGB, and is left out")
            }
        }
    }
}
