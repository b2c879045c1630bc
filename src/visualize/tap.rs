//! How a layer responds to a picture, and how much each of its channels supports the classes there.

use super::VisualizeError;
use crate::dream::probe::network_input;
use crate::extent::Extent;
use crate::machine::{Execution, Machine};
use crate::net::googlenet::CLASSIFIER;
use crate::net::{LayerId, Weights};
use crate::picture::Picture;
use crate::plan::probe::{TapPlan, plan_tap};

/// The relative amount by which a channel is made stronger and weaker. Above the stem, a network is piecewise
/// linear, so the central difference equals the derivative, except where a boundary between pieces lies within
/// this range, and except for rounding: logits of some tens are off by about 4e-6 in f32, which becomes 5e-4.
const NUDGE: f32 = 1.0 / 256.0;

/// A pass through the network that stops at a layer, loaded for pictures of one size.
#[derive(Debug)]
pub struct Tap {
    plan: TapPlan,
    execution: Box<dyn Execution>,
    mean: [f32; 3],
    /// The layer's activations for the last picture.
    map: Vec<f32>,
    has_classes: bool,
}

impl Tap {
    /// Plans the pass and loads it.
    ///
    /// # Errors
    /// The size is too small for the layer or, if there are classes, for the classifier; errors of the machine.
    pub fn load(
        machine: &dyn Machine,
        weights: &Weights,
        size: Extent,
        layer: LayerId,
    ) -> Result<Self, VisualizeError> {
        let network = weights.network();
        let classifier = network.find(CLASSIFIER).ok().filter(|&classifier| classifier > layer);
        let plan = plan_tap(network, size, layer, classifier.unwrap_or(layer))?;
        let execution = machine.load(&plan.plan, weights)?;
        let (mean, has_classes) = (weights.mean(), classifier.is_some());
        Ok(Self { plan, execution, mean, map: Vec::new(), has_classes })
    }

    /// Runs the network on a picture up to the layer. Returns the mean of each channel.
    ///
    /// # Errors
    /// Errors of the machine.
    ///
    /// # Panics
    /// If the picture has another size.
    pub fn see(&mut self, picture: &Picture) -> Result<Vec<f32>, VisualizeError> {
        self.execution.write(self.plan.input, &network_input(picture, self.mean).cells)?;
        self.execution.run_once(self.plan.before, &[])?;
        self.map = self.execution.read(self.plan.map)?;
        let plane = self.plan.map.shape.plane();
        Ok(self.map.chunks_exact(plane).map(|cells| cells.iter().sum::<f32>() / plane as f32).collect())
    }

    /// How much a channel speaks for each class at the last picture: the sum over its cells of the activation
    /// times the gradient of the class's logit. That is how much the logit would rise if the channel were doubled
    /// and the network were linear. Empty without classes.
    ///
    /// # Errors
    /// Errors of the machine.
    ///
    /// # Panics
    /// If no picture has been seen yet, or the layer has no such channel.
    pub fn speaks_for(&mut self, channel: usize) -> Result<Vec<f32>, VisualizeError> {
        if !self.has_classes {
            return Ok(Vec::new());
        }
        let stronger = self.classes_at(channel, 1.0 + NUDGE)?;
        let weaker = self.classes_at(channel, 1.0 - NUDGE)?;
        Ok(stronger.iter().zip(weaker).map(|(more, less)| (more - less) / (2.0 * NUDGE)).collect())
    }

    /// The logits of the classes, with a channel multiplied by a factor.
    fn classes_at(&mut self, channel: usize, factor: f32) -> Result<Vec<f32>, VisualizeError> {
        let mut map = self.map.clone();
        let plane = self.plan.map.shape.plane();
        map[channel * plane..(channel + 1) * plane].iter_mut().for_each(|cell| *cell *= factor);
        self.execution.write(self.plan.map, &map)?;
        self.execution.run_once(self.plan.after, &[])?;
        Ok(self.execution.read(self.plan.end)?)
    }
}
