//! How a gradient becomes a step.

pub mod adam;
mod uphill;

use std::fmt;

use crate::plan::dials::{Knobs, Script};
use crate::plan::shaping::{Shaper, Shaping};
use crate::plan::{Builder, View};

pub use adam::Adam;
pub use uphill::Uphill;

/// A gradient, and what is to be climbed by it.
#[derive(Debug)]
pub struct Slope<'a> {
    /// Which climb of its iteration, from 0.
    pub number: usize,
    /// What is climbed, changed in place.
    pub cells: View,
    /// The map whose gradient this is, shifted as it is.
    pub at: View,
    /// The gradient.
    pub dx: View,
    /// One cell: its mean magnitude.
    pub magnitude: View,
    /// One channel of factors, if there are any.
    pub mask: Option<View>,
    pub(in crate::plan) shaping: &'a Shaping,
    pub(in crate::plan) knobs: Knobs<'a>,
}

/// A way of climbing.
pub trait Update: fmt::Debug + Send + Sync {
    /// From a gradient to changed cells.
    fn step(&self, builder: &mut Builder, slope: &Slope<'_>, shaper: Option<&Shaper>) -> Script;
}
