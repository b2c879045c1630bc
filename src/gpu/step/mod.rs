//! How a GPU runs each kind of step: one file per kind, as in [`plan::step`](crate::plan::step), with its
//! kernels.

use super::dispatch::Dispatch;
use super::kernel::Kernel;
use super::layout::{Layout, Layouts};
use super::tiling::GemmTiling;
use crate::plan::step::{self, Step, kinds};
use crate::plan::{Number, View};

/// What the dispatches of a step depend on besides the step itself.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// How convolutions are tiled.
    pub tiling: &'a GemmTiling,
    /// The layouts of the maps of the plan.
    pub layouts: &'a Layouts,
    /// The current values of the dials. They only affect parameters, nothing else.
    pub dials: &'a [f32],
}

impl Site<'_> {
    /// The layout of a map.
    fn layout(&self, view: &View) -> Layout {
        self.layouts.of_map(view)
    }

    /// The current value of a number.
    fn number(&self, number: Number) -> f32 {
        number.at(self.dials)
    }
}

/// A kind of step that a GPU can run.
trait Dispatched {
    /// Its kernels.
    const KERNELS: &[Kernel];

    /// Its dispatches, in order.
    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch>;
}

macro_rules! dispatched {
    ($($file:ident: $($kind:ident = $name:literal),+;)*) => {
        $(pub(super) mod $file;)*

        /// The kernels of all kinds.
        pub(super) fn kernels() -> Vec<Kernel> {
            [$($(<step::$kind as Dispatched>::KERNELS),+),*].concat()
        }

        /// The dispatches of a step, in order.
        pub fn dispatches(step: &Step, site: &Site<'_>) -> Vec<Dispatch> {
            match step { $($(Step::$kind(step) => step.dispatches(site),)+)* }
        }
    };
}
kinds!(dispatched);
