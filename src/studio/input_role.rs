//! What a picture is for in a dream.

use crate::remedy::Remedy;

/// What a picture is for in a dream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputRole {
    /// It is dreamed over.
    Source,
    /// It is the guide.
    Guide,
    /// The dream is to be like it.
    Like,
    /// It says where the dream may go.
    Mask,
}

impl InputRole {
    /// How a dream was dreamed with it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Source => "over a",
            Self::Guide => "after a guide, a",
            Self::Like => "to be like a",
            Self::Mask => "under a mask, a",
        }
    }

    /// The same at the end of a sentence.
    pub(super) fn brief(self) -> &'static str {
        match self {
            Self::Source => "over",
            Self::Guide => "after",
            Self::Like => "to be like",
            Self::Mask => "under",
        }
    }

    /// What helps where it is missing.
    pub(super) fn remedy(self) -> Remedy {
        match self {
            Self::Source => Remedy::GiveSource,
            Self::Guide => Remedy::GiveGuide,
            Self::Like => Remedy::GiveLike,
            Self::Mask => Remedy::GiveMask,
        }
    }
}
