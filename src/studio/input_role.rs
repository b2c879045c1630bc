//! The role of a picture in a dream.

use crate::remedy::Remedy;

/// The role of a picture in a dream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputRole {
    /// It is dreamed over.
    Source,
    /// It is the guide.
    Guide,
    /// The dream is made to resemble it.
    Like,
    /// It limits where the dream may appear.
    Mask,
}

impl InputRole {
    /// The words for messages that say how a dream was made from it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Source => "over a",
            Self::Guide => "after a guide, a",
            Self::Like => "to be like a",
            Self::Mask => "under a mask, a",
        }
    }

    /// The same for the end of a sentence.
    pub(super) fn brief(self) -> &'static str {
        match self {
            Self::Source => "over",
            Self::Guide => "after",
            Self::Like => "to be like",
            Self::Mask => "under",
        }
    }

    /// What to do if it is missing.
    pub(super) fn remedy(self) -> Remedy {
        match self {
            Self::Source => Remedy::GiveSource,
            Self::Guide => Remedy::GiveGuide,
            Self::Like => Remedy::GiveLike,
            Self::Mask => Remedy::GiveMask,
        }
    }
}
