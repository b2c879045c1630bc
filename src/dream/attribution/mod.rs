//! Why the network says what it says: how much each cell of a layer speaks for a class.
//!
//! A cell of value `h` speaks for a class by `h * d logit / d h`, the logit being the class before softmax (Olah et al.,
//! "The Building Blocks of Interpretability", 2018). Summed over all cells of a layer that is the derivative of the logit
//! along `h`: by how much it would grow were the whole layer turned up by a little, for each part of one. Behind the last
//! module all is linear, and the sum there is the logit itself, less the class's bias.

mod heat;

use super::DreamError;
use super::classify::{Classifier, Framing, Guess};
use super::objective::{Objective, ObjectiveError, find_class};
use super::probe::Map;
use crate::machine::Machine;
use crate::net::{LayerId, Network, Op, Shape, Weights};
use crate::picture::Picture;
use crate::plan::network::Target;
use crate::plan::probe::plan_probe;

pub use heat::heat;

/// How many of the last modules are looked at where no layer is named.
const MODULES: usize = 3;

/// What speaks for a class, or for whatever else is climbed.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// Its value: of a class that before softmax.
    pub logit: f32,
    /// What each layer has to say.
    pub layers: Vec<Speech>,
}

/// A class in a picture, how likely it is, and what speaks for it.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The class.
    pub guess: Guess,
    /// What speaks for it.
    pub attribution: Attribution,
}

/// What a layer has to say for a class.
#[derive(Clone, Debug)]
pub struct Speech {
    /// Which layer.
    pub layer: LayerId,
    /// The values of its cells.
    pub value: Map,
    /// How much each speaks for the class: its value times the derivative of the logit by it.
    pub products: Vec<f32>,
}

/// What one channel has to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice {
    /// Which, from 0.
    pub channel: usize,
    /// How much it speaks for the class, in all places together; against it below 0.
    pub speaks: f64,
    /// The mean of its cells.
    pub mean: f64,
    /// The largest of its cells.
    pub largest: f32,
    /// Row and column of that cell, the first of them.
    pub at: (usize, usize),
}

impl Speech {
    /// The sum over all cells.
    pub fn sum(&self) -> f64 {
        self.products.iter().map(|&product| f64::from(product)).sum()
    }

    /// How much each place speaks, in all channels together: `[height][width]`.
    pub fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.value.shape.plane()];
        for plane in self.products.chunks_exact(places.len()) {
            places.iter_mut().zip(plane).for_each(|(place, &product)| *place += f64::from(product));
        }
        places
    }

    /// Every channel, those first that speak most, for or against.
    pub fn voices(&self) -> Vec<Voice> {
        let Shape { height, width, .. } = self.value.shape;
        let planes = self.value.cells.chunks_exact(height * width);
        let voice = |(channel, (cells, products)): (usize, (&[f32], &[f32]))| {
            let sum = |cells: &[f32]| cells.iter().map(|&cell| f64::from(cell)).sum::<f64>();
            let larger = |most: usize, cell: usize| if cells[cell] > cells[most] { cell } else { most };
            let most = (0..cells.len()).fold(0, larger);
            let (mean, at) = (sum(cells) / cells.len() as f64, (most / width, most % width));
            Voice { channel, speaks: sum(products), mean, largest: cells[most], at }
        };
        let products = self.products.chunks_exact(height * width);
        let mut voices: Vec<Voice> = planes.zip(products).enumerate().map(voice).collect();
        voices.sort_by(|a, b| b.speaks.abs().total_cmp(&a.speaks.abs()));
        voices
    }
}

/// The outputs of the last modules, in the order of the network.
pub fn last_modules(network: &Network) -> Vec<LayerId> {
    let modules: Vec<LayerId> = network.ids().filter(|&id| network[id].op == Op::Concat).collect();
    modules[modules.len().saturating_sub(MODULES)..].to_vec()
}

/// Finds what speaks for a class in a picture, in these layers: for the class of a number or name, or else for the
/// likeliest. `mean` (blue, green, red) is taken off the picture.
///
/// # Errors
/// These weights have no classes, or not this one; a layer has no way to the classes; the picture does not fit.
pub fn explain(
    machine: &dyn Machine,
    weights: &Weights,
    mean: [f32; 3],
    (picture, framing): (&Picture, Framing),
    class: Option<&str>,
    layers: &[LayerId],
) -> Result<Reason, DreamError> {
    let mut classifier = Classifier::new(machine, weights, mean).ok_or(ObjectiveError::NoClassifier)?;
    let guesses = classifier.classify(picture, framing, weights.classes().unwrap_or(0))?;
    let likeliest = guesses.first().map_or(0, |guess| guess.class);
    let class = class.map_or(Ok(likeliest), |class| find_class(weights, class))?;
    let probability =
        guesses.iter().find(|guess| guess.class == class).map_or(0.0, |guess| guess.probability);
    let (input, target) = (framing.input(picture, mean)?, Objective::class(class).resolve(weights)?);
    let attribution = attribute(machine, weights, &input, layers, &target)?;
    Ok(Reason { guess: Guess { class, probability }, attribution })
}

/// Finds how much each cell of some layers speaks for the sum of targets, in a picture as the network takes it.
///
/// # Errors
/// [`DreamError::Mute`] for a layer that they do not depend on; what prevents a pass.
pub fn attribute(
    machine: &dyn Machine,
    weights: &Weights,
    input: &Map,
    layers: &[LayerId],
    targets: &[Target],
) -> Result<Attribution, DreamError> {
    let network = weights.network();
    let plan = plan_probe(network, input.shape.extent(), layers, targets)?;
    let mute = |layer: LayerId| DreamError::Mute { layer: network[layer].name.clone() };
    let mut execution = machine.load(&plan.plan, weights)?;
    execution.write(plan.input, &input.cells)?;
    execution.run_once(plan.phase, &[])?;
    let mut spoken = Vec::new();
    for ((&layer, &value), gradient) in layers.iter().zip(&plan.values).zip(&plan.inner) {
        let slope = execution.read(gradient.ok_or_else(|| mute(layer))?)?;
        let value = Map { shape: value.shape, cells: execution.read(value)? };
        let products = value.cells.iter().zip(slope).map(|(h, slope)| h * slope).collect();
        spoken.push(Speech { layer, value, products });
    }
    Ok(Attribution { logit: execution.read(plan.value)?[0], layers: spoken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_places_are_told_apart() {
        let shape = Shape::new(3, 1, 2);
        let value = Map { shape, cells: vec![1.0, 3.0, 0.0, 0.0, 2.0, 2.0] };
        let layer = Weights::embedded().network().input();
        let speech = Speech { layer, value, products: vec![0.5, 1.0, 0.0, 0.0, -4.0, 1.0] };
        assert_eq!(speech.sum(), -1.5);
        assert_eq!(speech.places(), [-3.5, 2.0]);
        let voices = speech.voices();
        let first = Voice { channel: 2, speaks: -3.0, mean: 2.0, largest: 2.0, at: (0, 0) };
        assert_eq!(voices[0], first);
        assert_eq!((voices[1].channel, voices[1].at, voices[2].channel), (0, (0, 1), 1));
    }

    #[test]
    fn the_last_modules_are_those_before_the_classifier() {
        let weights = Weights::embedded();
        let network = weights.network();
        let names: Vec<&str> = last_modules(network).iter().map(|&id| &network[id].name[..]).collect();
        assert_eq!(names, ["inception_4e/output", "inception_5a/output", "inception_5b/output"]);
    }
}
