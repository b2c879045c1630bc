//! Why an objective has no meaning.

use super::Role;
use crate::net::UnknownLayer;
use crate::remedy::{Fault, Remedy};

/// Why an objective has no meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// It does not follow the grammar.
    #[error("objective '{spec}' is not understood: {reason}. Accepted: {accepted}")]
    Form {
        /// What was written.
        spec: String,
        /// What was wrong with it.
        reason: String,
        /// What may be written.
        accepted: String,
    },
    /// It names a layer that does not exist.
    #[error(transparent)]
    Layer(#[from] UnknownLayer),
    /// It names a channel that does not exist.
    #[error("layer '{layer}' has no channel {channel}; accepted: 0 to {}", channels - 1)]
    Channel {
        /// Layer name.
        layer: String,
        /// How many there are.
        channels: usize,
        /// Which was wanted.
        channel: usize,
    },
    /// It needs a picture that is not given.
    #[error("objective '{objective}' needs a {needs}, but none is given")]
    Picture {
        /// The objective.
        objective: String,
        /// What the picture is for.
        needs: Role,
    },
    /// It needs a direction that is not given.
    #[error("objective '{objective}' needs its direction, but none is given here")]
    Direction {
        /// The objective.
        objective: String,
    },
    /// It compares several pictures.
    #[error("objective '{objective}' compares pictures that are optimised together, but here is only one")]
    Alone {
        /// The objective.
        objective: String,
    },
    /// The network has no classifier.
    #[error("these weights come without a classifier, so there are no classes to dream of")]
    NoClassifier,
    /// It names a class by a number that is too large.
    #[error("there is no class {class}; accepted: 0 to {}", classes - 1)]
    ClassNumber {
        /// Which was wanted.
        class: usize,
        /// How many there are.
        classes: usize,
    },
    /// It names a class that does not exist.
    #[error("there is no class '{class}'; nearest: {}", nearest.join(", "))]
    ClassName {
        /// Which was wanted.
        class: String,
        /// The most similar names, best first.
        nearest: Vec<String>,
    },
    /// It names a class, but the weights have only numbers for theirs.
    #[error("these weights do not name their classes ('{class}'); use a number from 0 to {}", classes - 1)]
    NamelessClasses {
        /// Which was wanted.
        class: String,
        /// How many there are.
        classes: usize,
    },
}

impl Fault for ObjectiveError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Layer(error) => error.remedy(),
            Self::Picture { needs: Role::Guide, .. } => Some(Remedy::GiveGuide),
            Self::Picture { needs: Role::Like, .. } => Some(Remedy::GiveLike),
            Self::Alone { .. } => Some(Remedy::ClimbSeveral),
            _ => None,
        }
    }

    fn is_usage(&self) -> bool {
        true
    }
}
