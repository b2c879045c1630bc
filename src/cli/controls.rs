//! The flags that shape a dream, hold it back, and lay it over its source.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, parse_real, parse_whole};
use crate::dream::Picture;
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

    /// Dream only where this picture is bright, or `alpha` for where the dreamed one is solid
    #[arg(long, value_name = "PICTURE|alpha", help_heading = "Lay over")]
    mask: Option<PathBuf>,

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
            masked: self.mask.is_some(),
        }
    }

    /// The file of the mask, if it is one.
    pub(super) fn mask_file(&self) -> Option<&PathBuf> {
        self.mask.as_ref().filter(|path| !is_alpha(path))
    }

    /// The mask, if there is one: opened before any work is done.
    pub(super) fn open_mask(&self, opened: Option<&Picture>) -> Result<Option<Mask>, Failure> {
        let Some(path) = &self.mask else { return Ok(None) };
        if !is_alpha(path) {
            return Ok(Some(Mask::Picture(Picture::open(path)?)));
        }
        match opened.and_then(Picture::alpha) {
            Some(_) => Ok(Some(Mask::Alpha)),
            None => Err(Failure::usage(
                "--mask alpha needs a picture with transparency, and this one has none; give a picture as the mask",
            )),
        }
    }
}

/// Where a mask comes from.
pub(super) enum Mask {
    /// The dreamed picture's own transparency.
    Alpha,
    /// The brightness of another.
    Picture(Picture),
}

impl Mask {
    /// How far each pixel of the picture may go, 0 to 1.
    pub(super) fn over(&self, picture: &Picture) -> Result<Vec<f32>, Failure> {
        match self {
            Mask::Alpha => {
                let solid = || vec![u16::MAX; picture.width() * picture.height()];
                let alpha = picture.alpha().map_or_else(solid, <[u16]>::to_vec);
                Ok(alpha.into_iter().map(|sample| f32::from(sample) / 65535.0).collect())
            }
            Mask::Picture(mask) => {
                let mask = mask.resized(picture.width(), picture.height())?;
                Ok(mask.luma().into_iter().map(|gray| (gray / 255.0).clamp(0.0, 1.0)).collect())
            }
        }
    }
}

fn is_alpha(path: &Path) -> bool {
    path.as_os_str() == "alpha"
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
