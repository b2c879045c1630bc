//! Waves laid over a picture.

use puppyslug::plan::step::Compose;

use super::running::{Running, bilinear};
use super::spread::middle;
use super::{Map, Written, fill};

pub fn compose(step: &Compose, x: Map, waves: Map, parts: Map) -> Written {
    let cells = fill(step.y.shape, |channel, row, column| {
        let place = [row, column].map(|at| middle(0.25, at));
        let wave =
            |number: usize| bilinear(parts, number, place) * waves.at(3 * number + channel, row, column);
        let terms = [Running::exact(x.at(channel, row, column))].into_iter();
        let sum = Running::sum(terms.chain((0..parts.shape.channels).map(wave)));
        let (low, high) = step.bounds[channel];
        sum.clamp(low.into(), high.into()).cell()
    });
    Written { view: step.y, cells }
}
