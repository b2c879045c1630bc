//! Resampling on a lattice that a flow may move.

use puppyslug::plan::step::Sample;

use super::running::{Running, bilinear};
use super::{Map, Written, fill};

pub fn sample(step: &Sample, x: Map, flow: Option<Map>) -> Written {
    let exact = |number: f32| Running::exact(f64::from(number));
    let place = |cell: usize| exact(step.first) + exact(step.pitch) * cell as f64;
    let cells = fill(step.y.shape, |channel, row, column| {
        let mut at = [place(row), place(column)];
        if let Some(flow) = flow {
            at = [0, 1].map(|axis| at[axis] + Running::exact(flow.at(axis, row, column)));
        }
        (bilinear(x, channel, at) * exact(step.factor)).cell()
    });
    Written { view: step.y, cells }
}
