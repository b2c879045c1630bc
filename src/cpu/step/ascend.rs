//! The ascent step.

use rayon::prelude::*;

use super::roll::shift;
use super::{Run, Workplace};
use crate::machine::{Jitter, Turn};
use crate::net::Shape;
use crate::plan::step::Ascend;

impl Run for Ascend {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, dx, magnitude, mask, step, bounds } = self;
        let Turn { jitter, dials } = at.turn;
        let (step, bounds) = (step.at(dials), bounds.map(|(low, high)| (low.at(dials), high.at(dials))));
        at.memory.lend(x, |memory, cells| {
            let magnitude = memory.get(magnitude)[0];
            if magnitude > 0.0 {
                let mask = mask.map(|mask| memory.get(mask));
                ascend(jitter, cells, memory.get(dx), step / magnitude, mask, bounds, x.shape);
            }
        });
    }
}

/// `x = clamp(x + mask * step / magnitude * dx)`, with `dx` shifted back by the jitter.
fn ascend(
    jitter: Jitter,
    x: &mut [f32],
    dx: &[f32],
    rate: f32,
    mask: Option<&[f32]>,
    bounds: [(f32, f32); 3],
    shape: Shape,
) {
    let (down, right) = shift(jitter, shape);
    x.par_chunks_mut(shape.width).enumerate().for_each(|(line, cells)| {
        let (channel, row) = (line / shape.height, line % shape.height);
        let from = (row + down) % shape.height;
        let dx = &dx[(channel * shape.height + from) * shape.width..][..shape.width];
        let (low, high) = bounds[channel];
        let rolled = dx[right..].iter().chain(&dx[..right]);
        let climbing = cells.iter_mut().zip(rolled);
        match mask.map(|mask| &mask[row * shape.width..]) {
            None => climbing.for_each(|(x, dx)| *x = (*x + rate * dx).clamp(low, high)),
            Some(mask) => {
                climbing.zip(mask).for_each(|((x, dx), mask)| *x = (*x + rate * mask * dx).clamp(low, high));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::roll::roll;
    use super::*;

    #[test]
    fn ascent_undoes_the_roll() {
        let shape = Shape::new(3, 2, 5);
        let x: Vec<f32> = (0..30).map(|cell| cell as f32).collect();
        let jitter = Jitter { down: -3, right: 12 };
        let mut rolled = vec![0.0; 30];
        roll(jitter, &x, &mut rolled, shape);
        assert_eq!(rolled[5 + 2], x[0]);
        let mut back = vec![0.0; 30];
        ascend(jitter, &mut back, &rolled, 1.0, None, [(0.0, 100.0); 3], shape);
        assert_eq!(back, x);
    }
}
