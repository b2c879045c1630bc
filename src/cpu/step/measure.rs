//! Values of functionals.

use super::{Run, Workplace};
use crate::cpu::functional::measure;
use crate::plan::step::Measure;

impl Run for Measure {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, functional, scale, total, add } = self;
        let scale = scale.at(at.turn.dials);
        at.memory.lend(total, |memory, total| {
            let value = measure(functional, scale, memory.get(x), x.shape);
            total[0] = if add { total[0] + value as f32 } else { value as f32 };
        });
    }
}
