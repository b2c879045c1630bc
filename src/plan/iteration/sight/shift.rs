//! The notebook's way: the picture, shifted by the turn's jitter.

use super::Sight;
use crate::plan::{Builder, Step, View, step};

/// A circular shift, another in every turn.
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
