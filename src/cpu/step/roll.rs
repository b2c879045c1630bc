//! The current shift (jitter).

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::machine::Jitter;
use crate::net::Shape;
use crate::plan::step::Roll;

impl Run for Roll {
    fn run(&self, at: &mut Workplace<'_>) {
        let jitter = at.turn.jitter;
        at.memory.lend(self.y, |memory, y| roll(jitter, memory.get(self.x), y, self.x.shape));
    }
}

/// Circular shift by the jitter.
pub(super) fn roll(jitter: Jitter, x: &[f32], y: &mut [f32], shape: Shape) {
    let (down, right) = shift(jitter, shape);
    y.par_chunks_mut(shape.width).enumerate().for_each(|(line, to)| {
        let (channel, row) = (line / shape.height, line % shape.height);
        let from = (row + shape.height - down) % shape.height;
        let from = &x[(channel * shape.height + from) * shape.width..][..shape.width];
        let (kept, wrapped) = from.split_at(shape.width - right);
        to[right..].copy_from_slice(kept);
        to[..right].copy_from_slice(wrapped);
    });
}

/// The jitter as a shift that is neither negative nor longer than the map.
pub(super) fn shift(jitter: Jitter, shape: Shape) -> (usize, usize) {
    let within = |by: i32, size: usize| (i64::from(by)).rem_euclid(size as i64) as usize;
    (within(jitter.down, shape.height), within(jitter.right, shape.width))
}
