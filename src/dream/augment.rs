//! Variants of a dream, each with other settings drawn from the seed, for enlarging training sets.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::{Changes, Config, Objective};
use crate::files::digest::sha256;
use crate::net::Weights;
use crate::settings::Settings;

/// The settings of variant `number` of the picture of this name. Settings that are not `given` are drawn at
/// random, as far as their declarations allow. The layer is one from the middle of the network. The seed of
/// the shifts is drawn in any case. The result depends on the seed, the name and the number, and on no other
/// picture.
pub fn variant(weights: &Weights, given: &Changes, name: &str, number: usize) -> Config {
    let digest = sha256(format!("{}/{name}/{number}", Config::by(weights, [given]).seed).as_bytes());
    let seed = u64::from_str_radix(&digest[..16], 16).expect("hexadecimal digits");
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut draw = |choices: u64| ((u128::from(random.next_u64()) * u128::from(choices)) >> 64) as usize;
    // 53 bits, which every JSON reader reads exactly.
    let seed = draw(1 << 53) as u64;
    // All are drawn, so that giving one does not change the others.
    let settings = Config::all().iter().filter(|setting| setting.choices > 0);
    let mut layers: Vec<Changes> = settings.map(|setting| setting.drawn(draw(setting.choices))).collect();
    let middle = middle_layers(weights);
    let objectives = middle.get(draw(middle.len().max(1) as u64)).map(|layer| vec![Objective::l2(layer)]);
    layers.push(Changes { objectives, ..Changes::default() });
    let mut variant = Config { seed, ..Config::by(weights, layers.iter().chain([given])) };
    if given.octaves.is_none() {
        variant.octaves = variant.octaves.most().max(octaves_named(&variant)).into();
    }
    variant
}

/// The last octave that the settings refer to.
fn octaves_named(config: &Config) -> usize {
    let of_objective =
        |objective: &Objective| objective.octaves.map_or(0, |octaves| octaves.last.unwrap_or(octaves.first));
    let lists = [config.iterations.values().len(), config.step.values().len(), config.jitter.values().len()];
    config.objectives.iter().map(of_objective).chain(lists).max().unwrap_or(0)
}

/// Layers that produce textures and parts of things, rather than lines or noise.
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
    use crate::dream::PerOctave;

    #[test]
    fn variants_differ_and_come_again() {
        let (weights, given) = (Weights::embedded(), Changes::default());
        assert_eq!(middle_layers(&weights).len(), 7);
        let one = |name, number| variant(&weights, &given, name, number);
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

    /// A training set that was grown by a seed must grow again: drawing in another order would change it.
    #[test]
    fn variants_are_drawn_in_the_old_order() {
        let given = Changes { seed: Some(7), ..Changes::default() };
        let variant = variant(&Weights::embedded(), &given, "a.png", 3);
        let said = (variant.describe_objectives(), variant.octaves, variant.iterations, variant.step);
        let expected = ("l2:inception_4b/output".to_owned(), 2.into(), 7.into(), 1.6.into());
        assert_eq!((said, variant.seed), (expected, 5_920_481_879_861_336));
    }

    #[test]
    fn what_is_given_stays() {
        let weights = Weights::embedded();
        let steps = Changes { step: Some(0.7.into()), ..Changes::default() };
        let (given, free) =
            (variant(&weights, &steps, "a", 1), variant(&weights, &Changes::default(), "a", 1));
        assert_eq!(given, Config { step: 0.7.into(), ..free });
        let lists = Changes { jitter: Some(PerOctave::new(vec![1; 7])), ..Changes::default() };
        assert_eq!(variant(&weights, &lists, "a", 1).octaves, 7.into());
    }
}
