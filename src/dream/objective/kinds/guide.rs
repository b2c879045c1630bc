//! `guide:LAYER`.

use super::*;

/// What the guide shows at a layer: the sum over all cells `x` of `max over j of x . y_j`, where the `y_j`
/// are the guide's cells; the notebook's `objective_guide`.
#[derive(Clone, Debug, PartialEq)]
pub struct Guide {
    /// Name or pattern.
    pub layer: String,
}

impl Kind for Guide {
    const FORM: Form =
        Form::new("guide", &["LAYER"], "for each cell, the largest dot product with any cell of the guide")
            .after_a(Role::Guide);

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
        Ok(vec![Aim::Guide(place.seen(Role::Guide)?)])
    }
}
