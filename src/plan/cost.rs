//! What a step costs at least: operations and traffic.

use super::Step;
use crate::net::{Shape, Weights};

impl Step {
    /// Floating-point operations, a multiply-add counted as two: the algorithm's need, not a machine's waste.
    pub fn flops(&self) -> u64 {
        let cells = |shape: Shape| shape.len() as u64;
        match self {
            Step::Conv(conv) => {
                let outputs: u64 = conv.y.iter().map(|y| cells(y.shape)).sum();
                2 * outputs * (conv.x.shape.channels * conv.window.kernel.pow(2)) as u64
            }
            Step::ConvGradient(conv) => {
                let inputs: u64 = conv.dy.iter().map(|dy| cells(dy.shape)).sum();
                2 * inputs * (conv.dx.view.shape.channels * conv.window.kernel.pow(2)) as u64
            }
            Step::MaxPool { y, window, .. } => cells(y.shape) * window.kernel.pow(2) as u64,
            Step::Lrn { y, lrn, .. } => cells(y.shape) * (2 * lrn.size as u64 + 4),
            Step::LrnGradient { dy, lrn, .. } => cells(dy.shape) * (4 * lrn.size as u64 + 12),
            Step::Match { x, guide, .. } => 2 * cells(x.shape) * guide.shape.plane() as u64,
            Step::Measure { x, .. } => 2 * cells(x.shape),
            Step::Smooth { y, .. } => 2 * 81 * cells(y.shape),
            Step::Shrink { y, .. } | Step::Expand { y, .. } => 2 * 25 * cells(y.shape),
            other => other.writes().iter().map(|view| 2 * cells(view.shape)).sum(),
        }
    }

    /// Bytes that must be moved at least: every cell read once and written once, every weight read once.
    pub fn bytes(&self, weights: &Weights) -> u64 {
        let views = self.reads().into_iter().chain(self.writes());
        let cells: usize = views.map(|view| view.shape.len()).sum();
        let layers = match self {
            Step::Conv(conv) => &conv.layers[..],
            Step::ConvGradient(conv) => &conv.layers[..],
            _ => &[],
        };
        let filters: usize = layers.iter().map(|&layer| weights.filter(layer).weight.len()).sum();
        4 * (cells + filters) as u64
    }
}
