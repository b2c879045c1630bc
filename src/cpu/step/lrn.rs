//! Local response normalisation, a strip of cells through all channels to a task.

use std::ops::Range;

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::cpu::memory::Scratch;
use crate::cpu::panel::Panel;
use crate::net::{Lrn, Shape};
use crate::plan::step;

/// Cells of a strip: few enough that what is kept of all channels stays in the cache.
const STRIP: usize = 128;

impl Run for step::Lrn {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, lrn } = self;
        at.memory.lend(y, |memory, y| forward(lrn, memory.get(x), y, x.shape));
    }
}

impl Run for step::LrnGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, dy, lrn, dx } = self;
        let scratch = at.scratch;
        at.leave(&dx, |memory, dx| {
            gradient(lrn, (memory.get(x), memory.get(dy)), dx, x.shape, scratch);
        });
    }
}

/// `y = x s^-b`.
fn forward(lrn: Lrn, x: &[f32], y: &mut [f32], shape: Shape) {
    strips(y, shape, |mut strip| {
        let map = Strip::new(lrn, x, shape, strip.columns());
        let mut scale = [0.0; STRIP];
        for channel in 0..shape.channels {
            let scale = &mut scale[..map.columns.len()];
            map.scale(channel, scale);
            map.power(scale);
            let factors = map.row(x, channel).iter().zip(scale);
            strip.row(channel).iter_mut().zip(factors).for_each(|(y, (x, power))| *y = x * *power);
        }
    });
}

/// `dx_c = dy_c s_c^-b - (2ab/n) x_c sum_i dy_i x_i s_i^(-b-1)`.
fn gradient(lrn: Lrn, (x, dy): (&[f32], &[f32]), dx: Destination<'_>, shape: Shape, scratch: &Scratch) {
    let Destination { cells, mask, add } = dx;
    let factor = 2.0 * lrn.alpha * lrn.beta / lrn.size as f32;
    strips(cells, shape, |mut strip| {
        let map = Strip::new(lrn, x, shape, strip.columns());
        let width = map.columns.len();
        scratch.with(2 * shape.channels * width, |both| {
            let (direct, ratio) = both.split_at_mut(shape.channels * width);
            map.terms(dy, direct, ratio);
            for channel in 0..shape.channels {
                let mut sum = [0.0; STRIP];
                for near in map.neighbours(channel) {
                    add_to(&mut sum, &ratio[near * width..][..width], |ratio| ratio);
                }
                let terms = direct[channel * width..].iter().zip(map.row(x, channel)).zip(&sum);
                let results = terms.map(|((direct, x), sum)| direct - factor * x * sum);
                let mask = mask.map(|mask| map.row(mask, channel));
                Destination { cells: strip.row(channel), mask, add }.put(results);
            }
        });
    });
}

fn strips(cells: &mut [f32], shape: Shape, work: impl Fn(Panel<'_>) + Sync + Send) {
    let strips = Panel::new(cells, shape.plane()).split(usize::MAX, STRIP);
    strips.into_par_iter().for_each(work);
}

/// Some cells of every channel of the input.
struct Strip<'a> {
    lrn: Lrn,
    x: &'a [f32],
    shape: Shape,
    columns: Range<usize>,
}

impl<'a> Strip<'a> {
    fn new(lrn: Lrn, x: &'a [f32], shape: Shape, columns: Range<usize>) -> Self {
        Self { lrn, x, shape, columns }
    }

    /// The strip's cells in one channel of a map like the input.
    fn row<'b>(&self, map: &'b [f32], channel: usize) -> &'b [f32] {
        &map[channel * self.shape.plane()..][self.columns.clone()]
    }

    /// The channels that share in the sum of one.
    fn neighbours(&self, channel: usize) -> Range<usize> {
        let reach = self.lrn.size / 2;
        channel.saturating_sub(reach)..(channel + reach + 1).min(self.shape.channels)
    }

    /// `s = k + a/n * sum of x^2`.
    fn scale(&self, channel: usize, scale: &mut [f32]) {
        scale.fill(0.0);
        for near in self.neighbours(channel) {
            add_to(scale, self.row(self.x, near), |x| x * x);
        }
        let weight = self.lrn.alpha / self.lrn.size as f32;
        scale.iter_mut().for_each(|s| *s = self.lrn.k + weight * *s);
    }

    /// For every channel, `dy s^-b` and `dy x s^(-b-1)`.
    fn terms(&self, dy: &[f32], direct: &mut [f32], ratio: &mut [f32]) {
        let width = self.columns.len();
        let rows = direct.chunks_exact_mut(width).zip(ratio.chunks_exact_mut(width));
        for (channel, (direct, ratio)) in rows.enumerate() {
            self.scale(channel, ratio);
            direct.copy_from_slice(ratio);
            self.power(direct);
            let inputs = self.row(dy, channel).iter().zip(self.row(self.x, channel));
            for ((direct, ratio), (dy, x)) in direct.iter_mut().zip(ratio).zip(inputs) {
                *direct *= dy;
                *ratio = *direct * x / *ratio;
            }
        }
    }

    /// `s^-b`; the usual exponents by square roots, which go several at a time.
    fn power(&self, scale: &mut [f32]) {
        if self.lrn.beta == 0.75 {
            scale.iter_mut().for_each(|s| *s = 1.0 / (s.sqrt() * s.sqrt().sqrt()));
        } else if self.lrn.beta == 0.5 {
            scale.iter_mut().for_each(|s| *s = 1.0 / s.sqrt());
        } else {
            scale.iter_mut().for_each(|s| *s = s.powf(-self.lrn.beta));
        }
    }
}

fn add_to(sum: &mut [f32], terms: &[f32], term: impl Fn(f32) -> f32) {
    sum.iter_mut().zip(terms).for_each(|(sum, &cell)| *sum += term(cell));
}
