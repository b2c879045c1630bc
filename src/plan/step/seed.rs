//! Where the backward pass starts.

use super::{Gradient, Kind, Operand};
use crate::plan::{Functional, Number, View};

/// The gradient of a functional.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seed {
    /// The map. Also where only its shape counts: a GPU binds it, and must not find it where it writes.
    pub x: View,
    /// What is climbed.
    pub functional: Functional,
    /// Its factor.
    pub scale: Number,
    /// Gradient of the map.
    pub dx: Gradient,
}

impl Kind for Seed {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        [Operand::read(&mut self.x)].into_iter().chain(self.dx.operands()).map(Operand::alike).collect()
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.scale]
    }
}
