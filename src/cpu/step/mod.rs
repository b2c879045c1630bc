//! How the processor runs each kind of step: one file per kind, as in [`plan::step`](crate::plan::step).

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

/// What a step has to work with.
pub(super) struct Workplace<'a> {
    pub(super) memory: &'a mut Memory,
    pub(super) isa: Isa,
    pub(super) scratch: &'a Scratch,
    pub(super) filters: &'a HashMap<FilterKey, Arc<Filter>>,
    /// The current shift, and the current values of the dials.
    pub(super) turn: Turn<'a>,
}

impl Workplace<'_> {
    /// Lends the place where a gradient is stored.
    fn leave(&mut self, gradient: &Gradient, work: impl FnOnce(&Memory, Destination<'_>)) {
        self.memory
            .lend(gradient.view, |memory, cells| work(memory, Destination::new(memory, cells, gradient)));
    }
}

/// A kind of step that the processor can run.
trait Run {
    fn run(&self, at: &mut Workplace<'_>);
}

macro_rules! runs {
    ($($file:ident: $($kind:ident = $name:literal),+;)*) => {
        $(mod $file;)*

        /// Runs a step.
        pub(super) fn run(step: &Step, at: &mut Workplace<'_>) {
            match step { $($(Step::$kind(step) => step.run(at),)+)* }
        }
    };
}
kinds!(runs);
