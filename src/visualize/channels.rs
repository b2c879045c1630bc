//! Visualises the channels of a layer one after another with a single plan: each channel is a direction with
//! a single 1 in it, so writing another direction replaces planning and loading again.
//!
//! Deep in a network, where half of the channels are silent in noise, searching for a start that fires costs
//! as much as the climb. So each channel first climbs its value before the ReLU, for 16 of its steps (lucid
//! lets gradients through silent ReLUs in its first 16 steps), and for 16 more as long as it is still silent.

use super::loaded::Loaded;
use super::{BLOCK, Visualization, VisualizeConfig, VisualizeError};
use crate::extent::Extent;
use crate::machine::{Machine, Next};
use crate::net::{LayerId, Network, Op, Weights};
use crate::picture::Picture;
use crate::plan::network::{Aim, Given, Target};
use crate::settings::Settings;

/// The number of steps towards the value before the ReLU after which the channel itself is tried.
const GLANCE: usize = 16;

/// The visualisations of all channels of a layer, loaded onto a machine.
#[derive(Debug)]
pub struct Channels<'m> {
    visualization: Visualization<'m>,
    layer: String,
}

/// The visualisation of a channel.
#[derive(Debug)]
pub struct Portrait {
    /// The picture.
    pub picture: Picture,
    /// Whether the channel fired at all.
    pub fired: bool,
}

impl<'m> Channels<'m> {
    /// Plans the visualisations of all channels of a layer.
    ///
    /// # Errors
    /// See [`VisualizeError`].
    pub fn prepare(
        machine: &'m dyn Machine,
        weights: &'m Weights,
        size: Extent,
        layer: LayerId,
        config: &VisualizeConfig,
    ) -> Result<Self, VisualizeError> {
        config.check_ranges()?;
        let network = weights.network();
        let aim = Aim::Direction(Given { number: 0, columns: 1 });
        let target = |layer| Target { layer, aim, weight: 1.0 };
        let before = match network[layer].op {
            Op::Relu => vec![target(network[layer].inputs[0])],
            _ => Vec::new(),
        };
        let given = vec![vec![0.0; network[layer].channels]];
        let (how, targets, layer) = ((size, config), vec![target(layer)], network[layer].name.clone());
        let visualization =
            Visualization::load(machine, weights, how, layer.clone(), targets, before, given)?;
        Ok(Self { visualization, layer })
    }

    /// Visualises a channel. Returns `None` once `stop` returns true.
    ///
    /// # Errors
    /// See [`VisualizeError`]; a silent channel is not an error.
    ///
    /// # Panics
    /// If the layer has no such channel.
    pub fn see(
        &mut self,
        channel: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Portrait>, VisualizeError> {
        self.aim(channel)?;
        let (mut matrices, mut cells) = (self.visualization.matrices(), self.visualization.noise(0));
        let mut fired = false;
        if !self.visualization.before.is_empty() && matrices.len() > 1 {
            let mut prelude = self.visualization.prelude()?;
            prelude.begin(std::slice::from_ref(&cells))?;
            while matrices.len() > 1 && !fired && !stop() {
                let block = matrices.split_off(GLANCE.min(matrices.len() - 1));
                self.climb(&mut prelude, &std::mem::replace(&mut matrices, block))?;
                cells = prelude.cells()?;
                // This also takes the first step from these cells. If the channel is silent, that step changes
                // nothing.
                fired = self.visualization.fires(&cells, &matrices.remove(0))?;
            }
            self.visualization.prelude = Some(prelude);
        } else {
            fired = self.visualization.fires(&cells, &matrices.remove(0))?;
        }
        for block in matrices.chunks(BLOCK) {
            if stop() {
                return Ok(None);
            }
            let reports = self.visualization.loaded.climb(block, &mut |_| Next::Go)?;
            self.visualization.check_finite(&reports)?;
        }
        Ok((!stop()).then_some(Portrait { picture: self.visualization.pictures()?.remove(0), fired }))
    }

    fn aim(&mut self, channel: usize) -> Result<(), VisualizeError> {
        let Self { visualization, layer } = self;
        visualization.name = format!("channel:{layer}:{channel}");
        visualization.given[0].fill(0.0);
        visualization.given[0][channel] = 1.0;
        Ok(visualization.loaded.give(&visualization.given)?)
    }

    fn climb(&self, plan: &mut Loaded, matrices: &[[f32; 6]]) -> Result<(), VisualizeError> {
        self.visualization.check_finite(&plan.climb(matrices, &mut |_| Next::Go)?)
    }
}

/// The layers whose channels, concatenated in order, are those of `layer`: the branches if it is a concatenation,
/// each of which needs only its own part of the network; otherwise the layer itself.
pub fn branches(network: &Network, layer: LayerId) -> Vec<LayerId> {
    match network[layer].op {
        Op::Concat => network[layer].inputs.clone(),
        _ => vec![layer],
    }
}
