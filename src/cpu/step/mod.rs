//! How the processor does each kind of step: a file a kind, as in [`plan::step`](crate::plan::step).

use std::collections::HashMap;
use std::sync::Arc;

use super::filter::Filter;
use super::gradient::Destination;
use super::isa::Isa;
use super::memory::{Memory, Scratch};
use crate::machine::Turn;
use crate::plan::convolution::FilterKey;
use crate::plan::step::{Gradient, Step, kinds};

/// Cells of a task, or of a partial sum. Fixed, so that a sum does not depend on the number of threads.
pub(super) const PIECE: usize = 1 << 13;

/// What a step has at hand.
pub(super) struct Workplace<'a> {
    pub(super) memory: &'a mut Memory,
    pub(super) isa: Isa,
    pub(super) scratch: &'a Scratch,
    pub(super) filters: &'a HashMap<FilterKey, Arc<Filter>>,
    /// The current shift, and the current numbers.
    pub(super) turn: Turn<'a>,
}

impl Workplace<'_> {
    /// Lends where a gradient is left.
    fn leave(&mut self, gradient: &Gradient, work: impl FnOnce(&Memory, Destination<'_>)) {
        self.memory
            .lend(gradient.view, |memory, cells| work(memory, Destination::new(memory, cells, gradient)));
    }
}

/// A kind of step that the processor can do.
trait Run {
    fn run(&self, at: &mut Workplace<'_>);
}

macro_rules! runs {
    ($($file:ident: $($kind:ident = $name:literal),+;)*) => {
        $(mod $file;)*

        /// Does a step.
        pub(super) fn run(step: &Step, at: &mut Workplace<'_>) {
            match step { $($(Step::$kind(step) => step.run(at),)+)* }
        }
    };
}
kinds!(runs);
