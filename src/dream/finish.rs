//! How a finished dream is combined with its source: contrast, strength and colour, in this order. Where all
//! masks are 0, the source stays as it is.

use std::borrow::Cow;

use super::controls::{Color, Controls};
use super::reference::LaidMask;
use super::{Dream, DreamError, Steering, to_rgb};
use crate::machine::{MachineError, Reading};
use crate::picture::Picture;

/// Weights of red, green and blue in the brightness (BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// How a dream becomes the finished picture. Masks and settings that the dream is given later make no difference
/// to it.
#[derive(Clone, Debug)]
pub struct Overlay {
    mean: [f32; 3],
    controls: Controls,
    /// Where all of these are 0, nothing is dreamed; `None` if something is dreamed everywhere.
    reach: Option<Vec<LaidMask>>,
}

impl Overlay {
    /// Waits for what a dream over this picture came to, in the network's units (BGR minus mean), and finishes it.
    ///
    /// # Errors
    /// The machine's own.
    pub fn lay(&self, dream: Reading, picture: &Picture) -> Result<Picture, MachineError> {
        let cells = dream.wait()?;
        let mut dream = picture.clone();
        dream.rgb_mut().iter_mut().zip(to_rgb(&cells, self.mean)).for_each(|(to, cell)| *to = cell);
        Ok(self.finish(dream, picture))
    }

    /// Finishes a dream over a picture.
    pub(super) fn finish(&self, mut dream: Picture, picture: &Picture) -> Picture {
        combine(&mut dream, picture, &self.controls);
        if let Some(masks) = &self.reach {
            let masks: Vec<_> = masks.iter().map(|mask| mask.over(picture)).collect();
            keep_out_of_reach(&mut dream, picture, &masks);
        }
        dream
    }
}

impl Dream {
    /// Asks for what the last run came to, for [`Overlay::lay`]. Later runs make no difference to it.
    ///
    /// # Errors
    /// The machine's own.
    pub fn request(&mut self) -> Result<Reading, DreamError> {
        Ok(self.execution.request(self.plan.output)?)
    }

    /// How a dream under the present settings and masks is finished.
    pub fn overlay(&self) -> Overlay {
        self.overlay_under(&self.steering)
    }

    /// The same under the masks of this steering.
    pub(super) fn overlay_under(&self, steering: &Steering) -> Overlay {
        let masks = |reach: &Vec<usize>| reach.iter().map(|&mask| steering.masks[mask].clone()).collect();
        Overlay {
            mean: self.config.mean,
            controls: self.config.controls.clone(),
            reach: self.reach.as_ref().map(masks),
        }
    }

    /// The picture in its present state, with everything else as in the one that was dreamed over. It is read channel by
    /// channel, so that large pictures are not in memory twice.
    pub(super) fn unfinished(&mut self, picture: &Picture) -> Result<Picture, DreamError> {
        let mut dream = picture.clone();
        let planes = dream.rgb_mut().chunks_exact_mut(self.plan.input.shape.plane()).rev();
        for (channel, (plane, mean)) in planes.zip(self.config.mean).enumerate() {
            let cells = self.execution.read(self.plan.output.channels(channel, 1))?;
            plane.iter_mut().zip(cells).for_each(|(to, value)| *to = value + mean);
        }
        Ok(dream)
    }
}

/// Combines a dream with its source.
fn combine(dream: &mut Picture, source: &Picture, controls: &Controls) {
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
fn keep_out_of_reach(dream: &mut Picture, source: &Picture, masks: &[Cow<'_, [f32]>]) {
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
