//! How the network sees the picture.

mod shift;
mod transformed;

use std::fmt;

use crate::plan::{Builder, Step, View};

pub use shift::Shift;
pub use transformed::Transformed;

/// A way of showing the picture to the network.
pub trait Sight: fmt::Debug + Send + Sync {
    /// What the network is shown of a picture.
    fn see(&self, builder: &mut Builder, picture: View) -> (Vec<Step>, View);

    /// From the gradient of what was seen to one that an update can take: it, and the map
    /// whose cells it belongs to. Updates undo the shift of their turn themselves; where
    /// a sight is another one, turns have none.
    fn look_back(
        &self,
        builder: &mut Builder,
        picture: View,
        seen: View,
        dx: View,
    ) -> (Vec<Step>, View, View);
}
