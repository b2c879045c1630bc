//! `logit:N` and `logit:NAME`.

use super::super::names::{find_class, find_classifier};
use super::*;
use crate::net::googlenet::CLASSIFIER;

/// A class, before softmax. `logit:loss3/classifier:N` is the long form; the network's own name for the
/// classifier is accepted too.
#[derive(Clone, Debug, PartialEq)]
pub struct Logit {
    /// Its number or name.
    pub class: String,
}

impl Kind for Logit {
    const FORM: Form =
        Form::new("logit", &["N", "NAME"], "a class by its number or name, before softmax").ending_in_text();

    fn parse(operands: &str) -> Result<Self, String> {
        let class = match fields(operands) {
            Ok([CLASSIFIER, class]) => class,
            _ => operands,
        };
        Ok(Self { class: class.to_owned() })
    }

    fn operands(&self) -> String {
        self.class.clone()
    }

    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        let classifier = find_classifier(weights)?;
        self.number(weights, classifier)?;
        Ok(vec![classifier])
    }

    fn aims(&self, place: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
        Ok(vec![Aim::Neuron(self.number(place.weights, place.layer)?, None)])
    }
}

impl Logit {
    fn number(&self, weights: &Weights, classifier: LayerId) -> Result<usize, ObjectiveError> {
        let named = self.class.strip_prefix(&weights.network()[classifier].name);
        let class = named.and_then(|rest| rest.strip_prefix(':')).unwrap_or(&self.class);
        find_class(weights, class)
    }
}
