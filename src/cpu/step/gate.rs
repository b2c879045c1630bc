//! Which cells count.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::plan::step::Gate;

impl Run for Gate {
    fn run(&self, at: &mut Workplace<'_>) {
        at.leave(&self.y, |memory, y| gate(memory.get(self.x), memory.get(self.gate), y));
    }
}

/// `gate x`, channel by channel.
fn gate(x: &[f32], gate: &[f32], y: Destination<'_>) {
    let channels = y.pieces(gate.len()).zip(x.par_chunks(gate.len()));
    channels.for_each(|(y, x)| y.put(x.iter().zip(gate).map(|(x, gate)| gate * x)));
}
