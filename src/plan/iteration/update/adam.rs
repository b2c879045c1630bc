//! Adam, as a network is trained by it.

use super::{Slope, Update};
use crate::net::Shape;
use crate::plan::dials::Script;
use crate::plan::shaping::{Shaper, fill};
use crate::plan::{Builder, step};

/// The number by which the host knows the running mean, which it sets to 0 before the first turn.
pub const MEAN: usize = usize::MAX - 3;
/// That of the running mean of squares.
pub const SQUARES: usize = usize::MAX - 4;
/// That of what the running means of 1 have come to: two cells.
pub const MASS: usize = usize::MAX - 5;

/// Each cell by about the same amount, along the running mean of its gradients: `x += rate * direction`, see
/// [`step::Adam`]. There are no bounds. For iterations of one climb.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// The amount.
    pub rate: f32,
}

impl Update for Adam {
    fn step(&self, builder: &mut Builder, slope: &Slope<'_>, _: Option<&Shaper>) -> Script {
        let &Slope { cells: x, dx, .. } = slope;
        let [first, second] = [MEAN, SQUARES].map(|number| builder.given(number, x.shape));
        let mass = builder.given(MASS, Shape::new(2, 1, 1));
        let one = builder.buffer("one", Shape::new(1, 1, 1));
        let mut script = Script::default();
        for (cell, (scale, offset)) in [(0.9, 0.1), (0.999, 0.001)].into_iter().enumerate() {
            script.push(step::Affine { x: mass.channels(cell, 1), scale, offset });
        }
        script.push(step::Adam { dx, first, second, mass });
        script.push(fill(one, 1.0));
        let bounds = [(f32::MIN.into(), f32::MAX.into()); 3];
        script.push(step::Ascend { x, dx, magnitude: one, mask: None, step: self.rate.into(), bounds });
        script
    }
}
