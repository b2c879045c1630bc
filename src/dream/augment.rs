//! Variants of a dream: other settings for each, drawn from the seed. For training sets that are to grow.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::{Config, Objective};
use crate::files::digest::sha256;
use crate::net::Weights;

/// The settings of variant `number` of the picture of this name: what is not `fixed` is drawn. The layer is one
/// of those in the middle of the network, octaves are 2 to 4, iterations 4 to 12, steps 0.5 to 2 gray levels;
/// the shifts are drawn in any case. It depends on the seed, the name and the number, and on no other picture.
pub fn variant(
    config: &Config,
    weights: &Weights,
    name: &str,
    number: usize,
    fixed: impl Fn(&str) -> bool,
) -> Config {
    let digest = sha256(format!("{}/{name}/{number}", config.seed).as_bytes());
    let seed = u64::from_str_radix(&digest[..16], 16).expect("hexadecimal digits");
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut draw = |choices: u64| ((u128::from(random.next_u64()) * u128::from(choices)) >> 64) as usize;
    let mut variant = config.clone();
    // 53 bits: every reader of JSON takes them for what they are.
    variant.seed = draw(1 << 53) as u64;
    // All are drawn, so that fixing one does not change the others.
    let (layers, octaves, iterations, step) = (middle_layers(weights), draw(3), draw(9), draw(31));
    let layer = layers.get(draw(layers.len().max(1) as u64));
    if let (Some(layer), false) = (layer, fixed("objectives")) {
        variant.objectives = vec![Objective::l2(layer)];
    }
    if !fixed("octaves") {
        variant.octaves = (2 + octaves).max(octaves_named(&variant)).into();
    }
    if !fixed("iterations") {
        variant.iterations = (4 + iterations).into();
    }
    if !fixed("step") {
        variant.step = (0.5 + 0.05 * step as f32).into();
    }
    variant
}

/// The last octave that the settings say something of.
fn octaves_named(config: &Config) -> usize {
    let of_objective =
        |objective: &Objective| objective.octaves.map_or(0, |octaves| octaves.last.unwrap_or(octaves.first));
    let lists = [config.iterations.values().len(), config.step.values().len(), config.jitter.values().len()];
    config.objectives.iter().map(of_objective).chain(lists).max().unwrap_or(0)
}

/// Layers that draw textures and parts of things, neither lines nor noise.
fn middle_layers(weights: &Weights) -> Vec<&str> {
    let network = weights.network();
    let middle = |name: &str| {
        name.ends_with("/output") && (name.starts_with("inception_3") || name.starts_with("inception_4"))
    };
    let layers = network.ids().map(|id| &network[id]).filter(|layer| middle(layer.caffe_name()));
    layers.map(|layer| layer.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_differ_and_come_again() {
        let (weights, config) = (Weights::embedded(), Config::default());
        assert_eq!(middle_layers(&weights).len(), 7);
        let one = |name, number| variant(&config, &weights, name, number, |_| false);
        assert_eq!(one("a", 1), one("a", 1));
        let seeds = [one("a", 1).seed, one("a", 2).seed, one("b", 1).seed];
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2] && seeds[1] != seeds[2]);
        let all: Vec<Config> = (0..200).map(|number| one("a", number)).collect();
        assert!(all.iter().all(|config| config.check().is_ok()));
        let some = |of: &dyn Fn(&Config) -> String| {
            all.iter().map(of).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(some(&|config| config.octaves.to_string()), 3);
        assert_eq!(some(&|config| config.iterations.to_string()), 9);
        assert_eq!(some(&|config| config.describe_objectives()), 7);
    }

    #[test]
    fn what_is_fixed_stays() {
        let (weights, config) = (Weights::embedded(), Config::default());
        let fixed = variant(&config, &weights, "a", 1, |_| true);
        assert_eq!(Config { seed: config.seed, ..fixed }, config);
        let step = variant(&config, &weights, "a", 1, |name| name == "step");
        let free = variant(&config, &weights, "a", 1, |_| false);
        assert_eq!(step, Config { step: config.step.clone(), ..free });
    }
}
