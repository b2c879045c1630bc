//! Linear light, as OpenEXR and Radiance files store it, and the levels that a dream works on.
//!
//! Light from 0 to 1 becomes sRGB-coded levels from 0 to 255. What lies outside (a lamp, the sun, a colour that
//! sRGB lacks) is the picture's excess: it bypasses the dream and is added back on output, so that an unchanged
//! picture is written as it was read.

use super::{Depth, Picture};
use crate::extent::Extent;

/// The largest light that is kept as it is; with this limit, sums over it stay finite when a picture is resized.
const BRIGHTEST: f32 = 1e30;

impl Picture {
    /// Collects planes from RGBA pixels of linear light, with premultiplied alpha.
    pub(super) fn from_light(extent: Extent, depth: Depth, pixels: impl Iterator<Item = [f32; 4]>) -> Self {
        let plane = extent.plane();
        let mut excess = vec![0.0; 3 * plane];
        let levels = pixels.enumerate().map(|(index, [red, green, blue, alpha])| {
            let alpha = (alpha.clamp(0.0, 1.0) * 65_535.0).round() as u16;
            let share = f32::from(alpha) / 65_535.0;
            let mut level = [0.0; 4];
            for (channel, light) in [red, green, blue].into_iter().enumerate() {
                let (inside, outside) = split(light, share);
                level[channel] = to_level(inside);
                excess[channel * plane + index] = outside;
            }
            level[3] = f32::from(alpha) / 257.0;
            level
        });
        let picture = Self::from_pixels(extent, levels);
        let excess = excess.iter().any(|&light| light != 0.0).then_some(excess);
        Self { depth, excess, ..picture }
    }

    /// One pixel as RGBA in linear light, with premultiplied alpha; all opaque if the format requires it.
    pub(super) fn light(&self, index: usize, keeps_alpha: bool) -> [f32; 4] {
        let plane = self.extent.plane();
        let alpha = self.alpha.as_ref().filter(|_| keeps_alpha).map_or(u16::MAX, |alpha| alpha[index]);
        let share = f32::from(alpha) / 65_535.0;
        let light = |channel: usize| {
            let at = channel * plane + index;
            share * to_light(self.rgb[at]) + self.excess.as_ref().map_or(0.0, |excess| excess[at])
        };
        [light(0), light(1), light(2), share]
    }
}

/// Light as a fraction from 0 to 1 of what this alpha lets through, and the excess over that.
fn split(light: f32, share: f32) -> (f32, f32) {
    // A NaN would spread through the whole network.
    let light = if light.is_nan() { 0.0 } else { light.clamp(-BRIGHTEST, BRIGHTEST) };
    let fraction = if share > 0.0 { light / share } else { 0.0 };
    let inside = fraction.clamp(0.0, 1.0);
    // Light inside the range leaves no excess, not even a rounding error; where a pixel is transparent,
    // everything is excess.
    let outside = if fraction == inside && share > 0.0 { 0.0 } else { light - share * inside };
    (inside, outside)
}

/// The sRGB curve (IEC 61966-2-1), in f64, so that converting there and back costs no more than the final
/// rounding.
fn to_level(light: f32) -> f32 {
    let light = f64::from(light);
    let coded = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (255.0 * coded) as f32
}

/// The inverse sRGB curve, clamped as [`super::to_byte`] clamps. NaN becomes 0.
fn to_light(level: f32) -> f32 {
    let level = if level.is_nan() { 0.0 } else { level.clamp(0.0, 255.0) };
    let coded = f64::from(level) / 255.0;
    let light = if coded <= 0.040_45 { coded / 12.92 } else { ((coded + 0.055) / 1.055).powf(2.4) };
    light as f32
}

/// Planes at another size, averaged with a triangle filter, which stays between the values it finds. The sharper
/// filter that is used for levels would ring around a lamp.
pub(super) fn resized_planes(planes: &[f32], from: Extent, to: Extent) -> Vec<f32> {
    let across = triangles(from.width, to.width);
    let down = triangles(from.height, to.height);
    let mut resized = Vec::with_capacity(planes.len() / from.plane() * to.plane());
    for plane in planes.chunks_exact(from.plane()) {
        let rows: Vec<f32> = plane
            .chunks_exact(from.width)
            .flat_map(|row| across.iter().map(|(start, weights)| weigh(weights, &row[*start..], 1)))
            .collect();
        for (start, weights) in &down {
            resized.extend((0..to.width).map(|x| weigh(weights, &rows[start * to.width + x..], to.width)));
        }
    }
    resized
}

fn weigh(weights: &[f32], samples: &[f32], stride: usize) -> f32 {
    weights.iter().zip(samples.iter().step_by(stride)).map(|(weight, sample)| weight * sample).sum()
}

/// For each new sample, the first old sample under its triangle, and the weights from there on.
fn triangles(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    (0..to)
        .map(|index| {
            let centre = (index as f64 + 0.5) * scale - 0.5;
            let start = (centre - reach).ceil().max(0.0) as usize;
            let end = ((centre + reach).floor() as usize).min(from - 1);
            let weights = (start..=end).map(|at| 1.0 - (at as f64 - centre).abs() / reach);
            let weights: Vec<f64> = weights.map(|weight| weight.max(0.0)).collect();
            let sum: f64 = weights.iter().sum();
            (start, weights.iter().map(|weight| (weight / sum) as f32).collect())
        })
        .collect()
}
