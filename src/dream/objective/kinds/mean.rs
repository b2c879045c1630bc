//! `mean:LAYER`.

use super::*;

/// The mean of all cells of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Mean {
    /// Name or pattern.
    pub layer: String,
}

impl Kind for Mean {
    const FORM: Form = Form::new("mean", &["LAYER"], "the mean of all cells of a layer");

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
        Ok(vec![Aim::Mean])
    }
}
