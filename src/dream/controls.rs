//! What an artist may change about the loop: how gradients are shaped, what holds the picture back, and how
//! the finished dream is laid over its source. By default nothing is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::config::{ConfigError, check};
use crate::plan::shaping::{Normalise, Shaping};

/// All of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Controls {
    /// How a gradient is made as long as the next.
    pub normalize: Normalise,
    /// Whether gradients are smoothed by three Gaussians, which widen from iteration to iteration.
    pub smooth: bool,
    /// Into how many levels of a Laplacian pyramid a gradient is split, each made as strong as the others;
    /// 0 to 10.
    pub laplacian: usize,
    /// Weight, 0 to 1000, and exponent, 1 to 4, of the total variation that each step takes off.
    pub tv: (f32, f32),
    /// How the picture goes along a gradient.
    pub optimizer: Optimizer,
    /// How much each step takes off the squared distance to the source; 0 or more.
    pub l2: f32,
    /// How much of the way back to the source the picture goes after each step, in brightness and in colour;
    /// 0 to 1.
    pub keep: (f32, f32),
    /// Whether mean and variance of each colour stay the source's.
    pub guard: bool,
    /// Whether the dream has colours of its own.
    pub color: Color,
    /// Percentiles of the finished dream that become black and white.
    pub contrast: Option<(f32, f32)>,
    /// How much of the dream is laid over the source: 0 none, 1 all, more to exaggerate it.
    pub strength: f32,
}

/// How a picture goes along a gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimizer {
    /// By its length and direction.
    #[default]
    Step,
    /// Each sample by about the same amount, along the running mean of its gradients.
    Adam,
}

/// Where the colours of a dream come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// The dream's own.
    #[default]
    Dream,
    /// The source's: only brightness is dreamed.
    Keep,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            normalize: Normalise::default(),
            smooth: false,
            laplacian: 0,
            tv: (0.0, 2.0),
            optimizer: Optimizer::default(),
            l2: 0.0,
            keep: (0.0, 0.0),
            guard: false,
            color: Color::default(),
            contrast: None,
            strength: 1.0,
        }
    }
}

impl Controls {
    /// Checks every range.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let pair = |(a, b): (f32, f32)| format!("{a},{b}");
        let keep_ok = [self.keep.0, self.keep.1].iter().all(|part| (0.0..=1.0).contains(part));
        let (weight, exponent) = self.tv;
        let exponent_ok = (1.0..=4.0).contains(&exponent);
        check("laplacian", self.laplacian <= 10, &self.laplacian, "from 0 to 10 levels")?;
        check("tv weight", (0.0..=1000.0).contains(&weight), &weight, "from 0 to 1000, like 2")?;
        check("tv exponent", exponent_ok, &exponent, "from 1 to 4, like 2")?;
        check("l2", (0.0..=1000.0).contains(&self.l2), &self.l2, "from 0 to 1000, like 1")?;
        check("keep", keep_ok, &pair(self.keep), "from 0 to 1: LUMA or LUMA,CHROMA")?;
        if let Some((low, high)) = self.contrast {
            let ok = 0.0 <= low && low < high && high <= 100.0;
            let accepted = "two percentiles from 0 to 100, the lower first, like 1,99";
            check("contrast", ok, &pair((low, high)), accepted)?;
        }
        check("strength", (0.0..=10.0).contains(&self.strength), &self.strength, "from 0 to 10, like 0.5")
    }

    /// What they mean for the loop, for steps of this length and so many of them in an octave.
    pub(super) fn shaping(&self, step: f32, iterations: usize) -> Shaping {
        let (weight, exponent) = self.tv;
        Shaping {
            normalise: self.normalize,
            smooth: self.smooth.then_some(iterations),
            laplacian: self.laplacian,
            // Where steps go down, what is taken off must be added.
            variation: (weight != 0.0).then_some((weight * step.signum(), exponent)),
            adam: self.optimizer == Optimizer::Adam,
            pull: self.pull(step),
            guard: self.guard,
        }
    }

    /// All that pulls back, as one: each takes its part of what the others leave.
    fn pull(&self, step: f32) -> (f32, f32) {
        let distance = (step.abs() * self.l2 / 255.0).min(1.0);
        let both = |part: f32| if part == 0.0 { distance } else { 1.0 - (1.0 - distance) * (1.0 - part) };
        match self.color {
            Color::Dream => (both(self.keep.0), both(self.keep.1)),
            Color::Keep => (both(self.keep.0), 1.0),
        }
    }
}

/// A word that is none of those accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("accepted are {0}")]
pub struct UnknownWord(&'static str);

macro_rules! words {
    ($kind:ident: $($word:literal = $value:ident),*; $accepted:literal) => {
        impl FromStr for $kind {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$value),)*
                    _ => Err(UnknownWord($accepted)),
                }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$value => $word,)* })
            }
        }
    };
}

words!(Normalise: "mean" = Mean, "std" = Deviation, "rms" = RootMeanSquare; "mean, std and rms");
words!(Optimizer: "step" = Step, "adam" = Adam; "step and adam");
words!(Color: "dream" = Dream, "keep" = Keep; "dream and keep");
