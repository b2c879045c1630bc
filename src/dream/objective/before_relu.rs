//! An objective moved before the ReLU: after a ReLU, a silent unit has no gradient to climb.

use super::Objective;
use super::kinds::{Channel, L2, Neuron, Wanted};
use crate::net::{LayerId, Network, Op, Weights};
use crate::plan::network::Aim;

impl Objective {
    /// What to climb instead: one objective for each layer and channel that comes after a ReLU. Empty for
    /// kinds that have no counterpart before it.
    pub(crate) fn before_relu(&self, weights: &Weights) -> Vec<Self> {
        let network = weights.network();
        let wanted: Vec<Wanted> = match &self.what {
            Wanted::L2(_) => self.sources(weights, |layer, _| {
                let layer = name(network, relu_input(network, layer)?);
                Some(Wanted::L2(L2 { layer }))
            }),
            Wanted::Channel(_) => self.sources(weights, |layer, aim| {
                let Aim::Channel(channel) = aim else { return None };
                let (layer, channel) = source(network, layer, channel)?;
                Some(Wanted::Channel(Channel {
                    layer: name(network, layer),
                    channels: vec![channel..=channel],
                }))
            }),
            Wanted::Neuron(_) => self.sources(weights, |layer, aim| {
                let Aim::Neuron(channel, at) = aim else { return None };
                let (layer, channel) = source(network, layer, channel)?;
                Some(Wanted::Neuron(Neuron { layer: name(network, layer), channel, at }))
            }),
            _ => Vec::new(),
        };
        wanted.into_iter().map(|what| Self { what, ..self.clone() }).collect()
    }

    /// Applies `find` to each target.
    fn sources(&self, weights: &Weights, find: impl Fn(LayerId, Aim) -> Option<Wanted>) -> Vec<Wanted> {
        let targets = self.resolve(weights).unwrap_or_default();
        targets.into_iter().filter_map(|target| find(target.layer, target.aim)).collect()
    }
}

/// The layer and channel whose values a ReLU passes on, cell by cell, to this one.
fn source(network: &Network, layer: LayerId, channel: usize) -> Option<(LayerId, usize)> {
    if network[layer].op != Op::Concat {
        return Some((relu_input(network, layer)?, channel));
    }
    let mut channel = channel;
    for &input in &network[layer].inputs {
        match channel.checked_sub(network[input].channels) {
            Some(rest) => channel = rest,
            None => return source(network, input, channel),
        }
    }
    None
}

fn relu_input(network: &Network, layer: LayerId) -> Option<LayerId> {
    (network[layer].op == Op::Relu).then(|| network[layer].inputs[0])
}

fn name(network: &Network, layer: LayerId) -> String {
    network[layer].name.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_relu_passes_on_is_found_before_it() {
        let weights = Weights::embedded();
        for (behind, before) in [
            ("channel:conv1/relu_7x7:5", &["channel:conv1/7x7_s2:5"][..]),
            ("channel:inception_4c/output:0*2@1-2", &["channel:inception_4c/1x1:0*2@1-2"]),
            // 128 channels of 1x1 come first, then 256 of 3x3, 64 of 5x5 and 64 of the pool.
            (
                "channel:inception_4c/output:127-128",
                &["channel:inception_4c/1x1:127", "channel:inception_4c/3x3:0"],
            ),
            ("neuron:inception_4c/output:384:3,5", &["neuron:inception_4c/5x5:0:3,5"]),
            ("neuron:inception_4c/output:511#1", &["neuron:inception_4c/pool_proj:63#1"]),
            ("l2:conv2/relu_3x3", &["l2:conv2/3x3"]),
            ("l2:inception_4c/output", &[]),
            ("channel:conv1/7x7_s2:5", &[]),
            ("logit:3", &[]),
        ] {
            let objective: Objective = behind.parse().expect(behind);
            let found: Vec<String> =
                objective.before_relu(&weights).iter().map(Objective::to_string).collect();
            assert_eq!(found, before, "{behind}");
        }
    }
}
