//! Total variation.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::net::Shape;
use crate::plan::step::Variation;

impl Run for Variation {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, dx, weight, exponent } = self;
        let [weight, exponent] = [weight, exponent].map(|number| number.at(at.turn.dials));
        at.memory.lend(dx, |memory, dx| variation(memory.get(x), dx, x.shape, weight, exponent));
    }
}

/// Subtracts the gradient of a map's total variation. The map wraps around from its last cell to its first.
fn variation(x: &[f32], dx: &mut [f32], shape: Shape, weight: f32, exponent: f32) {
    let (height, width) = (shape.height, shape.width);
    let scale = weight * exponent / 255f32.powf(exponent - 1.0);
    let power = |n: f32| if exponent == 2.0 { 1.0 } else { n.powf(exponent / 2.0 - 1.0) };
    let factor = move |a: f32, b: f32| scale * power(a * a + b * b + 1e-6);
    dx.par_chunks_mut(width).enumerate().for_each(|(line, dx)| {
        let (channel, row) = (line / height, line % height);
        let line = |row: usize| &x[(channel * height + row) * width..][..width];
        let (above, here, below) = (line((row + height - 1) % height), line(row), line((row + 1) % height));
        for (at, dx) in dx.iter_mut().enumerate() {
            let (left, right) = ((at + width - 1) % width, (at + 1) % width);
            let (to_right, to_below) = (here[at] - here[right], here[at] - below[at]);
            let (from_left, from_above) = (here[left] - here[at], above[at] - here[at]);
            *dx -= factor(to_right, to_below) * (to_right + to_below)
                - factor(from_left, here[left] - below[left]) * from_left
                - factor(above[at] - above[right], from_above) * from_above;
        }
    });
}
