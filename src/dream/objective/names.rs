//! Names of layers, channels and classes, looked up in a network.

use super::ObjectiveError;
use crate::net::googlenet::CLASSIFIER;
use crate::net::{LayerId, Weights};
use crate::spelling::nearest;

/// Every layer with this name, or matching this pattern.
pub(super) fn find_layers(weights: &Weights, layer: &str) -> Result<Vec<LayerId>, ObjectiveError> {
    weights.find_layers(layer).map_err(|unknown| match weights.variant().network(Some(1)).find_all(layer) {
        Ok(_) => ObjectiveError::NoClassifier,
        Err(_) => unknown.into(),
    })
}

/// The same, if all of these layers have the channel.
pub(super) fn find_channel(
    weights: &Weights,
    layer: &str,
    channel: usize,
) -> Result<Vec<LayerId>, ObjectiveError> {
    let ids = find_layers(weights, layer)?;
    for &id in &ids {
        let layer = &weights.network()[id];
        if channel >= layer.channels {
            let (layer, channels) = (layer.name.clone(), layer.channels);
            return Err(ObjectiveError::Channel { layer, channels, channel });
        }
    }
    Ok(ids)
}

/// The layer whose channels are the classes, before softmax.
pub(super) fn find_classifier(weights: &Weights) -> Result<LayerId, ObjectiveError> {
    weights.network().find(CLASSIFIER).map_err(|_| ObjectiveError::NoClassifier)
}

/// A class by its number or name.
pub(crate) fn find_class(weights: &Weights, class: &str) -> Result<usize, ObjectiveError> {
    let classes = weights.classes().ok_or(ObjectiveError::NoClassifier)?;
    if let Ok(number) = class.parse::<usize>() {
        let known = number < classes;
        return if known { Ok(number) } else { Err(ObjectiveError::ClassNumber { class: number, classes }) };
    }
    let labels = weights.labels();
    if labels.is_empty() {
        return Err(ObjectiveError::NamelessClasses { class: class.to_owned(), classes });
    }
    labels.iter().position(|label| label.eq_ignore_ascii_case(class)).ok_or_else(|| {
        let nearest = nearest(class, labels.iter().map(String::as_str));
        ObjectiveError::ClassName { class: class.to_owned(), nearest }
    })
}
