//! How a finished dream is combined with its source: contrast, strength and colour, in this order. Where all
//! masks are 0, the source stays as it is.

use std::borrow::Cow;

use super::controls::{Color, Controls};
use crate::picture::Picture;

/// Weights of red, green and blue in the brightness (BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Combines a dream with its source.
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

/// Gives the dream exactly the samples of its source wherever all of the masks are 0.
pub(super) fn keep_out_of_reach(dream: &mut Picture, source: &Picture, masks: &[Cow<'_, [f32]>]) {
    let plane = source.width() * source.height();
    for (index, (sample, source)) in dream.rgb_mut().iter_mut().zip(source.rgb()).enumerate() {
        if masks.iter().all(|mask| mask[index % plane] == 0.0) {
            *sample = *source;
        }
    }
}

/// Maps one percentile of all samples to 0 and the other to 255, the same way for all colours.
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

/// The brightness of the dream with the colour of the source. Where such a colour cannot be displayed, the
/// brightness is limited.
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
