//! The kinds of objectives, one file for each; their list is at the end.

use std::fmt;

use super::names::find_layers;
use super::{Features, Objective, ObjectiveError, Role};
use crate::net::{LayerId, Weights};
use crate::plan::network::{Aim, Given};

/// How a kind of objective is written, and what it climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The word before the colon.
    pub name: &'static str,
    /// What follows the colon: one of these.
    pub operands: &'static [&'static str],
    /// What is climbed, in one line.
    pub meaning: &'static str,
    /// The role of the picture that it needs.
    pub needs: Option<Role>,
    /// Whether it ends in free text, which may contain the signs of weights, octaves and masks.
    pub free_text: bool,
}

impl Form {
    const fn new(name: &'static str, operands: &'static [&'static str], meaning: &'static str) -> Self {
        Self { name, operands, meaning, needs: None, free_text: false }
    }

    const fn after_a(self, role: Role) -> Self {
        Self { needs: Some(role), ..self }
    }

    const fn ending_in_text(self) -> Self {
        Self { free_text: true, ..self }
    }
}

/// As in `logit:N or logit:NAME`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written: Vec<String> =
            self.operands.iter().map(|operands| format!("{}:{operands}", self.name)).collect();
        f.write_str(&written.join(" or "))
    }
}

/// A kind of objective: its grammar, and what it becomes in a plan.
trait Kind: Sized {
    /// How it is written.
    const FORM: Form;

    /// Reads what follows the name and the colon; it is not empty.
    fn parse(operands: &str) -> Result<Self, String>;

    /// Writes what [`parse`](Self::parse) reads.
    fn operands(&self) -> String;

    /// Every layer that it names. All other names are checked as well.
    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError>;

    /// What is climbed at each of these layers.
    fn aims(&self, place: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError>;
}

/// A layer at which an objective is to be climbed, and what is known about it.
pub(super) struct Place<'a> {
    pub(super) objective: &'a Objective,
    pub(super) weights: &'a Weights,
    pub(super) features: &'a Features,
    pub(super) layer: LayerId,
}

impl Place<'_> {
    /// What the network sees at this layer in a picture.
    fn seen(&self, needs: Role) -> Result<Given, ObjectiveError> {
        let missing = || ObjectiveError::Picture { objective: self.objective.to_string(), needs };
        self.features.find(needs, self.layer).ok_or_else(missing)
    }

    /// Checks that there are other pictures to differ from.
    fn among_others(&self) -> Result<(), ObjectiveError> {
        let alone = || ObjectiveError::Alone { objective: self.objective.to_string() };
        self.features.is_of_several().then_some(()).ok_or_else(alone)
    }

    /// The direction from a file.
    fn direction(&self, file: &str) -> Result<Given, ObjectiveError> {
        let missing = || ObjectiveError::Direction { objective: self.objective.to_string() };
        self.features.direction(file).ok_or_else(missing)
    }
}

/// A row of the list of kinds.
pub(super) struct Row {
    pub(super) form: Form,
    pub(super) parse: fn(&str) -> Result<Wanted, String>,
}

/// The fields between colons, of which there must be exactly `N`.
fn fields<const N: usize>(operands: &str) -> Result<[&str; N], String> {
    let fields: Vec<&str> = operands.split(':').collect();
    fields.try_into().map_err(|_| "it has the wrong number of fields".to_owned())
}

/// A single field: the name of a layer, or a pattern.
fn only_layer(operands: &str) -> Result<String, String> {
    fields(operands).map(|[layer]| layer.to_owned())
}

/// Generates the modules, [`Wanted`] and the list itself from the file and type of each kind.
macro_rules! kinds {
    ($($file:ident::$Kind:ident),* $(,)?) => {
        $(mod $file;)*
        $(pub use $file::$Kind;)*

        /// What an objective names.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Wanted {
            $(
                #[doc = concat!("See [`struct@", stringify!($Kind), "`].")]
                $Kind($Kind),
            )*
        }

        /// Every kind there is.
        pub(super) static KINDS: &[Row] =
            &[$(Row { form: $Kind::FORM, parse: |operands| $Kind::parse(operands).map(Wanted::$Kind) }),*];

        impl Wanted {
            /// How this kind is written.
            pub fn form(&self) -> Form {
                match self { $(Self::$Kind(_) => $Kind::FORM,)* }
            }

            /// Every layer that it names. All other names are checked as well.
            pub(super) fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
                match self { $(Self::$Kind(kind) => kind.layers(weights),)* }
            }

            /// What is climbed at one of these layers.
            pub(super) fn aims(&self, place: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
                match self { $(Self::$Kind(kind) => kind.aims(place),)* }
            }
        }

        impl fmt::Display for Wanted {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$Kind(kind) => write!(f, "{}:{}", $Kind::FORM.name, kind.operands()),)* }
            }
        }
    };
}

// In the order of help and error messages.
kinds! {
    l2::L2,
    channel::Channel,
    neuron::Neuron,
    guide::Guide,
    like::Like,
    direction::Direction,
    diversity::Diversity,
    logit::Logit,
}
