//! Which settings of a loaded dream may be changed, and which may not.

use super::planning::Climbing;
use super::{Config, Dream, DreamError};
use crate::plan::{IN_PLACE, Numbers};

/// How to write the value of a setting in words.
type InWords = fn(&Config) -> String;

/// The settings that are fixed while a dream is loaded: the path of each, and its value in words. All others
/// may be changed. The weights of objectives, and step, tv, l2, keep, color, smooth and mean (which decides
/// the bounds), may be changed only if the dream was prepared for that; the rest may be changed in any dream.
/// The number of masks and the size of the guide are also fixed: see [`Run::steering`](super::Run::steering).
pub const FIXED: &[(&str, InWords)] = &[
    ("objectives", |config| in_words(&mut config.objectives.iter().map(unweighted))),
    ("octaves", |config| config.octaves.to_string()),
    ("min_edge", |config| config.min_edge.to_string()),
    ("octave_scale", |config| config.octave_scale.to_string()),
    ("controls.normalize", |config| config.controls.normalize.to_string()),
    ("controls.laplacian", |config| config.controls.laplacian.to_string()),
    ("controls.optimizer", |config| config.controls.optimizer.to_string()),
    ("controls.guard", |config| config.controls.guard.to_string()),
    ("tiling", |config| config.tiling.describe()),
];

/// The settings that may be changed only if the dream was prepared for that.
const MOVING: &[(&str, InWords)] = &[
    ("objectives", |config| config.describe_objectives()),
    ("step", |config| config.step.to_string()),
    ("mean", |config| format!("{:?}", config.mean)),
    ("controls.tv", |config| format!("{:?}", config.controls.tv)),
    ("controls.l2", |config| config.controls.l2.to_string()),
    ("controls.keep", |config| format!("{:?}", config.controls.keep)),
    ("controls.color", |config| config.controls.color.to_string()),
    ("controls.smooth", |config| config.controls.smooth.to_string()),
];

fn unweighted(objective: &super::Objective) -> String {
    super::Objective { weight: 1.0, ..objective.clone() }.to_string()
}

fn in_words(objectives: &mut dyn Iterator<Item = String>) -> String {
    objectives.collect::<Vec<_>>().join(" + ")
}

/// The objective that each target of each octave belongs to, in the order of the plan.
#[derive(Debug)]
pub(super) struct Movable {
    /// Whether iterations supply their numbers.
    pub(super) moving: bool,
    pub(super) objectives: Vec<Vec<usize>>,
}

impl Climbing<'_> {
    /// What is needed to recompute the numbers of a plan with this many octaves.
    pub(super) fn movable(&self, octaves: usize) -> Movable {
        Movable {
            moving: self.purpose.moving,
            objectives: (0..octaves).map(|octave| self.order(octave)).collect(),
        }
    }
}

impl Movable {
    /// The numbers of an octave, counted from 0, for these settings.
    pub(super) fn numbers(&self, config: &Config, octave: usize) -> Numbers {
        let (step, iterations) = (*config.step.at(octave), *config.iterations.at(octave));
        let shaping = config.controls.shaping(step, iterations);
        let weights = self.objectives[octave].iter().map(|&number| config.objectives[number].weight);
        Numbers {
            step,
            bounds: config.bounds(),
            weights: weights.collect(),
            smooth: shaping.smooth,
            variation: shaping.variation,
            pull: shaping.pull,
            place: IN_PLACE,
        }
    }
}

impl Dream {
    /// Changes the settings, for the next run and those after it.
    ///
    /// # Errors
    /// [`DreamError::Fixed`] names a setting of [`FIXED`] that differs. A weight of 0 is accepted here,
    /// although a dream cannot be prepared with it: that objective then has no part in the dream.
    pub fn adopt(&mut self, config: &Config) -> Result<(), DreamError> {
        self.check_adoptable(config)?;
        self.config = config.clone();
        Ok(())
    }

    /// Checks that these settings can be used without loading again.
    pub(super) fn check_adoptable(&self, config: &Config) -> Result<(), DreamError> {
        let held = if self.movable.moving { &[] } else { MOVING };
        for &(setting, in_words) in FIXED.iter().chain(held) {
            let (loaded, asked) = (in_words(&self.config), in_words(config));
            if loaded != asked {
                return Err(DreamError::Fixed { setting: setting.to_owned(), loaded, asked });
            }
        }
        let weighed = config.objectives.iter().all(|objective| objective.weight != 0.0);
        if weighed { Ok(config.check()?) } else { Ok(without_idle(config).check()?) }
    }
}

/// The settings without objectives of weight 0.
fn without_idle(config: &Config) -> Config {
    let climbed = config.objectives.iter().filter(|objective| objective.weight != 0.0);
    Config { objectives: climbed.cloned().collect(), ..config.clone() }
}
