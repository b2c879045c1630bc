//! Resizes a picture row by row: of the input, only the rows that affect rows still to come are kept.
//!
//! The filter is a Lanczos filter with three lobes, which averages where it shrinks: first vertically, then
//! horizontally, with the sums of `image::imageops::resize` in the same order, so that results are the same to
//! the bit.

use std::collections::VecDeque;
use std::f32::consts::PI;

use crate::extent::Extent;

/// The radius of the filter, in samples of the coarser side.
const LOBES: f32 = 3.0;

/// RGBA from 0 to 1.
type Pixel = [f32; 4];

/// Takes rows from top to bottom.
pub(super) struct Resampler {
    across: Vec<Window>,
    down: Vec<Window>,
    /// Sums for rows to come: those that have been begun and are not complete.
    begun: VecDeque<Vec<Pixel>>,
    /// How many rows have been taken, and how many have been given out.
    taken: usize,
    made: usize,
    width: usize,
}

/// The samples that contribute to a new one, and their weights.
struct Window {
    start: usize,
    weights: Vec<f32>,
}

impl Resampler {
    pub(super) fn new(from: Extent, to: Extent) -> Self {
        let (across, down) = (windows(from.width, to.width), windows(from.height, to.height));
        Self { across, down, begun: VecDeque::new(), taken: 0, made: 0, width: from.width }
    }

    /// Takes the next row, and passes on each row that this completes.
    pub(super) fn row(&mut self, row: &[Pixel], give: &mut impl FnMut(&[Pixel])) {
        let begins = |window: &Window| window.start <= self.taken;
        while self.down.get(self.made + self.begun.len()).is_some_and(begins) {
            self.begun.push_back(vec![[0.0; 4]; self.width]);
        }
        for (sums, window) in self.begun.iter_mut().zip(&self.down[self.made..]) {
            let weight = window.weights[self.taken - window.start];
            for (sum, pixel) in sums.iter_mut().zip(row) {
                add(sum, pixel, weight);
            }
        }
        self.taken += 1;
        let ends = |window: &Window| window.start + window.weights.len() == self.taken;
        while self.down.get(self.made).is_some_and(ends) {
            let Some(sums) = self.begun.pop_front() else { break };
            give(&self.across.iter().map(|window| weigh(&sums, window)).collect::<Vec<Pixel>>());
            self.made += 1;
        }
    }
}

fn add(sum: &mut Pixel, pixel: &Pixel, weight: f32) {
    for (sum, sample) in sum.iter_mut().zip(pixel) {
        *sum += sample * weight;
    }
}

fn weigh(row: &[Pixel], window: &Window) -> Pixel {
    let mut sum = [0.0; 4];
    for (pixel, &weight) in row[window.start..].iter().zip(&window.weights) {
        add(&mut sum, pixel, weight);
    }
    sum.map(|sample: f32| sample.clamp(0.0, 1.0))
}

/// For each new sample, the old samples that contribute to it.
fn windows(from: usize, to: usize) -> Vec<Window> {
    let ratio = from as f32 / to as f32;
    let scale = ratio.max(1.0);
    let reach = LOBES * scale;
    (0..to)
        .map(|index| {
            let centre = (index as f32 + 0.5) * ratio;
            let start = ((centre - reach).floor() as i64).clamp(0, from as i64 - 1);
            let end = ((centre + reach).ceil() as i64).clamp(start + 1, from as i64);
            let centre = centre - 0.5;
            let mut weights: Vec<f32> =
                (start..end).map(|at| lanczos((at as f32 - centre) / scale)).collect();
            let sum: f32 = weights.iter().fold(0.0, |sum, weight| sum + weight);
            weights.iter_mut().for_each(|weight| *weight /= sum);
            Window { start: start as usize, weights }
        })
        .collect()
}

fn lanczos(x: f32) -> f32 {
    if x.abs() < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

fn sinc(x: f32) -> f32 {
    let angle = x * PI;
    if x == 0.0 { 1.0 } else { angle.sin() / angle }
}

#[cfg(test)]
mod tests {
    use image::imageops::{FilterType, resize};
    use image::{Rgba, Rgba32FImage};

    use super::*;

    #[test]
    fn it_is_the_resizing_of_the_image_crate_to_the_bit() {
        let noise = |x: u32, y: u32, channel: u32| {
            ((x * 7919 + y * 104_729 + channel * 1_299_709) % 65_537) as f32 / 65_536.0
        };
        for (from, to) in [
            ((61, 47), (13, 9)),
            ((61, 47), (61, 9)),
            ((13, 9), (61, 47)),
            ((13, 90), (61, 7)),
            ((1, 1), (5, 3)),
            ((300, 2), (1, 1)),
            ((64, 64), (63, 65)),
        ] {
            let image =
                Rgba32FImage::from_fn(from.0, from.1, |x, y| Rgba([0, 1, 2, 3].map(|c| noise(x, y, c))));
            let expected = resize(&image, to.0, to.1, FilterType::Lanczos3);
            let extent = |(width, height): (u32, u32)| Extent::new(height as usize, width as usize);
            let mut resampler = Resampler::new(extent(from), extent(to));
            let mut found = Vec::new();
            for row in image.rows() {
                let row: Vec<Pixel> = row.map(|pixel| pixel.0).collect();
                resampler.row(&row, &mut |row| found.extend_from_slice(row));
            }
            assert_eq!(found.as_flattened(), &expected.into_raw()[..], "{from:?} to {to:?}");
        }
    }
}
