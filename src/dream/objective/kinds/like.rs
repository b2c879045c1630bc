//! `like:LAYER`.

use super::*;

/// What a region of a picture shows at a layer: the mean over all cells `x` of `x . d`, where `d` is the mean
/// of the region's cells, scaled to length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Like {
    /// Name or pattern.
    pub layer: String,
}

impl Kind for Like {
    const FORM: Form =
        Form::new("like", &["LAYER"], "mean dot product with the average direction of a picture's region")
            .after_a(Role::Like);

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
        Ok(vec![Aim::Direction(place.seen(Role::Like)?)])
    }
}
