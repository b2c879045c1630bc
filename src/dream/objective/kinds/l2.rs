//! `l2:LAYER`.

use super::*;

/// Half the sum of squares of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct L2 {
    /// Name or pattern.
    pub layer: String,
}

impl Kind for L2 {
    const FORM: Form =
        Form::new("l2", &["LAYER"], "half the sum of squares of a layer, as in the 2015 notebook");

    fn parse(operands: &str) -> Result<Self, String> {
        Ok(Self { layer: only_layer(operands)? })
    }

    fn operands(&self) -> String {
        self.layer.clone()
    }

    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        find_layers(weights, &self.layer)
    }

    fn aims(&self, _: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
        Ok(vec![Aim::HalfSquares])
    }
}
