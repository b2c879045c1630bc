//! Convolutions and their gradients. Both are one implicit GEMM: see
//! [`convolution`](crate::plan::convolution).

use super::{Gradient, Kind, Operand, area};
use crate::net::{LayerId, PlacedWindow};
use crate::plan::View;

/// Convolutions with the same input and the same window, computed together, each with its bias and perhaps a
/// ReLU.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conv {
    /// The layers. Their output channels follow each other.
    pub layers: Vec<LayerId>,
    /// Kernel, stride and padding, the same for all.
    pub window: PlacedWindow,
    /// Input.
    pub x: View,
    /// Output of each layer.
    pub y: Vec<View>,
    /// Whether a ReLU, `max(., 0)`, follows.
    pub relu: bool,
}

/// From the gradients of the convolutions' outputs to the gradient of their common input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConvGradient {
    /// The layers.
    pub layers: Vec<LayerId>,
    /// Kernel, stride and padding of the forward convolutions.
    pub window: PlacedWindow,
    /// Gradient of each layer's output (before its ReLU).
    pub dy: Vec<View>,
    /// Gradient of the input.
    pub dx: Gradient,
}

impl Kind for Conv {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        let outputs = self.y.iter_mut().map(|y| Operand::write(y).alike());
        [Operand::read(&mut self.x).free()].into_iter().chain(outputs).collect()
    }

    fn layers(&self) -> &[LayerId] {
        &self.layers
    }

    fn flops(&self) -> u64 {
        flops(&self.y, self.x, self.window)
    }

    fn geometry(&self) -> String {
        let (from, to) = (self.x.shape.channels.to_string(), channels(&self.y));
        geometry(self.window, from, to, &self.y[0])
    }
}

impl Kind for ConvGradient {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        // The output of a strided convolution's gradient is interleaved, and so is written channel by
        // channel.
        let interleaved = self.window.stride > 1;
        let dx = self.dx.operands().map(|end| if interleaved { end } else { end.alike_in(1) });
        self.dy.iter_mut().map(|dy| Operand::read(dy).alike()).chain(dx).collect()
    }

    fn layers(&self) -> &[LayerId] {
        &self.layers
    }

    fn flops(&self) -> u64 {
        flops(&self.dy, self.dx.view, self.window)
    }

    fn geometry(&self) -> String {
        let (from, to) = (channels(&self.dy), self.dx.view.shape.channels.to_string());
        geometry(self.window, from, to, &self.dy[0])
    }
}

fn flops(outputs: &[View], input: View, window: PlacedWindow) -> u64 {
    let outputs: usize = outputs.iter().map(|view| view.shape.len()).sum();
    2 * outputs as u64 * (input.shape.channels * window.kernel.pow(2)) as u64
}

fn geometry(window: PlacedWindow, from: String, to: String, output: &View) -> String {
    let k = window.kernel;
    format!("{k}x{k} {from}>{to} at {}", area(output))
}

fn channels(views: &[View]) -> String {
    views.iter().map(|view| view.shape.channels.to_string()).collect::<Vec<_>>().join("+")
}
