//! Named settings for the embedded weights and for BVLC's, chosen by looking at their results.

use super::config::{CLASSIC_MEAN, Changes, Config, ControlChanges};
use super::{Objective, Octaves};
use crate::net::Weights;
use crate::settings::Settings;

/// Settings with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it makes, in a line.
    pub about: &'static str,
    /// For the weights inside the program.
    embedded: fn() -> Changes,
    /// For all other weights, whose layers have Caffe's names.
    trained: fn() -> Changes,
}

/// What the embedded weights dream if nothing to climb is given. `docs/search.md` says how it was found.
pub const EMBEDDED_DEFAULT: &str = "animals";

/// All of them.
pub const PRESETS: [Preset; 7] = [
    Preset {
        name: "animals",
        about: "faces of animals, near the picture's own colours",
        embedded: || animals(FACES.map(Objective::class).to_vec()),
        trained: || animals(vec![Objective::l2("inception_4e/output")]),
    },
    Preset {
        name: "puppyslug",
        about: "creatures everywhere",
        embedded: || Changes { iterations: Some(20.into()), ..notebook("inception_4c/pool_proj") },
        trained: || Changes { iterations: Some(20.into()), ..notebook("inception_4b/pool_proj") },
    },
    Preset {
        name: "arches",
        about: "arches, walls and towers",
        embedded: || Changes { iterations: Some(20.into()), ..notebook("inception_4d/pool_proj") },
        trained: || Changes { iterations: Some(20.into()), ..notebook("inception_4c/5x5") },
    },
    Preset {
        name: "brush",
        about: "strokes and ornaments",
        embedded: || notebook("inception_3a/output"),
        trained: || notebook("inception_3b/5x5_reduce"),
    },
    Preset {
        name: "eyes",
        about: "eyes that look back",
        embedded: || notebook("inception_4b/pool_proj"),
        trained: || notebook("inception_4a/output"),
    },
    Preset {
        name: "classic",
        about: "the 2015 notebook, with its mean of 104,116,122",
        embedded: || classic("inception_4c/output"),
        trained: || classic("inception_4c/output"),
    },
    Preset {
        name: "hallucination-machine",
        about: "like the film of the Hallucination Machine",
        embedded: hallucination_machine,
        trained: hallucination_machine,
    },
];

/// Classes of the embedded weights that together give a face with two eyes and a snout.
const FACES: [&str; 8] =
    ["dog face", "cat face", "fox face", "wolf face", "lion face", "tiger face", "panda face", "monkey face"];

/// Many sizes close to each other, with few but long steps at each: a face that began small is redrawn over
/// and over as it grows. A class leaves the colour of whatever it does not respond to arbitrary, so each step
/// is followed by a partial return to the colours of the picture. No setting here is a list over octaves or
/// refers to particular octaves, because small pictures, and users who ask for other octaves, start from this
/// preset too.
fn animals(objectives: Vec<Objective>) -> Changes {
    Changes {
        objectives: Some(objectives),
        octaves: Some(Octaves::Count(8)),
        octave_scale: Some(1.25),
        iterations: Some(7.into()),
        step: Some(3.0.into()),
        jitter: Some(32.into()),
        controls: ControlChanges { keep: Some((0.0, 0.1)), ..ControlChanges::default() },
        ..Changes::default()
    }
}

/// The notebook's loop, over any layer.
fn notebook(layer: &str) -> Changes {
    Changes {
        objectives: Some(vec![Objective::l2(layer)]),
        octaves: Some(Octaves::Count(4)),
        octave_scale: Some(1.4),
        iterations: Some(10.into()),
        step: Some(1.5.into()),
        jitter: Some(32.into()),
        ..Changes::default()
    }
}

/// The same with the mean of the notebook's weights.
fn classic(layer: &str) -> Changes {
    Changes { mean: Some(CLASSIC_MEAN), ..notebook(layer) }
}

/// The numbers of the laboratory's script for the Hallucination Machine (Suzuki, Roseboom, Schwartzman and
/// Seth, 2017, doi 10.1038/s41598-017-16316-2), which climbs the pool of the fourth branch of 4d, before its
/// projection.
fn hallucination_machine() -> Changes {
    Changes {
        octaves: Some(Octaves::Count(3)),
        octave_scale: Some(1.8),
        iterations: Some(16.into()),
        ..notebook("inception_4d/pool")
    }
}

impl Preset {
    /// The preset of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The settings that a dream with the embedded weights starts from if nothing to climb is given.
    pub fn of_embedded() -> Changes {
        Self::find(EMBEDDED_DEFAULT).map(|preset| (preset.embedded)()).unwrap_or_default()
    }

    /// What the preset sets with these weights.
    pub fn changes(&self, weights: &Weights) -> Changes {
        if weights.is_embedded() { (self.embedded)() } else { (self.trained)() }
    }
}

impl Config {
    /// The settings of a dream: each setting comes from the last layer that sets it, or else from the default
    /// of the weights. That default is their preset if no layer gives anything to climb. The preset suits no
    /// other objectives, so with objectives of one's own a dream starts from [`Config::for_weights`].
    pub fn by<'a>(weights: &Weights, layers: impl IntoIterator<Item = &'a Changes>) -> Self {
        let changes = Self::layered(layers);
        let own = Self::for_weights(weights);
        let start = match weights.is_embedded() && changes.objectives.is_none() {
            true => own.changed(&Preset::of_embedded()),
            false => own,
        };
        start.changed(&changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Op, Variant};

    #[test]
    fn every_preset_can_be_dreamed_with_any_weights() {
        let embedded = Weights::embedded();
        for preset in &PRESETS {
            let config = Config::by(&embedded, [&preset.changes(&embedded)]);
            config.check().expect(preset.name);
            for objective in &config.objectives {
                assert!(objective.resolve(&embedded).is_ok(), "{}: {objective}", preset.name);
            }
            for objective in (preset.trained)().objectives.expect("something to climb") {
                let spec = objective.to_string();
                let layer = spec.split(':').nth(1).expect("a layer");
                let there = |variant: Variant| variant.network(None).find_all(layer).is_ok();
                assert!(Variant::ALL.into_iter().all(there), "{}: {layer}", preset.name);
            }
        }
    }

    #[test]
    fn classic_is_the_default_with_the_notebooks_mean() {
        let (classic, weights) = (Preset::find("classic").expect("it is there"), Weights::embedded());
        assert_eq!(Config::by(&weights, [&classic.changes(&weights)]), Config::default());
        assert!(Preset::find("clasic").is_none());
    }

    /// With objectives given, nothing of the preset applies; with only other settings given, the rest of it
    /// does.
    #[test]
    fn the_default_preset_is_there_until_something_to_climb_is_named() {
        let weights = Weights::embedded();
        let preset = Preset::find(EMBEDDED_DEFAULT).expect("it is there");
        let start = Config::for_weights(&weights).changed(&preset.changes(&weights));
        assert_eq!(Config::by(&weights, []), start);
        let step = Changes { step: Some(0.5.into()), ..Changes::default() };
        assert_eq!(Config::by(&weights, [&step]), Config { step: 0.5.into(), ..start.clone() });
        let objectives = vec![Objective::l2(weights.favourite_layer())];
        let layer = Changes { objectives: Some(objectives), ..Changes::default() };
        assert_eq!(Config::by(&weights, [&layer]), Config::for_weights(&weights));
        assert_ne!(start, Config::for_weights(&weights));
    }

    /// The numbers of the published script, and the pool itself: not its projection.
    #[test]
    fn the_hallucination_machine_is_as_published() {
        let (preset, weights) =
            (Preset::find("hallucination-machine").expect("it is there"), Weights::embedded());
        let config = Config::by(&weights, [&preset.changes(&weights)]);
        assert_eq!((config.octaves, config.octave_scale), (Octaves::Count(3), 1.8));
        assert_eq!((config.iterations, config.step, config.jitter), (16.into(), 1.5.into(), 32.into()));
        for variant in Variant::ALL {
            let network = variant.network(None);
            let layer = network.find("inception_4d/pool").expect("a layer of all");
            assert!(matches!(network[layer].op, Op::MaxPool(_)), "{variant:?}");
            assert_eq!(network[layer].channels, network[network[layer].inputs[0]].channels, "{variant:?}");
        }
        assert_eq!(config.objectives, [Objective::l2("inception_4d/pool")]);
    }
}
