//! Adam, as used to train networks.

use super::{Slope, Update};
use crate::net::Shape;
use crate::plan::dials::Script;
use crate::plan::shaping::{Shaper, fill};
use crate::plan::{Builder, step};

/// The numbers of the buffers that hold Adam's memory of one of several pictures: the running mean, the
/// running mean of squares, and (in two cells) the sums of the weights of both means. The host sets all of
/// them to 0 before the first iteration.
pub fn memory(picture: usize) -> [usize; 3] {
    [3, 4, 5].map(|part| usize::MAX - part - 3 * picture)
}

/// Moves every cell by about the same amount, along the running mean of its gradients: `x += rate *
/// direction`, see [`step::Adam`]. There are no bounds. For iterations with a single climb.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// The amount.
    pub rate: f32,
    /// Which picture this is.
    pub picture: usize,
}

impl Update for Adam {
    fn step(&self, builder: &mut Builder, slope: &Slope<'_>, _: Option<&Shaper>) -> Script {
        let &Slope { cells: x, dx, .. } = slope;
        let [mean, squares, mass] = memory(self.picture);
        let [first, second] = [mean, squares].map(|number| builder.given(number, x.shape));
        let mass = builder.given(mass, Shape::new(2, 1, 1));
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
