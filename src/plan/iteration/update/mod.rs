//! How a gradient becomes a step.

pub mod adam;
mod uphill;

use std::fmt;

use crate::plan::dials::{Knobs, Script};
use crate::plan::shaping::{Shaper, Shaping};
use crate::plan::{Builder, View};

pub use adam::Adam;
pub use uphill::Uphill;

/// A gradient, and the cells to be changed by it.
#[derive(Debug)]
pub struct Slope<'a> {
    /// The number of the climb within its iteration, from 0.
    pub number: usize,
    /// The cells, changed in place.
    pub cells: View,
    /// The map that this is the gradient of, with the same shift.
    pub at: View,
    /// The gradient.
    pub dx: View,
    /// One cell: the mean magnitude of the gradient.
    pub magnitude: View,
    /// One channel of factors, if there is a mask.
    pub mask: Option<View>,
    pub(in crate::plan) shaping: &'a Shaping,
    pub(in crate::plan) knobs: Knobs<'a>,
}

/// A way to climb.
pub trait Update: fmt::Debug + Send + Sync {
    /// Changes the cells by a gradient.
    fn step(&self, builder: &mut Builder, slope: &Slope<'_>, shaper: Option<&Shaper>) -> Script;
}
