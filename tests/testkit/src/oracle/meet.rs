//! What comes from both sides, laid over a picture.

use puppyslug::plan::step::Meet;

use super::running::Running;
use super::{Map, Written, fill};

pub fn meet(step: &Meet, [x, first, second]: [Map; 3], [before, behind]: [Map; 2], way: f64) -> Written {
    let exact = Running::exact;
    let cells = fill(step.y.shape, |channel, row, column| {
        let [x, first, second] = [x, first, second].map(|map| exact(map.at(channel, row, column)));
        let [before, behind] = [before, behind].map(|map| exact(map.at(0, row, column)).max(1.0));
        let (before, behind) = ((exact(1.0) - exact(way)) * before, behind * way);
        let part = behind / (before + behind);
        let (low, high) = step.bounds[channel];
        (x + (first + part * (second - first))).clamp(low.into(), high.into()).cell()
    });
    Written { view: step.y, cells }
}
