//! `diversity:LAYER`.

use super::*;

/// How much each of several pictures differs from the others in which channels of a layer occur together:
/// half the sum of the squared distances between its Gram matrix, divided by its length, and theirs. This
/// equals the number of other pictures minus the sum of the cosines. Lucid's `diversity` is the mean of these
/// sums of cosines over the pictures, and is subtracted.
#[derive(Clone, Debug, PartialEq)]
pub struct Diversity {
    /// Name or pattern.
    pub layer: String,
}

impl Kind for Diversity {
    const FORM: Form = Form::new(
        "diversity",
        &["LAYER"],
        "how much pictures that are optimised together differ in which channels of a layer occur together",
    );

    fn parse(operands: &str) -> Result<Self, String> {
        Ok(Self { layer: only_layer(operands)? })
    }

    fn operands(&self) -> String {
        self.layer.clone()
    }

    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        find_layers(weights, &self.layer)
    }

    fn aims(&self, place: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
        place.among_others().map(|()| vec![Aim::Diversity])
    }
}
