//! The settings of a dream, with the notebook's defaults.

use super::controls::Controls;
use super::objective::Objective;
use crate::net::Weights;

/// Mean that the notebook subtracts: B, G, R.
pub const CLASSIC_MEAN: [f32; 3] = [104.0, 116.0, 122.0];

/// Everything that decides a dream, apart from picture, weights and machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What to climb; several add up.
    pub objectives: Vec<Objective>,
    /// How many sizes of the picture are dreamed, the smallest first.
    pub octaves: usize,
    /// Factor between neighbouring sizes; above 1.
    pub octave_scale: f64,
    /// Steps in each octave.
    pub iterations: usize,
    /// Mean change of a pixel in one step, in gray levels: -1000 to 1000, not 0; negative to climb down.
    pub step: f32,
    /// Largest circular shift of the picture in each iteration, in pixels.
    pub jitter: u32,
    /// What the shifts are drawn from.
    pub seed: u64,
    /// Subtracted from the picture before the network sees it: B, G, R, each 0 to 255.
    pub mean: [f32; 3],
    /// How gradients are shaped, what holds the picture back, and how the dream is laid over its source.
    pub controls: Controls,
}

/// A setting out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, and must be {accepted}")]
pub struct ConfigError {
    /// Which.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub accepted: &'static str,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            objectives: vec![Objective::l2("inception_4c/output")],
            octaves: 4,
            octave_scale: 1.4,
            iterations: 10,
            step: 1.5,
            jitter: 32,
            seed: 0,
            mean: CLASSIC_MEAN,
            controls: Controls::default(),
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
        let check = |name, ok: bool, value: &dyn std::fmt::Display, accepted| {
            if ok { Ok(()) } else { Err(ConfigError { name, value: value.to_string(), accepted }) }
        };
        let weights_ok =
            self.objectives.iter().all(|objective| objective.weight.is_finite() && objective.weight != 0.0);
        let mean_ok = self.mean.iter().all(|mean| (0.0..=255.0).contains(mean));
        let means = self.mean.map(|mean| mean.to_string()).join(",");
        check("number of objectives", !self.objectives.is_empty(), &self.objectives.len(), "at least 1")?;
        check("objective weight", weights_ok, &self.describe_objectives(), "finite and not 0")?;
        check("octaves", (1..=100).contains(&self.octaves), &self.octaves, "from 1 to 100")?;
        let scale = self.octave_scale;
        check("octave scale", scale > 1.0 && scale <= 100.0, &scale, "above 1 and at most 100, like 1.4")?;
        check(
            "iterations",
            (1..=1_000_000).contains(&self.iterations),
            &self.iterations,
            "from 1 to 1000000",
        )?;
        let step = self.step;
        let step_ok = step != 0.0 && step.abs() <= 1000.0;
        check("step", step_ok, &step, "from -1000 to 1000 and not 0, like 1.5")?;
        check("jitter", self.jitter <= 65_535, &self.jitter, "from 0 to 65535 pixels")?;
        check("mean", mean_ok, &means, "three numbers from 0 to 255: B,G,R")?;
        self.controls.check()
    }

    /// Lowest and highest value of each channel when the mean is off.
    pub(crate) fn bounds(&self) -> [(f32, f32); 3] {
        self.mean.map(|mean| (-mean, 255.0 - mean))
    }

    /// The objectives in their own grammar, for messages.
    pub fn describe_objectives(&self) -> String {
        self.objectives.iter().map(Objective::to_string).collect::<Vec<_>>().join(" + ")
    }
}
