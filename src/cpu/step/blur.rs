//! A Gaussian blur in one direction.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::step::Blur;

impl Run for Blur {
    fn run(&self, at: &mut Workplace<'_>) {
        let (height, width) = (self.y.shape.height, self.y.shape.width);
        let (weights, scratch) = (self.weights(), at.scratch);
        at.memory.lend(self.y, |memory, cells| {
            let x = memory.get(self.x);
            cells.par_chunks_mut(width).enumerate().for_each(|(line, y)| {
                if self.down {
                    let plane = &x[line / height * height * width..][..height * width];
                    down(plane, line % height, &weights, y);
                } else {
                    let (x, reach) = (&x[line * width..][..width], self.reach);
                    scratch.with(width + 2 * reach, |padded| across(x, padded, &weights, y));
                }
                if let Some((low, high)) = self.bounds {
                    y.iter_mut().for_each(|cell| *cell = cell.clamp(low, high));
                }
            });
        });
    }
}

fn down(plane: &[f32], row: usize, weights: &[f32], y: &mut [f32]) {
    let (width, last) = (y.len(), plane.len() / y.len() - 1);
    let line = |row: usize| &plane[row * width..][..width];
    y.iter_mut().zip(line(row)).for_each(|(y, x)| *y = weights[0] * x);
    for (by, weight) in weights.iter().enumerate().skip(1) {
        let (above, below) = (line(row.saturating_sub(by)), line((row + by).min(last)));
        for ((y, above), below) in y.iter_mut().zip(above).zip(below) {
            *y += weight * (above + below);
        }
    }
}

fn across(x: &[f32], padded: &mut [f32], weights: &[f32], y: &mut [f32]) {
    let (width, reach) = (x.len(), weights.len() - 1);
    padded[..reach].fill(x[0]);
    padded[reach..][..width].copy_from_slice(x);
    padded[reach + width..].fill(x[width - 1]);
    y.iter_mut().zip(x).for_each(|(y, x)| *y = weights[0] * x);
    for (by, weight) in weights.iter().enumerate().skip(1) {
        let (before, behind) = (&padded[reach - by..], &padded[reach + by..]);
        for ((y, before), behind) in y.iter_mut().zip(before).zip(behind) {
            *y += weight * (before + behind);
        }
    }
}
