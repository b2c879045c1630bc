//! How the network sees the picture.

mod shift;
mod transformed;

use std::fmt;

use crate::plan::{Builder, Step, View};

pub use shift::Shift;
pub use transformed::Transformed;

/// A way to show the picture to the network.
pub trait Sight: fmt::Debug + Send + Sync {
    /// What the network sees of a picture.
    fn see(&self, builder: &mut Builder, picture: View) -> (Vec<Step>, View);

    /// Turns the gradient of what the network saw into one that an update can use. Returns the steps, the
    /// gradient, and the map that it is the gradient of. Updates themselves undo the shift of their
    /// iteration; with any other sight, iterations have no shift.
    fn look_back(
        &self,
        builder: &mut Builder,
        picture: View,
        seen: View,
        dx: View,
    ) -> (Vec<Step>, View, View);
}
