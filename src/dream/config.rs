//! The settings of a dream, with the notebook's defaults.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::controls::Controls;
use super::objective::Objective;
use super::per_octave::{MOST_OCTAVES, Octaves, PerOctave};
use super::tiles::Tiling;
use crate::net::Weights;

/// Mean that the notebook subtracts: B, G, R.
pub const CLASSIC_MEAN: [f32; 3] = [104.0, 116.0, 122.0];

/// Everything that decides a dream, apart from picture, weights and machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What to climb; several add up.
    pub objectives: Vec<Objective>,
    /// How many sizes of the picture are dreamed, the smallest first.
    pub octaves: Octaves,
    /// Shorter side, in pixels, of the smallest size dreamed; the picture's own size always is.
    pub min_edge: usize,
    /// Factor between neighbouring sizes; above 1.
    pub octave_scale: f64,
    /// Steps in each octave.
    pub iterations: PerOctave<usize>,
    /// Mean change of a pixel in one step, in gray levels: -1000 to 1000, not 0; negative to climb down.
    pub step: PerOctave<f32>,
    /// Largest circular shift of the picture in each iteration, in pixels.
    pub jitter: PerOctave<u32>,
    /// What the shifts are drawn from.
    pub seed: u64,
    /// Subtracted from the picture before the network sees it: B, G, R, each 0 to 255.
    pub mean: [f32; 3],
    /// How gradients are shaped, what holds the picture back, and how the dream is laid over its source.
    pub controls: Controls,
    /// How large pictures are cut into tiles.
    pub tiling: Tiling,
}

/// A setting out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, and must be {accepted}")]
pub struct ConfigError {
    /// Which.
    pub name: String,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub accepted: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            objectives: vec![Objective::l2("inception_4c/output")],
            octaves: Octaves::Count(4),
            min_edge: 1,
            octave_scale: 1.4,
            iterations: 10.into(),
            step: 1.5.into(),
            jitter: 32.into(),
            seed: 0,
            mean: CLASSIC_MEAN,
            controls: Controls::default(),
            tiling: Tiling::default(),
        }
    }
}

impl Config {
    /// The defaults, with the layer and the mean that suit these weights.
    pub fn for_weights(weights: &Weights) -> Self {
        let objectives = vec![Objective::l2(weights.favourite_layer())];
        Self { objectives, mean: weights.mean(), ..Self::default() }
    }

    /// Checks every range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let weights_ok =
            self.objectives.iter().all(|objective| objective.weight.is_finite() && objective.weight != 0.0);
        let mean_ok = self.mean.iter().all(|mean| (0.0..=255.0).contains(mean));
        let means = self.mean.map(|mean| mean.to_string()).join(",");
        check("number of objectives", !self.objectives.is_empty(), &self.objectives.len(), "at least 1")?;
        check("objective weight", weights_ok, &self.describe_objectives(), "finite and not 0")?;
        let octaves_ok = (1..=MOST_OCTAVES).contains(&self.octaves.most());
        check("octaves", octaves_ok, &self.octaves, "from 1 to 100, or auto")?;
        check("smallest edge", self.min_edge > 0, &self.min_edge, "1 pixel or more")?;
        let scale = self.octave_scale;
        check("octave scale", scale > 1.0 && scale <= 100.0, &scale, "above 1 and at most 100, like 1.4")?;
        let iterations_ok = |iterations: &usize| (1..=1_000_000).contains(iterations);
        check_each("iterations", &self.iterations, iterations_ok, "from 1 to 1000000")?;
        let step_ok = |step: &f32| *step != 0.0 && step.abs() <= 1000.0;
        check_each("step", &self.step, step_ok, "from -1000 to 1000 and not 0, like 1.5")?;
        check_each("jitter", &self.jitter, |&jitter| jitter <= 65_535, "from 0 to 65535 pixels")?;
        check("mean", mean_ok, &means, "three numbers from 0 to 255: B,G,R")?;
        self.controls.check()?;
        self.tiling.check()
    }

    /// Checks that every octave has something to climb, and that nothing is said of octaves that are not dreamed.
    pub(crate) fn check_octaves(&self, dreamed: usize) -> Result<(), ConfigError> {
        self.check_lists(dreamed)?;
        for octave in 1..=dreamed {
            let climbed = self.objectives_at(octave).count();
            let name = format!("number of objectives in octave {octave} of {dreamed}");
            check(&name, climbed > 0, &climbed, "at least 1")?;
        }
        for objective in &self.objectives {
            let Some(octaves) = objective.octaves else { continue };
            let last = octaves.last.unwrap_or(octaves.first);
            check("last octave of an objective", last <= dreamed, objective, &number_of_octaves(dreamed))?;
        }
        Ok(())
    }

    /// No list may be longer than there are octaves.
    fn check_lists(&self, octaves: usize) -> Result<(), ConfigError> {
        let accepted = number_of_octaves(octaves);
        let check_list = |name: &str, values: usize, text: &dyn Display| {
            check(&format!("number of {name}"), values <= octaves, text, &accepted)
        };
        check_list("values for iterations", self.iterations.values().len(), &self.iterations)?;
        check_list("values for step", self.step.values().len(), &self.step)?;
        check_list("values for jitter", self.jitter.values().len(), &self.jitter)
    }

    /// What is climbed in an octave, counted from 1, the smallest.
    pub fn objectives_at(&self, octave: usize) -> impl Iterator<Item = &Objective> {
        self.objectives.iter().filter(move |it| it.octaves.is_none_or(|octaves| octaves.contains(octave)))
    }

    /// Which mask each objective is climbed under, from 0, where there are `masks` of them: the one it names; for
    /// all that name none the only one that none names. Every mask must have something climbed under it.
    pub(crate) fn place_masks(
        &self,
        masks: usize,
    ) -> Result<impl Fn(&Objective) -> Option<usize> + use<>, ConfigError> {
        for objective in &self.objectives {
            let ok = objective.mask.is_none_or(|mask| mask <= masks);
            check(
                "objective under a mask",
                ok,
                objective,
                &format!("under a mask that is given, of which there are {masks}"),
            )?;
        }
        let named = |mask: &usize| self.objectives.iter().any(|objective| objective.mask == Some(mask + 1));
        let mut unnamed = (0..masks).filter(|mask| !named(mask));
        let common = unnamed.next();
        let uses_common = self.objectives.iter().any(|objective| objective.mask.is_none());
        let idle = common.filter(|_| !uses_common).or(unnamed.next()).map_or(0, |mask| mask + 1);
        let accepted = format!("named by an objective that ends in #{idle}, or left away");
        check("mask with nothing climbed under it", idle == 0, &idle, &accepted)?;
        Ok(move |objective: &Objective| objective.mask.map(|mask| mask - 1).or(common))
    }

    /// Checks that every objective has its mask, and every one of so many masks something climbed under it.
    ///
    /// # Errors
    /// The objective or the mask.
    pub fn check_masks(&self, masks: usize) -> Result<(), ConfigError> {
        self.place_masks(masks).map(drop)
    }

    /// Lowest and highest value of each channel when the mean is off.
    pub(crate) fn bounds(&self) -> [(f32, f32); 3] {
        self.mean.map(|mean| (-mean, 255.0 - mean))
    }

    /// The objectives in their own grammar, for messages.
    pub fn describe_objectives(&self) -> String {
        describe(self.objectives.iter())
    }
}

/// Objectives in their own grammar.
pub(super) fn describe<'a>(objectives: impl Iterator<Item = &'a Objective>) -> String {
    objectives.map(Objective::to_string).collect::<Vec<_>>().join(" + ")
}

pub(super) fn check(name: &str, ok: bool, value: &dyn Display, accepted: &str) -> Result<(), ConfigError> {
    let [name, accepted] = [name, accepted].map(str::to_owned);
    if ok { Ok(()) } else { Err(ConfigError { name, value: value.to_string(), accepted }) }
}

/// Names the octave if there is more than one value.
fn check_each<T: Display>(
    name: &str,
    values: &PerOctave<T>,
    ok: impl Fn(&T) -> bool,
    accepted: &str,
) -> Result<(), ConfigError> {
    let several = values.values().len() > 1;
    values.values().iter().enumerate().try_for_each(|(index, value)| {
        let name = if several { format!("{name} of octave {}", index + 1) } else { name.to_owned() };
        check(&name, ok(value), value, accepted)
    })
}

fn number_of_octaves(octaves: usize) -> String {
    format!("at most {octaves}, as many as there are octaves in this size")
}
