//! What is climbed: the variables that a picture is computed from.

mod decorrelated;
pub mod fourier;
mod pixels;

use std::fmt;

use crate::plan::{Builder, Step, View};

pub use decorrelated::Decorrelated;
pub use fourier::Fourier;
pub use pixels::Pixels;

/// A way to make a picture from cells.
pub trait Variable: fmt::Debug + Send + Sync {
    /// The cells that the picture is computed from. They are valid for the whole octave.
    fn cells(&self, builder: &mut Builder, picture: View) -> View;

    /// Computes the cells of a picture, at the start of an octave and wherever the picture was held back.
    fn enter(&self, picture: View, cells: View) -> Vec<Step>;

    /// Computes the picture from the cells, after each step.
    fn show(&self, builder: &mut Builder, cells: View, picture: View) -> Vec<Step>;

    /// The gradient of the cells from that of the picture, while the picture is still what the cells show.
    fn pull_back(&self, builder: &mut Builder, cells: View, picture: View, dx: View) -> (Vec<Step>, View);
}
