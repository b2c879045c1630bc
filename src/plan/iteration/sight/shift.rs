//! The 2015 notebook's way: the picture, shifted by the jitter of the iteration.

use super::Sight;
use crate::plan::{Builder, Step, View, step};

/// A circular shift, different in every iteration.
#[derive(Clone, Copy, Debug)]
pub struct Shift;

impl Sight for Shift {
    fn see(&self, builder: &mut Builder, picture: View) -> (Vec<Step>, View) {
        let rolled = builder.buffer("rolled picture", picture.shape);
        (vec![step::Roll { x: picture, y: rolled }.into()], rolled)
    }

    fn look_back(&self, _: &mut Builder, _: View, seen: View, dx: View) -> (Vec<Step>, View, View) {
        (Vec::new(), dx, seen)
    }
}
