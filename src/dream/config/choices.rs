//! Settings that are one of a few words.

use crate::plan::shaping::Normalise;
use crate::settings::form::words;

/// How a picture follows a gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimizer {
    /// In proportion to the gradient.
    #[default]
    Step,
    /// Each sample by about the same amount, along the running mean of its gradients.
    Adam,
}

/// Where the colours of a dream come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// The dream's own.
    #[default]
    Dream,
    /// The source's: only brightness is dreamed.
    Keep,
}

/// What a tile sees beside its own pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileMode {
    /// All that bears on them: the gradient is the whole picture's.
    Exact,
    /// Nothing: quicker, with seams that fall elsewhere in every iteration.
    Fast,
}

words!(Normalise: "mean" = Mean, "std" = Deviation, "rms" = RootMeanSquare);
words!(Optimizer: "step" = Step, "adam" = Adam);
words!(Color: "dream" = Dream, "keep" = Keep);
words!(TileMode: "exact" = Exact, "fast" = Fast);
