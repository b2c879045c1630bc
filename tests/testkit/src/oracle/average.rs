//! Means of channels.

use puppyslug::plan::{Gradient, View};

use super::{Map, Memory, Sum, Written, fill, flow};

/// Mean of each channel.
pub fn average(x: Map, view: View) -> Written {
    let plane = x.shape.plane();
    let mean = |cells: &[f64]| Sum::of(cells.iter().copied()).times(1.0 / plane as f64).cell();
    Written { view, cells: x.cells.chunks_exact(plane).map(mean).collect() }
}

/// Each cell has the same part in the mean.
pub fn average_gradient(dy: Map, dx: &Gradient, memory: &Memory) -> Written {
    let part = 1.0 / dx.view.shape.plane() as f64;
    let sums = fill(dx.view.shape, |channel, _, _| Sum::of([dy.at(channel, 0, 0)]).times(part));
    flow(dx, sums, memory)
}
