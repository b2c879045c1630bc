//! Local response normalisation. Each task takes a strip of cells through all channels.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::cpu::panel::Panel;
use crate::net::{Lrn, Shape};
use crate::plan::step;

/// Maximum number of cells of a strip: few enough that the intermediate values of all channels stay in the cache,
/// and many enough for hardware prefetching.
const STRIP: usize = 512;

impl Run for step::Lrn {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, lrn } = self;
        let isa = at.isa;
        at.memory.lend(y, |memory, y| {
            let x = memory.get(x);
            strips(y, self.x.shape, |y| isa.run(Forward { map: Strip::new(lrn, x, self.x.shape, &y), y }));
        });
    }
}

impl Run for step::LrnGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, dy, lrn, dx } = self;
        let (isa, scratch) = (at.isa, at.scratch);
        at.leave(&dx, |memory, dx| {
            let (x, dy, Destination { cells, mask, add }) = (memory.get(x), memory.get(dy), dx);
            strips(cells, self.x.shape, |dx| {
                let map = Strip::new(lrn, x, self.x.shape, &dx);
                scratch.with(2 * self.x.shape.channels * map.width(), |terms| {
                    isa.run(Backward { map, dy, terms, dx, mask, add });
                });
            });
        });
    }
}

/// The same number of strips for each thread.
fn strips(cells: &mut [f32], shape: Shape, work: impl Fn(Panel<'_>) + Sync + Send) {
    let count = shape.plane().div_ceil(STRIP).next_multiple_of(rayon::current_num_threads());
    let strips = Panel::new(cells, shape.plane()).split(usize::MAX, shape.plane().div_ceil(count));
    strips.into_par_iter().for_each(work);
}

/// One task: `y = x s^-b`.
struct Forward<'a> {
    map: Strip<'a>,
    y: Panel<'a>,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { map, mut y } = self;
        let mut scale = [0.0; STRIP];
        let power = &mut scale[..map.width()];
        for channel in 0..map.shape.channels {
            map.scale(channel, power);
            map.power(power);
            for ((y, x), power) in y.row(channel).iter_mut().zip(map.row(map.x, channel)).zip(&*power) {
                *y = x * power;
            }
        }
    }
}

/// One task: `dx_c = dy_c s_c^-b - (2ab/n) x_c sum_i dy_i x_i s_i^(-b-1)`.
struct Backward<'a> {
    map: Strip<'a>,
    dy: &'a [f32],
    /// Scratch space for two terms of each cell.
    terms: &'a mut [f32],
    dx: Panel<'a>,
    mask: Option<&'a [f32]>,
    add: bool,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { map, dy, terms, mut dx, mask, add } = self;
        let width = map.width();
        let (direct, ratio) = terms.split_at_mut(map.shape.channels * width);
        map.terms(dy, direct, ratio);
        let factor = 2.0 * map.lrn.alpha * map.lrn.beta / map.lrn.size as f32;
        let mut line = [0.0; STRIP];
        let line = &mut line[..width];
        for channel in 0..map.shape.channels {
            line.fill(0.0);
            for near in map.neighbours(channel) {
                for (sum, ratio) in line.iter_mut().zip(&ratio[near * width..][..width]) {
                    *sum += ratio;
                }
            }
            let direct = &direct[channel * width..][..width];
            for ((cell, direct), x) in line.iter_mut().zip(direct).zip(map.row(map.x, channel)) {
                *cell = direct - factor * x * *cell;
            }
            let mask = mask.map(|mask| map.row(mask, channel));
            Destination { cells: dx.row(channel), mask, add }.put_line(simd, line);
        }
    }
}

/// Some cells of every channel of the input.
struct Strip<'a> {
    lrn: Lrn,
    x: &'a [f32],
    shape: Shape,
    columns: Range<usize>,
}

impl<'a> Strip<'a> {
    /// The strip that a panel covers.
    fn new(lrn: Lrn, x: &'a [f32], shape: Shape, panel: &Panel<'_>) -> Self {
        Self { lrn, x, shape, columns: panel.columns() }
    }

    fn width(&self) -> usize {
        self.columns.len()
    }

    /// The strip's cells in one channel of a map shaped like the input.
    #[inline(always)]
    fn row<'b>(&self, map: &'b [f32], channel: usize) -> &'b [f32] {
        &map[channel * self.shape.plane()..][self.columns.clone()]
    }

    /// The channels that contribute to the sum of one channel.
    #[inline(always)]
    fn neighbours(&self, channel: usize) -> Range<usize> {
        let reach = self.lrn.size / 2;
        channel.saturating_sub(reach)..(channel + reach + 1).min(self.shape.channels)
    }

    /// `s = k + a/n * sum of x^2`.
    #[inline(always)]
    fn scale(&self, channel: usize, scale: &mut [f32]) {
        scale.fill(0.0);
        for near in self.neighbours(channel) {
            for (sum, x) in scale.iter_mut().zip(self.row(self.x, near)) {
                *sum += x * x;
            }
        }
        let weight = self.lrn.alpha / self.lrn.size as f32;
        for sum in scale {
            *sum = self.lrn.k + weight * *sum;
        }
    }

    /// For every channel, `dy s^-b` and `dy x s^(-b-1)`.
    #[inline(always)]
    fn terms(&self, dy: &[f32], direct: &mut [f32], ratio: &mut [f32]) {
        let width = self.width();
        for channel in 0..self.shape.channels {
            let direct = &mut direct[channel * width..][..width];
            let ratio = &mut ratio[channel * width..][..width];
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

    /// `s^-b`; the usual exponents with square roots, which are vectorised.
    #[inline(always)]
    fn power(&self, scale: &mut [f32]) {
        if self.lrn.beta == 0.75 {
            for s in scale {
                *s = 1.0 / (s.sqrt() * s.sqrt().sqrt());
            }
        } else if self.lrn.beta == 0.5 {
            for s in scale {
                *s = 1.0 / s.sqrt();
            }
        } else {
            for s in scale {
                *s = s.powf(-self.lrn.beta);
            }
        }
    }
}
