//! From blocks to cells.

use puppyslug::plan::step::Spread;

use super::running::{Running, bilinear};
use super::{Map, Written, fill};

pub fn spread(step: &Spread, x: Map, y: Map) -> Written {
    let cells = fill(step.y.shape, |_, row, column| {
        let place = [(step.pitch[0], row), (step.pitch[1], column)].map(|(pitch, at)| middle(pitch, at));
        (bilinear(x, 0, place) * y.at(0, row, column)).cell()
    });
    Written { view: step.y, cells }
}

/// Where the middle of a cell lies among blocks.
pub(super) fn middle(pitch: f32, at: usize) -> Running {
    Running::exact(at as f64 + 0.5) * f64::from(pitch) - Running::exact(0.5)
}
