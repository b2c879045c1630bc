//! Where the backward pass starts.

use super::{Gradient, Kind, Operand};
use crate::plan::{Functional, Number, View};

/// The gradient of a functional.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seed {
    /// The map. It counts as read even where only its shape matters: a GPU binds it, so it must not share
    /// memory with `dx`.
    pub x: View,
    /// The functional that is climbed.
    pub functional: Functional,
    /// The scale of the functional.
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
