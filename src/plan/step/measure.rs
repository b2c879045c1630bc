//! The value of a functional.

use super::{Kind, Operand, size};
use crate::plan::{Functional, Number, View};

/// The value of a functional. The cells of the map may be in any order in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// The map.
    pub x: View,
    /// What is measured.
    pub functional: Functional,
    /// The scale of the functional.
    pub scale: Number,
    /// One cell.
    pub total: View,
    /// Whether to add to what `total` holds.
    pub add: bool,
}

impl Kind for Measure {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let total = if self.add { Operand::change } else { Operand::write };
        vec![Operand::read(&mut self.x).free(), total(&mut self.total).free()]
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        vec![&mut self.scale]
    }

    fn flops(&self) -> u64 {
        2 * self.x.shape.len() as u64
    }

    fn geometry(&self) -> String {
        size(&self.x)
    }
}
