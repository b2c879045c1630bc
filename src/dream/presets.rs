//! Settings with names, for the embedded weights and for BVLC's, chosen by looking at what they make.

use super::config::{CLASSIC_MEAN, Config};

use super::per_octave::Octaves;
use crate::net::Weights;

/// Settings with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it makes, in a line.
    pub about: &'static str,
    /// With the weights inside the program.
    embedded: Settings,
    /// With all others, which know their layers by Caffe's names.
    trained: Settings,
    /// Whatever the weights say; theirs if `None`.
    mean: Option<[f32; 3]>,
}

/// What a preset decides.
#[derive(Clone, Copy, Debug)]
struct Settings {
    objectives: &'static [&'static str],
    octaves: Octaves,
    octave_scale: f64,
    iterations: usize,
    step: f32,
    jitter: u32,
}

/// The notebook's, for any layer.
const NOTEBOOK: Settings = Settings {
    objectives: &["l2:inception_4c/output"],
    octaves: Octaves::Count(4),
    octave_scale: 1.4,
    iterations: 10,
    step: 1.5,
    jitter: 32,
};

/// All of them.
pub const PRESETS: [Preset; 5] = [
    Preset {
        name: "puppyslug",
        about: "creatures everywhere",
        embedded: Settings { objectives: &["l2:inception_4c/pool_proj"], iterations: 20, ..NOTEBOOK },
        trained: Settings { objectives: &["l2:inception_4b/pool_proj"], iterations: 20, ..NOTEBOOK },
        mean: None,
    },
    Preset {
        name: "arches",
        about: "arches, walls and towers",
        embedded: Settings { objectives: &["l2:inception_4d/pool_proj"], iterations: 20, ..NOTEBOOK },
        trained: Settings { objectives: &["l2:inception_4c/5x5"], iterations: 20, ..NOTEBOOK },
        mean: None,
    },
    Preset {
        name: "brush",
        about: "strokes and ornaments",
        embedded: Settings { objectives: &["l2:inception_3a/output"], ..NOTEBOOK },
        trained: Settings { objectives: &["l2:inception_3b/5x5_reduce"], ..NOTEBOOK },
        mean: None,
    },
    Preset {
        name: "eyes",
        about: "eyes that look back",
        embedded: Settings { objectives: &["l2:inception_4b/pool_proj"], ..NOTEBOOK },
        trained: Settings { objectives: &["l2:inception_4a/output"], ..NOTEBOOK },
        mean: None,
    },
    Preset {
        name: "classic",
        about: "the notebook of 2015, to the mean of 104,116,122",
        embedded: NOTEBOOK,
        trained: NOTEBOOK,
        mean: Some(CLASSIC_MEAN),
    },
];

impl Preset {
    /// The preset of that name.
    pub fn find(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// Its settings for these weights.
    pub fn config(&self, weights: &Weights) -> Config {
        let settings = if weights.is_embedded() { self.embedded } else { self.trained };
        let objectives = settings.objectives.iter();
        Config {
            objectives: objectives.map(|spec| spec.parse().expect("a test reads all of them")).collect(),
            octaves: settings.octaves,
            octave_scale: settings.octave_scale,
            iterations: settings.iterations.into(),
            step: settings.step.into(),
            jitter: settings.jitter.into(),
            mean: self.mean.unwrap_or(weights.mean()),
            ..Config::for_weights(weights)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Variant;

    #[test]
    fn every_preset_can_be_dreamed_with_any_weights() {
        let embedded = Weights::embedded();
        for preset in &PRESETS {
            let config = preset.config(&embedded);
            config.check().expect(preset.name);
            for objective in &config.objectives {
                assert!(objective.resolve(&embedded).is_ok(), "{}: {objective}", preset.name);
            }
            for spec in preset.trained.objectives {
                let layer = spec.split(':').nth(1).expect(spec);
                let there = |variant: Variant| variant.network(None).find_all(layer).is_ok();
                assert!(Variant::ALL.into_iter().all(there), "{}: {layer}", preset.name);
            }
        }
    }

    #[test]
    fn classic_is_the_default_with_the_notebooks_mean() {
        let classic = Preset::find("classic").expect("it is there").config(&Weights::embedded());
        assert_eq!(classic, Config::default());
        assert!(Preset::find("clasic").is_none());
    }
}
