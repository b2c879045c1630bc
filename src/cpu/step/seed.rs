//! Where the backward pass starts.

use super::{Run, Workplace};
use crate::cpu::functional::seed;
use crate::plan::step::Seed;

impl Run for Seed {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, functional, scale, dx } = self;
        let scale = scale.at(at.turn.dials);
        at.leave(&dx, |memory, dx| seed(functional, scale, memory.get(x), dx, x.shape));
    }
}
