//! A check that a network responds: its activations for a picture that is always available.

use super::DreamError;
use super::probe::{network_input, probe};
use crate::extent::Extent;
use crate::machine::Machine;
use crate::net::{Op, Weights};
use crate::picture::sky::sky;

/// The side of the pictures that these networks were trained with.
const SIDE: usize = 224;
const SEED: u64 = 1;

/// One layer's activations, after ReLU.
#[derive(Clone, Debug, PartialEq)]
pub struct Pulse {
    /// Layer name.
    pub layer: String,
    /// How many channels it has.
    pub channels: usize,
    /// How many of them are zero everywhere. Every network has some: the sky does not contain what they
    /// respond to.
    pub silent: usize,
    /// The largest activation; not finite if any activation is not.
    pub largest: f32,
}

/// Runs the network over the sky that is painted when a dream is given no picture, and summarises every ReLU.
pub fn pulse(machine: &dyn Machine, weights: &Weights) -> Result<Vec<Pulse>, DreamError> {
    let network = weights.network();
    let relus = network.ids().filter(|&id| network[id].op == Op::Relu);
    let layers: Vec<String> = relus.map(|id| network[id].name.clone()).collect();
    let input = network_input(&sky(Extent::square(SIDE), SEED)?, weights.mean());
    let probed = probe(machine, weights, &input, &layers, &[])?;
    Ok(probed
        .activations
        .into_iter()
        .map(|(layer, map)| listen(layer, map.shape.channels, &map.cells))
        .collect())
}

fn listen(layer: String, channels: usize, cells: &[f32]) -> Pulse {
    let maps = cells.chunks_exact(cells.len() / channels);
    let silent = maps.filter(|map| map.iter().all(|&cell| cell == 0.0)).count();
    let larger = |a: f32, &b: &f32| if a.is_nan() || b.is_nan() { f32::NAN } else { a.max(b) };
    Pulse { layer, channels, silent, largest: cells.iter().fold(0.0, larger) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_noise_are_heard() {
        let cells = [0.0, 0.0, 0.0, 3.0, f32::NAN, 1.0];
        let first = listen("two".into(), 2, &cells[..4]);
        assert_eq!((first.silent, first.largest), (1, 3.0));
        assert!(listen("three".into(), 3, &cells).largest.is_nan());
    }
}
