//! Why the network reports a class: how much each cell of a layer supports it.
//!
//! A cell of value `h` supports a class by `h * d logit / d h`, where the logit is the value of the class
//! before softmax (Olah et al., "The Building Blocks of Interpretability", 2018). Summed over all cells of a
//! layer, this is the derivative of the logit along `h`: the rate at which it grows when the whole layer is
//! scaled up. After the last module everything is linear, and the sum there is the logit itself, minus the
//! bias of the class.

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

/// How many of the last modules are examined if no layer is named.
const MODULES: usize = 3;

/// What supports a class, or whatever else is climbed.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// The value of what is climbed: for a class, its logit.
    pub logit: f32,
    /// The contribution of each layer.
    pub layers: Vec<Speech>,
}

/// A class in a picture, its probability, and what supports it.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The class.
    pub guess: Guess,
    /// What supports it.
    pub attribution: Attribution,
}

/// The contributions of a layer's cells to a class.
#[derive(Clone, Debug)]
pub struct Speech {
    /// The layer.
    pub layer: LayerId,
    /// The values of its cells.
    pub value: Map,
    /// How much each cell supports the class: its value times the derivative of the logit by it.
    pub products: Vec<f32>,
}

/// The contribution of one channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice {
    /// The channel, from 0.
    pub channel: usize,
    /// How much the channel supports the class, summed over all places; negative if it opposes it.
    pub speaks: f64,
    /// The mean of its cells.
    pub mean: f64,
    /// The largest of its cells.
    pub largest: f32,
    /// Row and column of that cell; of the first one if there are several.
    pub at: (usize, usize),
}

impl Speech {
    /// The sum over all cells.
    pub fn sum(&self) -> f64 {
        self.products.iter().map(|&product| f64::from(product)).sum()
    }

    /// How much each place supports the class, summed over all channels: `[height][width]`.
    pub fn places(&self) -> Vec<f64> {
        let mut places = vec![0.0; self.value.shape.plane()];
        for plane in self.products.chunks_exact(places.len()) {
            places.iter_mut().zip(plane).for_each(|(place, &product)| *place += f64::from(product));
        }
        places
    }

    /// All channels, those with the strongest contribution first, whether for or against.
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

/// Finds what supports a class in a picture, in these layers. The class is given by number or name; without
/// one, it is the most likely. `mean` (blue, green, red) is subtracted from the picture.
///
/// # Errors
/// The weights have no classes, or not this one; no class depends on a layer; the picture does not fit.
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

/// Finds how much each cell of some layers supports the sum of targets, for a picture in the form that the
/// network takes.
///
/// # Errors
/// [`DreamError::Mute`] for a layer that the targets do not depend on; whatever prevents a pass.
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
