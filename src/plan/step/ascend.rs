//! The step uphill.

use super::{Kind, Operand};
use crate::plan::{Number, View};

/// One step uphill: `x = clamp(x + mask * step / magnitude * dx, low, high)`, with `dx` shifted back by
/// the current jitter. Where the magnitude is 0, `x` stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ascend {
    /// The picture, changed in place.
    pub x: View,
    /// Gradient of the rolled picture.
    pub dx: View,
    /// One cell: mean of |dx|.
    pub magnitude: View,
    /// One channel of factors for all channels of `x`; 1 everywhere if absent.
    pub mask: Option<View>,
    /// Step length.
    pub step: Number,
    /// Lowest and highest value of each of the three channels.
    pub bounds: [(Number, Number); 3],
}

impl Kind for Ascend {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let reads = [&mut self.dx, &mut self.magnitude].into_iter().chain(&mut self.mask);
        [Operand::change(&mut self.x)].into_iter().chain(reads.map(Operand::read)).collect()
    }

    fn numbers(&mut self) -> Vec<&mut Number> {
        let bounds = self.bounds.iter_mut().flat_map(|(low, high)| [low, high]);
        [&mut self.step].into_iter().chain(bounds).collect()
    }

    fn is_shifted(&self) -> bool {
        true
    }
}
