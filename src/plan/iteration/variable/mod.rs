//! What is climbed: the cells that a picture is made of.

mod decorrelated;
pub mod fourier;
mod pixels;

use std::fmt;

use crate::plan::{Builder, Step, View};

pub use decorrelated::Decorrelated;
pub use fourier::Fourier;
pub use pixels::Pixels;

/// A way of making a picture.
pub trait Variable: fmt::Debug + Send + Sync {
    /// Cells that live through an octave and make its picture.
    fn cells(&self, builder: &mut Builder, picture: View) -> View;

    /// At the start of an octave, and where the picture was held back: the cells of a picture.
    fn enter(&self, picture: View, cells: View) -> Vec<Step>;

    /// After each step: the picture of the cells.
    fn show(&self, builder: &mut Builder, cells: View, picture: View) -> Vec<Step>;

    /// The gradient of the cells, from that of the picture, which still is what the cells show.
    fn pull_back(&self, builder: &mut Builder, cells: View, picture: View, dx: View) -> (Vec<Step>, View);
}
