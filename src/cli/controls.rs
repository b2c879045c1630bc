//! The flags that shape a dream, hold it back, and lay it over its source.

use clap::Args;

use super::{parse_real, parse_whole};
use crate::dream::controls::{Color, Controls, Optimizer};
use crate::plan::shaping::Normalise;

#[derive(Args)]
pub(super) struct ControlArguments {
    /// What a gradient is divided by: the mean of its magnitudes (mean), its standard deviation once its mean
    /// is off (std), or its root mean square (rms)
    #[arg(long, value_name = "BY", default_value_t = Normalise::default(), help_heading = "Shape",
          value_parser = parse_word::<Normalise>)]
    normalize: Normalise,

    /// Smooth gradients by three Gaussians, wider in each iteration
    #[arg(long, help_heading = "Shape")]
    smooth: bool,

    /// Split gradients into N+1 bands from fine to coarse, and make all of them as strong
    #[arg(long, value_name = "N", default_value_t = Controls::default().laplacian, help_heading = "Shape",
          value_parser = parse_whole::<usize>, allow_negative_numbers = true)]
    laplacian: usize,

    /// Go along the gradient as it is (step), or by about the same amount for every sample, along the running
    /// mean of its gradients (adam)
    #[arg(long, value_name = "HOW", default_value_t = Optimizer::default(), help_heading = "Shape",
          value_parser = parse_word::<Optimizer>)]
    optimizer: Optimizer,

    /// Take total variation off: more weight for smoother pictures, an exponent below 2 to spare edges
    #[arg(long, value_name = "W[,BETA]", help_heading = "Hold back", value_parser = parse_variation,
          allow_hyphen_values = true)]
    tv: Option<(f32, f32)>,

    /// Pull towards the source: W/255 of the distance for each gray level of the step
    #[arg(long, value_name = "W", default_value_t = Controls::default().l2, help_heading = "Hold back",
          value_parser = parse_real::<f32>, allow_negative_numbers = true)]
    l2: f32,

    /// Go back this part of the way to the source after each step, in brightness and in colour
    #[arg(long, value_name = "LUMA[,CHROMA]", help_heading = "Hold back", value_parser = parse_keep,
          allow_hyphen_values = true)]
    keep: Option<(f32, f32)>,

    /// Lock mean and variance of each colour to the source's after each step
    #[arg(long, help_heading = "Hold back")]
    guard: bool,

    /// Whose colours: the dream's own (dream), or the source's, with only brightness dreamed (keep)
    #[arg(long, value_name = "WHOSE", default_value_t = Color::default(), help_heading = "Lay over",
          value_parser = parse_word::<Color>)]
    color: Color,

    /// Percentiles of the finished dream that become black and white, like 1,99
    #[arg(long, value_name = "LOW,HIGH", help_heading = "Lay over", value_parser = parse_pair,
          allow_hyphen_values = true)]
    contrast: Option<(f32, f32)>,

    /// How much of the dream is laid over the source: 0 none, 1 all, more to exaggerate it
    #[arg(long, value_name = "X", default_value_t = Controls::default().strength, help_heading = "Lay over",
          value_parser = parse_real::<f32>, allow_negative_numbers = true)]
    strength: f32,
}

impl ControlArguments {
    pub(super) fn controls(&self) -> Controls {
        Controls {
            normalize: self.normalize,
            smooth: self.smooth,
            laplacian: self.laplacian,
            tv: self.tv.unwrap_or(Controls::default().tv),
            optimizer: self.optimizer,
            l2: self.l2,
            keep: self.keep.unwrap_or(Controls::default().keep),
            guard: self.guard,
            color: self.color,
            contrast: self.contrast,
            strength: self.strength,
        }
    }
}

fn parse_word<T: std::str::FromStr<Err: std::fmt::Display>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error: T::Err| error.to_string())
}

/// `LUMA`, for both, or `LUMA,CHROMA`.
fn parse_keep(text: &str) -> Result<(f32, f32), String> {
    let parts = parse_reals(text);
    match parts.as_deref() {
        Some(&[both]) => Ok((both, both)),
        Some(&[luma, chroma]) => Ok((luma, chroma)),
        _ => Err("one number from 0 to 1 is needed, or two: brightness and colour, like 0.02,0.1".to_owned()),
    }
}

/// `W`, or `W,BETA`.
fn parse_variation(text: &str) -> Result<(f32, f32), String> {
    match parse_reals(text).as_deref() {
        Some(&[weight]) => Ok((weight, Controls::default().tv.1)),
        Some(&[weight, exponent]) => Ok((weight, exponent)),
        _ => Err("a weight is needed, and perhaps an exponent, like 2 or 2,1.5".to_owned()),
    }
}

fn parse_pair(text: &str) -> Result<(f32, f32), String> {
    match parse_reals(text).as_deref() {
        Some(&[low, high]) => Ok((low, high)),
        _ => Err("two numbers are needed, like 1,99".to_owned()),
    }
}

fn parse_reals(text: &str) -> Option<Vec<f32>> {
    text.split(',').map(|part| part.trim().parse().ok()).collect()
}
