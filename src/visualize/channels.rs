//! The channels of a layer, one after the other, by one plan: each is a direction of which one number is 1, and that is
//! given anew where another plan would be made and loaded.

use super::{Visualization, VisualizeConfig, VisualizeError};
use crate::extent::Extent;
use crate::machine::{Machine, Next};
use crate::net::{LayerId, Network, Op, Weights};
use crate::plan::IN_PLACE;
use crate::plan::network::{Aim, Given, Target};

impl<'m> Visualization<'m> {
    /// Plans the visualisations of all channels of a layer. [`Visualization::aim`] says which comes next; until then it
    /// is the first.
    ///
    /// # Errors
    /// See [`VisualizeError`].
    pub fn of_channels(
        machine: &'m dyn Machine,
        weights: &'m Weights,
        size: Extent,
        layer: LayerId,
        config: &VisualizeConfig,
    ) -> Result<Self, VisualizeError> {
        let network = weights.network();
        let aim = Aim::Direction(Given { number: 0, columns: 1 });
        let target = |layer| Target { layer, aim, weight: 1.0 };
        let before = match network[layer].op {
            Op::Relu => vec![target(network[layer].inputs[0])],
            _ => Vec::new(),
        };
        let given = vec![unit(network[layer].channels, 0)];
        let name = format!("channel:{}:0", network[layer].name);
        Self::load(machine, weights, (size, config), name, vec![target(layer)], before, given)
    }

    /// From now on it is this channel of the layer.
    ///
    /// # Errors
    /// What the machine says.
    ///
    /// # Panics
    /// If it is not a visualisation of channels, or the layer has no such channel.
    pub fn aim(&mut self, channel: usize) -> Result<(), VisualizeError> {
        let layer = self.name.rsplit_once(':').map_or("", |(layer, _)| layer);
        self.name = format!("{layer}:{channel}");
        self.given[0] = unit(self.given[0].len(), channel);
        Ok(self.loaded.give(&self.given)?)
    }

    /// Takes all steps without looking at what they find, to measure how long they take.
    ///
    /// # Errors
    /// What the machine says.
    pub fn time_steps(&mut self) -> Result<(), VisualizeError> {
        self.loaded.begin(&self.noise(0))?;
        self.loaded.climb(&vec![IN_PLACE; self.config.steps], &mut |_| Next::Go)?;
        Ok(())
    }
}

/// A direction along one channel.
fn unit(channels: usize, channel: usize) -> Vec<f32> {
    let mut direction = vec![0.0; channels];
    direction[channel] = 1.0;
    direction
}

/// The layers whose channels, behind each other, are those of a layer: the branches of a stack, each of which needs no more
/// than its own part of the network; or the layer itself.
pub fn branches(network: &Network, layer: LayerId) -> Vec<LayerId> {
    match network[layer].op {
        Op::Concat => network[layer].inputs.clone(),
        _ => vec![layer],
    }
}
