//! How closely cells align with a direction.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::step::{Align, AlignGradient};

/// Cells of a task.
const CELLS: usize = 64;
/// Keeps lengths away from 0.
const TINY: f64 = 1e-4;
/// The lower bound of a cosine.
const LEAST: f64 = 0.1;

impl Run for Align {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, direction, power, score, slopes } = self;
        let plane = x.shape.plane();
        at.memory.lend(score, |memory, score| {
            memory.lend(slopes, |memory, slopes| {
                let (x, direction) = (memory.get(x), memory.get(direction));
                let length = direction.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
                let (along, back) = slopes.split_at_mut(plane);
                let tasks = score.par_chunks_mut(CELLS).zip(along.par_chunks_mut(CELLS));
                let tasks = tasks.zip(back.par_chunks_mut(CELLS)).enumerate();
                tasks.for_each(|(task, ((score, along), back))| {
                    let sums = products(x, direction, task * CELLS..task * CELLS + score.len(), plane);
                    for (cell, &sums) in sums[..score.len()].iter().enumerate() {
                        [score[cell], along[cell], back[cell]] = align(sums, length, power);
                    }
                });
            });
        });
    }
}

impl Run for AlignGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, direction, slopes, scale, dx } = self;
        let (scale, plane) = (scale.at(at.turn.dials), x.shape.plane());
        at.leave(&dx, |memory, dx| {
            let (along, back) = memory.get(slopes).split_at(plane);
            let channels = memory.get(x).par_chunks(plane).zip(memory.get(direction));
            dx.pieces(plane).zip(channels).for_each(|(dx, (x, &v))| {
                let slopes = x.iter().zip(along).zip(back);
                dx.put(slopes.map(|((&x, &along), &back)| scale * (along * v + back * x)));
            });
        });
    }
}

/// For some cells, the dot product with the direction and the dot product with themselves.
fn products(
    x: &[f32],
    direction: &[f32],
    cells: std::ops::Range<usize>,
    plane: usize,
) -> [(f64, f64); CELLS] {
    let mut sums = [(0.0, 0.0); CELLS];
    for (channel, &v) in x.chunks_exact(plane).zip(direction) {
        for (sums, &x) in sums.iter_mut().zip(&channel[cells.clone()]) {
            let x = f64::from(x);
            sums.0 += x * f64::from(v);
            sums.1 += x * x;
        }
    }
    sums
}

/// A cell's score and its two derivatives.
fn align((product, squares): (f64, f64), length: f64, power: u32) -> [f32; 3] {
    let own = squares.sqrt();
    let cosine = product / ((TINY + own) * (TINY + length));
    let weight = cosine.max(LEAST).powi(power as i32);
    let [along, back] = if cosine > LEAST {
        let power = f64::from(power);
        [(power + 1.0) * weight, -power * product * weight / ((TINY + own) * own)]
    } else {
        [weight, 0.0]
    };
    [product * weight, along, back].map(|value| value as f32)
}
