//! How a finished dream is laid over its source: contrast, strength, colour, in this order; and where no mask
//! lets it go, not at all.

use std::borrow::Cow;

use super::controls::{Color, Controls};
use crate::picture::Picture;

/// Parts of red, green and blue in brightness (BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Lays a dream over its source.
pub(super) fn finish(dream: &mut Picture, source: &Picture, controls: &Controls) {
    if let Some(percentiles) = controls.contrast {
        fit_contrast(dream.rgb_mut(), percentiles);
    }
    if controls.strength != 1.0 {
        let pairs = dream.rgb_mut().iter_mut().zip(source.rgb());
        pairs.for_each(|(dream, source)| *dream = source + controls.strength * (*dream - source));
    }
    if controls.color == Color::Keep {
        keep_colour(dream.rgb_mut(), source.rgb());
    }
}

/// Gives the dream its source's own samples, to the bit, where all of the masks are 0.
pub(super) fn keep_out_of_reach(dream: &mut Picture, source: &Picture, masks: &[Cow<'_, [f32]>]) {
    let plane = source.width() * source.height();
    for (index, (sample, source)) in dream.rgb_mut().iter_mut().zip(source.rgb()).enumerate() {
        if masks.iter().all(|mask| mask[index % plane] == 0.0) {
            *sample = *source;
        }
    }
}

/// Makes one percentile of all samples 0 and the other 255, all colours alike.
fn fit_contrast(samples: &mut [f32], (low, high): (f32, f32)) {
    let mut sorted = samples.to_vec();
    let mut percentile = |percent: f32| {
        let at = (f64::from(percent) / 100.0 * (sorted.len() - 1) as f64).round() as usize;
        *sorted.select_nth_unstable_by(at, f32::total_cmp).1
    };
    let (black, white) = (percentile(low), percentile(high));
    if white > black {
        let rate = 255.0 / (white - black);
        samples.iter_mut().for_each(|sample| *sample = ((*sample - black) * rate).clamp(0.0, 255.0));
    }
}

/// The dream's brightness in the source's colour. Where no such
/// colour can be shown, the brightness gives way.
fn keep_colour(dream: &mut [f32], source: &[f32]) {
    let plane = source.len() / 3;
    let pixel = |cells: &[f32], at: usize| [cells[at], cells[plane + at], cells[2 * plane + at]];
    let bright = |rgb: [f32; 3]| LUMA.iter().zip(rgb).map(|(part, sample)| part * sample).sum::<f32>();
    for at in 0..plane {
        let from = pixel(source, at);
        let (lowest, highest) = from.into_iter().fold((f32::MAX, f32::MIN), |(l, h), x| (l.min(x), h.max(x)));
        let change = bright(pixel(dream, at)) - bright(from);
        let change = change.max(-lowest).min(255.0 - highest);
        for (channel, sample) in from.into_iter().enumerate() {
            dream[channel * plane + at] = sample + change;
        }
    }
}
