//! Numbers drawn from a seed that is the case's name: the same in every run, on every machine.

use std::collections::HashMap;

use puppyslug::net::{Filter, Network, Weights};
use rand_pcg::Pcg32;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A source of numbers.
pub struct Random(Pcg32);

impl Random {
    /// FNV-1a makes a seed of the name.
    pub fn named(name: &str) -> Self {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(Pcg32::seed_from_u64(name.bytes().fold(0xcbf2_9ce4_8422_2325, hash)))
    }

    /// One of `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.next_u32() as usize % count
    }

    /// From -1 to 1.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    }

    /// Any sign, a quarter of them zero.
    pub fn mixed(&mut self) -> f32 {
        if self.below(4) == 0 { 0.0 } else { self.unit() }
    }

    /// `count` numbers.
    pub fn fill(&mut self, count: usize, draw: impl Fn(&mut Self) -> f32) -> Vec<f32> {
        (0..count).map(|_| draw(self)).collect()
    }
}

/// Weights from -1 to 1, over the root of how many a sum has of them, so that maps keep their size.
pub fn random_weights(name: &str, network: Network) -> Weights {
    let mut random = Random::named(name);
    let mut filters = HashMap::new();
    for id in network.ids() {
        if let Some([outputs, inputs, height, width]) = network.filter_shape(id) {
            let terms = inputs * height * width;
            let size = 2.0 / (terms as f32).sqrt();
            filters.insert(
                id,
                Filter {
                    weight: random.fill(outputs * terms, |random| size * random.unit()),
                    bias: random.fill(outputs, |random| 0.1 * random.unit()),
                },
            );
        }
    }
    Weights::from_filters(network, filters)
}
