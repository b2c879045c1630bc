//! Which cells count.

use puppyslug::plan::Gradient;

use super::{Map, Memory, Sum, Written, fill, flow};

/// Which cells count.
pub fn gate(x: Map, gate: Map, y: &Gradient, memory: &Memory) -> Written {
    let term = |channel, row, column| x.at(channel, row, column) * gate.at(0, row, column);
    flow(y, fill(x.shape, |channel, row, column| Sum::of([term(channel, row, column)])), memory)
}
