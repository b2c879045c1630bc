//! Objectives in words: the one grammar of flags, recipes and the library.
//!
//! | form                              | climbs                                                       |
//! |-----------------------------------|--------------------------------------------------------------|
//! | `l2:LAYER`                        | half the sum of squares of a layer, as the notebook does     |
//! | `channel:LAYER:N[,N...]`          | mean of a channel; of each of several (`3,17,42-45`)         |
//! | `neuron:LAYER:N[:Y,X]`            | one cell of a channel; the map's centre if not given         |
//! | `guide:LAYER`                     | of each cell the largest dot product with a cell of the guide|
//! | `like:LAYER`                      | mean dot product with the direction of a picture's region    |
//! | `logit:N`, `logit:NAME`           | a class, before softmax                                      |
//! | `logit:loss3/classifier:N`        | the same, in full; the network's own name of it will do too  |
//!
//! A layer may be a pattern, in which `*` stands for any letters and `?` for any one: every layer of such a name
//! is climbed. Each may end in `*WEIGHT`, negative to climb down, and then in `@OCTAVES`, counted from 1, the
//! smallest dreamed: `@1`, `@2-3` or `@3-`, to be climbed only there, and then in `#N`, to be climbed only where
//! mask `N` lets it, counted from 1. Several add up.

mod grammar;

use std::ops::RangeInclusive;

use super::reference::Features;
use crate::net::googlenet::CLASSIFIER;
use crate::net::{LayerId, UnknownLayer, Weights};
use crate::plan::network::{Aim, Target};
use crate::spelling::nearest;
use grammar::FORMS;
pub use grammar::{parse_mask, parse_weight};

/// Something to climb, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What.
    pub aim: Wish,
    /// How much; negative to climb down.
    pub weight: f32,
    /// Where; everywhere if `None`.
    pub octaves: Option<OctaveRange>,
    /// The number of the mask that it is climbed under, from 1; if `None`, the one that no objective names.
    pub mask: Option<usize>,
}

/// Some octaves in a row, counted from 1, the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OctaveRange {
    /// The first.
    pub first: usize,
    /// The last; that of the dream if `None`.
    pub last: Option<usize>,
}

impl OctaveRange {
    /// Whether octave `number` is one of them.
    pub fn contains(self, number: usize) -> bool {
        self.first <= number && self.last.is_none_or(|last| number <= last)
    }
}

/// What an objective names.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Half the sum of squares of a layer.
    L2 {
        /// Layer name.
        layer: String,
    },
    /// Mean of each of some channels.
    Channel {
        /// Layer name.
        layer: String,
        /// Channels, counted from 0.
        channels: Vec<RangeInclusive<usize>>,
    },
    /// One cell.
    Neuron {
        /// Layer name.
        layer: String,
        /// Channel, counted from 0.
        channel: usize,
        /// Row and column; the centre if `None`.
        at: Option<(usize, usize)>,
    },
    /// What the guide shows at a layer: for each cell `x` the sum of `max over j of x . y_j`, the `y_j` being
    /// the guide's cells; the notebook's `objective_guide`.
    Guide {
        /// Layer name.
        layer: String,
    },
    /// What a region of a picture shows at a layer: the mean over all cells `x` of `x . d`, where `d` is the
    /// mean of the region's cells, scaled to length 1.
    Like {
        /// Layer name.
        layer: String,
    },
    /// A class.
    Logit {
        /// Its number or name.
        class: String,
    },
}

/// Why an objective means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// It does not follow the grammar.
    #[error("objective '{spec}' is not understood: {reason}. Accepted: {FORMS}")]
    Form {
        /// What was written.
        spec: String,
        /// What was wrong with it.
        reason: String,
    },
    /// It names a layer that is not there.
    #[error(transparent)]
    Layer(#[from] UnknownLayer),
    /// It names a channel that is not there.
    #[error("layer '{layer}' has channels 0 to {}, and {channel} was asked for", channels - 1)]
    Channel {
        /// Layer name.
        layer: String,
        /// How many there are.
        channels: usize,
        /// Which was wanted.
        channel: usize,
    },
    /// It speaks of a picture that is not given.
    #[error("objective '{objective}' needs a picture, which `puppyslug dream` takes with {flag}")]
    Picture {
        /// The objective.
        objective: String,
        /// How the picture is given.
        flag: &'static str,
    },
    /// It names a class that is not there.
    #[error("{0}")]
    Class(String),
}

impl Objective {
    /// Half the sum of squares of a layer.
    pub fn l2(layer: &str) -> Self {
        Self { aim: Wish::L2 { layer: layer.to_owned() }, weight: 1.0, octaves: None, mask: None }
    }

    /// The objective on a given network: names become layers and classes, ranges are checked. There is a target
    /// for each layer and channel.
    pub fn resolve(&self, weights: &Weights) -> Result<Vec<Target>, ObjectiveError> {
        self.resolve_with(weights, &Features::default())
    }

    /// Checks the same with the pictures that there are not looked at yet.
    pub fn check(&self, weights: &Weights, guide: bool, like: bool) -> Result<(), ObjectiveError> {
        match self.aim {
            Wish::Guide { .. } if guide => self.layers(weights).map(drop),
            Wish::Like { .. } if like => self.layers(weights).map(drop),
            _ => self.resolve(weights).map(drop),
        }
    }

    /// Every layer that it names.
    pub(super) fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        match &self.aim {
            Wish::L2 { layer }
            | Wish::Channel { layer, .. }
            | Wish::Neuron { layer, .. }
            | Wish::Guide { layer }
            | Wish::Like { layer } => find(weights, layer),
            Wish::Logit { .. } => Ok(vec![classifier(weights)?]),
        }
    }

    /// The objective with what the network sees in the pictures it speaks of.
    pub fn resolve_with(
        &self,
        weights: &Weights,
        features: &Features,
    ) -> Result<Vec<Target>, ObjectiveError> {
        let missing = |flag| ObjectiveError::Picture { objective: self.to_string(), flag };
        let looked_up = |layers: Vec<LayerId>, aim: &dyn Fn(LayerId) -> Option<Aim>, flag| {
            let target = |layer| Some(Target { layer, aim: aim(layer)?, weight: self.weight });
            let targets = layers.into_iter().map(|layer| target(layer).ok_or_else(|| missing(flag)));
            targets.collect::<Result<Vec<Target>, ObjectiveError>>()
        };
        let each = |layers: Vec<LayerId>, aims: &[Aim]| {
            let targets = layers.into_iter().flat_map(|layer| aims.iter().map(move |&aim| (layer, aim)));
            targets.map(|(layer, aim)| Target { layer, aim, weight: self.weight }).collect()
        };
        Ok(match &self.aim {
            Wish::L2 { layer } => each(find(weights, layer)?, &[Aim::HalfSquares]),
            Wish::Channel { layer, channels } => {
                let layers = find_channels(weights, layer, channels)?;
                let aims: Vec<Aim> = channels.iter().cloned().flatten().map(Aim::Channel).collect();
                each(layers, &aims)
            }
            Wish::Neuron { layer, channel, at } => {
                let layers = find_channels(weights, layer, &[*channel..=*channel])?;
                each(layers, &[Aim::Neuron(*channel, *at)])
            }
            Wish::Guide { layer } => {
                looked_up(find(weights, layer)?, &|layer| features.guide(layer), "--guide")?
            }
            Wish::Like { layer } => {
                looked_up(find(weights, layer)?, &|layer| features.direction(layer), "--like")?
            }
            Wish::Logit { class } => {
                let layer = classifier(weights)?;
                let named = class.strip_prefix(&weights.network()[layer].name);
                let class = named.and_then(|rest| rest.strip_prefix(':')).unwrap_or(class);
                each(vec![layer], &[Aim::Neuron(find_class(weights, class)?, None)])
            }
        })
    }
}

/// Every layer of a name or pattern.
fn find(weights: &Weights, layer: &str) -> Result<Vec<LayerId>, ObjectiveError> {
    weights.network().find_all(layer).map_err(|unknown| {
        match weights.variant().network(Some(1)).find_all(layer) {
            Ok(_) => without_classifier(),
            Err(_) => unknown.into(),
        }
    })
}

/// The same, of layers that all have these channels.
fn find_channels(
    weights: &Weights,
    layer: &str,
    wanted: &[RangeInclusive<usize>],
) -> Result<Vec<LayerId>, ObjectiveError> {
    let ids = find(weights, layer)?;
    let highest = wanted.iter().map(|range| *range.end()).max().unwrap_or(0);
    for &id in &ids {
        let layer = &weights.network()[id];
        if highest >= layer.channels {
            let (layer, channels) = (layer.name.clone(), layer.channels);
            return Err(ObjectiveError::Channel { layer, channels, channel: highest });
        }
    }
    Ok(ids)
}

fn classifier(weights: &Weights) -> Result<LayerId, ObjectiveError> {
    weights.network().find(CLASSIFIER).map_err(|_| without_classifier())
}

fn without_classifier() -> ObjectiveError {
    let reason = "these weights come without a classifier, so there are no classes to climb";
    ObjectiveError::Class(reason.to_owned())
}

fn find_class(weights: &Weights, class: &str) -> Result<usize, ObjectiveError> {
    let classes = weights.classes().unwrap_or(0);
    if let Ok(number) = class.parse::<usize>() {
        let known = format!("there are classes 0 to {}, and {number} was asked for", classes - 1);
        return if number < classes { Ok(number) } else { Err(ObjectiveError::Class(known)) };
    }
    let labels = weights.labels();
    if labels.is_empty() {
        let range = format!("use a number from 0 to {}", classes - 1);
        return Err(ObjectiveError::Class(format!(
            "these weights do not name their classes ('{class}'); {range}"
        )));
    }
    labels.iter().position(|label| label.eq_ignore_ascii_case(class)).ok_or_else(|| {
        let nearest = nearest(class, labels.iter().map(String::as_str)).join(", ");
        ObjectiveError::Class(format!("there is no class '{class}'; nearest: {nearest}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_against_the_network() {
        let weights = Weights::embedded();
        let resolve = |spec: &str| spec.parse::<Objective>().expect(spec).resolve(&weights);
        assert!(resolve("logit:Sunflower").is_ok());
        let guided = resolve("guide:inception_3b/output").expect_err("no guide").to_string();
        assert!(guided.contains("guide:inception_3b/output") && guided.contains("--guide"), "{guided}");
        assert_eq!(resolve("l2:inception_4*/output").expect("five layers").len(), 5);
        assert_eq!(resolve("channel:inception_4?/output:3,17,42-45").expect("six of each").len(), 30);
        assert!(resolve("logit:sunflwer").expect_err("misspelt").to_string().contains("sunflower"));
        assert!(resolve("logit:1000").expect_err("too large").to_string().contains("0 to 999"));
        assert!(
            resolve("channel:inception_3a/output:256")
                .expect_err("too large")
                .to_string()
                .contains("0 to 255")
        );
        assert!(
            resolve("channel:inception_*a/output:3,17,250-300")
                .expect_err("3a has 256")
                .to_string()
                .contains("layer 'inception_3a/output' has channels 0 to 255, and 300 was asked for")
        );
        assert!(
            resolve("l2:conv1/7x7_s2*x").expect_err("no such pattern").to_string().contains("conv1/7x7_s2")
        );
        assert!(resolve("l2:inception_4x/output").expect_err("unknown").to_string().contains("inception_4"));
    }
}
