//! Which channels feed a channel, computed from the weights alone.
//!
//! The 3x3 and 5x5 convolutions of a module read the output of 1x1 convolutions of the previous module. If all
//! ReLUs pass their inputs, the two together are one convolution: `K[out][in][p] = sum over r of K2[out][r][p] *
//! K1[r][in]`. The strength with which `in` feeds `out` is the Euclidean norm of `K[out][in]` over all places `p`,
//! with the sign of its sum.

use crate::net::{LayerId, Network, Op, Weights};

/// The channels that feed the channels of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Feeders {
    /// The layer that the feeding channels belong to.
    pub from: LayerId,
    /// For each channel, the channels that feed it most, strongest first, each with its strength.
    pub strongest: Vec<Vec<(usize, f32)>>,
}

/// A convolution as a table of weights by output, place and input.
struct Kernel {
    /// The layer that it reads.
    from: LayerId,
    places: usize,
    /// `[out][place][in]`.
    weights: Vec<f32>,
    inputs: usize,
}

/// The `most` channels that feed each channel of `layer` most. They belong to the first of `sources` met on the
/// way back through the network. `None` if there is none, or if anything but 1x1 convolutions and layers without
/// weights lies between.
pub fn feeders(weights: &Weights, layer: LayerId, sources: &[LayerId], most: usize) -> Option<Feeders> {
    let network = weights.network();
    if network[layer].op == Op::Concat {
        let parts = network[layer].inputs.iter().map(|&branch| feeders(weights, branch, sources, most));
        let parts: Vec<Feeders> = parts.collect::<Option<_>>()?;
        let from = parts.first()?.from;
        let same = parts.iter().all(|part| part.from == from);
        let strongest = parts.into_iter().flat_map(|part| part.strongest).collect();
        return same.then_some(Feeders { from, strongest });
    }
    let mut kernel = Kernel::of(weights, behind_relu(network, layer))?;
    loop {
        let from = unweighted(network, kernel.from, sources);
        if sources.contains(&from) {
            let strongest = kernel.strengths().map(|strengths| strongest(strengths, most)).collect();
            return Some(Feeders { from, strongest });
        }
        let reduce = Kernel::of(weights, from).filter(|reduce| reduce.places == 1)?;
        kernel = kernel.after(&reduce);
    }
}

/// The convolution before a ReLU, or the layer itself.
fn behind_relu(network: &Network, layer: LayerId) -> LayerId {
    match network[layer].op {
        Op::Relu => network[layer].inputs[0],
        _ => layer,
    }
}

/// Goes back through layers without weights, but no further than the next source.
fn unweighted(network: &Network, mut layer: LayerId, sources: &[LayerId]) -> LayerId {
    while !sources.contains(&layer)
        && matches!(
            network[layer].op,
            Op::Relu | Op::MaxPool(_) | Op::Lrn(_) | Op::Dropout | Op::GlobalAverage
        )
    {
        layer = network[layer].inputs[0];
    }
    layer
}

impl Kernel {
    fn of(weights: &Weights, conv: LayerId) -> Option<Self> {
        let network = weights.network();
        let [outputs, inputs, height, width] = network.filter_shape(conv)?;
        let (filter, places) = (&weights.filter(conv).weight, height * width);
        let mut table = vec![0.0; filter.len()];
        for output in 0..outputs {
            for input in 0..inputs {
                for place in 0..places {
                    table[(output * places + place) * inputs + input] =
                        filter[(output * inputs + input) * places + place];
                }
            }
        }
        Some(Self { from: network[conv].inputs[0], places, weights: table, inputs })
    }

    /// Composes `first`, which must be pointwise, and this convolution into one.
    fn after(&self, first: &Self) -> Self {
        let mut weights = Vec::with_capacity(self.weights.len() / self.inputs * first.inputs);
        for row in self.weights.chunks_exact(self.inputs) {
            let mut sums = vec![0.0; first.inputs];
            for (&factor, line) in row.iter().zip(first.weights.chunks_exact(first.inputs)) {
                sums.iter_mut().zip(line).for_each(|(sum, weight)| *sum += factor * weight);
            }
            weights.extend(sums);
        }
        Self { from: first.from, places: self.places, weights, inputs: first.inputs }
    }

    /// For each output, the strength of each input.
    fn strengths(&self) -> impl Iterator<Item = Vec<f32>> {
        self.weights.chunks_exact(self.places * self.inputs).map(|table| {
            let places = |input: usize| table.iter().skip(input).step_by(self.inputs);
            let strength = |input| {
                let length = places(input).map(|weight| weight * weight).sum::<f32>().sqrt();
                length.copysign(places(input).sum::<f32>())
            };
            (0..self.inputs).map(strength).collect()
        })
    }
}

/// The strengths of largest magnitude with their channel numbers; equal ones stay in order.
fn strongest(strengths: Vec<f32>, most: usize) -> Vec<(usize, f32)> {
    let mut all: Vec<(usize, f32)> = strengths.into_iter().enumerate().collect();
    all.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::trunk;

    /// Compares with plain sums over the filters, for a channel of each branch.
    #[test]
    fn two_convolutions_feed_as_one() {
        let weights = Weights::embedded();
        let network = weights.network();
        let find = |name: &str| network.find(name).expect("a layer");
        let all = feeders(&weights, find("inception_4c/output"), &trunk(network), 3).expect("feeders");
        assert_eq!(all.from, find("inception_4b/output"));
        assert_eq!(all.strongest.len(), 512);
        for (channel, conv, own, reduce) in [
            (5, "inception_4c/1x1", 5, None),
            (128 + 7, "inception_4c/3x3", 7, Some("inception_4c/3x3_reduce")),
            (384 + 63, "inception_4c/5x5", 63, Some("inception_4c/5x5_reduce")),
            (448 + 1, "inception_4c/pool_proj", 1, None),
        ] {
            let [_, inner, height, width] = network.filter_shape(find(conv)).expect("a convolution");
            let (kernel, places) = (&weights.filter(find(conv)).weight, height * width);
            let at = |inner_channel: usize, place: usize| {
                f64::from(kernel[(own * inner + inner_channel) * places + place])
            };
            for &(input, strength) in &all.strongest[channel] {
                let whole = |place: usize| match reduce {
                    None => at(input, place),
                    Some(reduce) => {
                        let first = &weights.filter(find(reduce)).weight;
                        let inputs = first.len() / inner;
                        (0..inner).map(|r| at(r, place) * f64::from(first[r * inputs + input])).sum()
                    }
                };
                let values: Vec<f64> = (0..places).map(whole).collect();
                let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
                let expected = length.copysign(values.iter().sum());
                // At most 128 products of f32, added up in f32: 128 * 2^-24 of sums that cancel by less than tenfold.
                assert!((f64::from(strength) - expected).abs() < 1e-4 * length, "{conv} {input}: {strength}");
            }
        }
    }

    #[test]
    fn stems_are_fed_by_stems_and_the_first_by_nothing() {
        let weights = Weights::embedded();
        let network = weights.network();
        let from = |name: &str| {
            let layer = network.find(name).expect("a layer");
            feeders(&weights, layer, &trunk(network), 2).map(|found| network[found.from].name.clone())
        };
        assert_eq!(from("conv1/relu_7x7"), None);
        assert_eq!(from("conv2/relu_3x3_reduce").as_deref(), Some("conv1/relu_7x7"));
        assert_eq!(from("conv2/relu_3x3").as_deref(), Some("conv2/relu_3x3_reduce"));
        assert_eq!(from("inception_3a/output").as_deref(), Some("conv2/relu_3x3"));
        assert_eq!(from("inception_4a/3x3_reduce").as_deref(), Some("inception_3b/output"));
        assert_eq!(from("pool3/3x3_s2"), None);
    }
}
