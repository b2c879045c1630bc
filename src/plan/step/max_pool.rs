//! Maxima of windows.

use super::{Gradient, Kind, Operand, size};
use crate::net::PlacedWindow;
use crate::plan::View;

/// Maximum over windows that are clipped to the map, so that padding is never chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxPool {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// Which cell of its window each output comes from: `row * kernel + column`, counted from the corner of
    /// the unclipped window. Of equal maxima, the first in row-major order is chosen.
    pub choice: Option<View>,
    /// Kernel, stride and padding.
    pub window: PlacedWindow,
}

/// Each input cell sums the gradients of the windows that chose it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxPoolGradient {
    /// Gradient of the output.
    pub dy: View,
    /// What the forward step recorded.
    pub choice: View,
    /// Kernel, stride and padding.
    pub window: PlacedWindow,
    /// Gradient of the input.
    pub dx: Gradient,
}

impl Kind for MaxPool {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let maps = [Operand::read(&mut self.x), Operand::write(&mut self.y)];
        let choice = self.choice.as_mut().map(Operand::write);
        maps.into_iter().chain(choice).map(Operand::alike).collect()
    }

    fn flops(&self) -> u64 {
        self.y.shape.len() as u64 * self.window.kernel.pow(2) as u64
    }

    fn geometry(&self) -> String {
        format!("/{} {}", self.window.stride, size(&self.y))
    }
}

impl Kind for MaxPoolGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let maps = [&mut self.dy, &mut self.choice].map(Operand::read);
        maps.into_iter().chain(self.dx.operands()).map(Operand::alike).collect()
    }

    fn geometry(&self) -> String {
        format!("/{} {}", self.window.stride, size(&self.dx.view))
    }
}
