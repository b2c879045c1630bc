//! Every convolution, and every gradient of one by its input, as one thing: an implicit GEMM.
//!
//! A convolution is `matrix x patches`, with one row per output channel and one column per output cell. The
//! inner dimension runs over the cells of the window, tap by tap, and channel by channel within a tap. No
//! machine ever stores all the patches at once.
//!
//! The gradient of a convolution of stride `s` is again a convolution, of stride 1 over the gradient of the
//! output: input row `s i + p` (`0 <= p < s`) receives from output rows `i + t` through kernel row `p + pad -
//! s t`. Each of the `s x s` phases is a row of its own in the matrix, and the result is written interleaved
//! (depth to space). For `s = 1` this is the familiar correlation with the flipped kernel.

use super::{Conv, ConvGradient, Step, View};
use crate::extent::Extent;
use crate::net::{LayerId, PlacedWindow, Weights};

/// Geometry and epilogue of an implicit GEMM. Apart from the [`Matrix`], machines need nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImplicitGemm {
    /// Which layers' weights, and in which direction they are read.
    pub filter: FilterKey,
    /// One or two inputs of the same height and width. Their channels follow each other.
    pub sources: Vec<View>,
    /// Kernel, stride and padding before the first row and column. After the last row and column there are as
    /// many zeros as needed.
    pub window: PlacedWindow,
    /// The size of the output, before interleaving.
    pub grid: Extent,
    /// One or two outputs of the same height and width. Their channels follow each other.
    pub destinations: Vec<View>,
    /// Side of the square of cells that consecutive rows of the matrix fill: 1, or the stride of the
    /// convolution whose gradient this is. Cells beyond the edge of the destination are not written.
    pub interleave: usize,
    /// What is done to a finished sum.
    pub epilogue: Epilogue,
}

/// What is done to a finished sum, in this order: add, then clip.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Epilogue {
    /// `y = sum + bias`.
    Bias,
    /// `y = max(sum + bias, 0)`.
    BiasRelu,
    /// `y = mask > 0 ? sum (+ y) : 0`.
    Gradient {
        /// Value after the ReLU, shaped like the destination, of which there is only one.
        mask: Option<View>,
        /// Whether the sum is added to what the destination holds.
        add: bool,
    },
}

/// Identifies a [`Matrix`]. A machine prepares each matrix once, however many steps use it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilterKey {
    /// Convolutions stacked along their output channels.
    pub layers: Vec<LayerId>,
    /// Forward, or towards the input.
    pub direction: Direction,
}

/// Which way the filter is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Input to output.
    Forward,
    /// Gradient of the output to gradient of the input, through the window of the convolution. The window's
    /// padding decides which of its cells each phase sees.
    Gradient(PlacedWindow),
}

/// The left side of an implicit GEMM.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Output channels, times the number of interleaved phases.
    pub rows: usize,
    /// Cells of the window.
    pub taps: usize,
    /// Input channels.
    pub channels: usize,
    /// `[row][tap][channel]`.
    pub values: Vec<f32>,
    /// One number per row; all zeros in the direction of the gradient.
    pub bias: Vec<f32>,
}

impl ImplicitGemm {
    /// Rows of the product: output channels times the number of interleaved phases.
    pub fn rows(&self) -> usize {
        let channels: usize = self.destinations.iter().map(|view| view.shape.channels).sum();
        self.interleave * self.interleave * channels
    }

    /// Columns of the product: cells of the grid.
    pub fn columns(&self) -> usize {
        self.grid.plane()
    }

    /// Operations of the product as it is computed, counting a multiply-add as two.
    pub fn flops(&self) -> u64 {
        let channels: usize = self.sources.iter().map(|view| view.shape.channels).sum();
        let inner = channels * self.window.kernel.pow(2);
        2 * self.rows() as u64 * self.columns() as u64 * inner as u64
    }
}

impl Conv {
    /// The convolution as an implicit GEMM.
    pub fn gemm(&self) -> ImplicitGemm {
        ImplicitGemm {
            filter: FilterKey { layers: self.layers.clone(), direction: Direction::Forward },
            sources: vec![self.x],
            window: self.window,
            grid: self.y[0].shape.extent(),
            destinations: coalesce(&self.y),
            interleave: 1,
            epilogue: if self.relu { Epilogue::BiasRelu } else { Epilogue::Bias },
        }
    }
}

impl ConvGradient {
    /// The gradient as an implicit GEMM.
    pub fn gemm(&self) -> ImplicitGemm {
        let stride = self.window.stride;
        let input = self.dx.view.shape;
        ImplicitGemm {
            filter: FilterKey { layers: self.layers.clone(), direction: Direction::Gradient(self.window) },
            sources: coalesce(&self.dy),
            window: transposed(self.window),
            grid: Extent::new(input.height.div_ceil(stride), input.width.div_ceil(stride)),
            destinations: vec![self.dx.view],
            interleave: stride,
            epilogue: Epilogue::Gradient { mask: self.dx.mask, add: self.dx.add },
        }
    }
}

/// The window of the stride-1 convolution that carries a gradient back through `window`.
fn transposed(window: PlacedWindow) -> PlacedWindow {
    let PlacedWindow { kernel, stride, pad } = window;
    let after = |pad: usize| pad.div_ceil(stride); // last output row that input row `stride i + p` feeds
    let before = |pad: usize| (kernel - 1 - pad) / stride; // and the first, counted backwards
    let side = |pad: usize| before(pad) + after(pad) + 1;
    // Where the axes differ, both take the larger side: the extra taps of the other one multiply zeros.
    PlacedWindow { kernel: side(pad.0).max(side(pad.1)), stride: 1, pad: (before(pad.0), before(pad.1)) }
}

/// Joins views that are adjacent in one buffer.
fn coalesce(views: &[View]) -> Vec<View> {
    let mut joined: Vec<View> = Vec::new();
    for view in views {
        match joined.last_mut() {
            Some(last) if last.buffer == view.buffer && last.range().end == view.offset => {
                last.shape.channels += view.shape.channels;
            }
            _ => joined.push(*view),
        }
    }
    assert!(joined.len() <= 2, "siblings lie in at most two places");
    joined
}

impl FilterKey {
    /// Gathers the matrix from the weights.
    pub fn matrix(&self, weights: &Weights) -> Matrix {
        match self.direction {
            Direction::Forward => self.forward(weights),
            Direction::Gradient(window) => self.gradient(weights, window),
        }
    }

    fn forward(&self, weights: &Weights) -> Matrix {
        let [_, channels, kernel, _] = shape(weights, self.layers[0]);
        let taps = kernel * kernel;
        let mut values = Vec::new();
        let mut bias = Vec::new();
        for &layer in &self.layers {
            let filter = weights.filter(layer);
            for row in filter.weight.chunks_exact(channels * taps) {
                for tap in 0..taps {
                    values.extend((0..channels).map(|channel| row[channel * taps + tap]));
                }
            }
            bias.extend_from_slice(&filter.bias);
        }
        Matrix { rows: bias.len(), taps, channels, values, bias }
    }

    fn gradient(&self, weights: &Weights, window: PlacedWindow) -> Matrix {
        let stride = window.stride;
        let [_, inputs, kernel, _] = shape(weights, self.layers[0]);
        let outputs: usize = self.layers.iter().map(|&layer| shape(weights, layer)[0]).sum();
        let back = transposed(window);
        let rows = inputs * stride * stride;
        let taps = back.kernel * back.kernel;
        let mut values = vec![0.0; rows * taps * outputs];
        // Kernel row (or column) that leads from output `i + tap - back` to input `stride i + phase`.
        let source = |phase: usize, tap: usize, pad: usize, back: usize| {
            let at = (phase + pad + stride * back).checked_sub(stride * tap)?;
            (at < kernel).then_some(at)
        };
        for row in 0..rows {
            let (input, phase) = (row / (stride * stride), row % (stride * stride));
            for tap in 0..taps {
                let ky = source(phase / stride, tap / back.kernel, window.pad.0, back.pad.0);
                let kx = source(phase % stride, tap % back.kernel, window.pad.1, back.pad.1);
                if let (Some(ky), Some(kx)) = (ky, kx) {
                    let cell = (input * kernel + ky) * kernel + kx;
                    let row = &mut values[(row * taps + tap) * outputs..][..outputs];
                    self.copy_outputs(weights, inputs * kernel * kernel, cell, row);
                }
            }
        }
        Matrix { rows, taps, channels: outputs, values, bias: vec![0.0; rows] }
    }

    /// One weight of each output channel of each layer; the weights of one output channel are `pitch` long.
    fn copy_outputs(&self, weights: &Weights, pitch: usize, cell: usize, row: &mut [f32]) {
        let outputs = self.layers.iter().flat_map(|&layer| weights.filter(layer).weight.chunks_exact(pitch));
        for (to, output) in row.iter_mut().zip(outputs) {
            *to = output[cell];
        }
    }
}

fn shape(weights: &Weights, layer: LayerId) -> [usize; 4] {
    weights.network().filter_shape(layer).expect("a plan convolves with convolutions only")
}

impl Step {
    /// The matrix product that computes a convolution or its gradient; `None` for every other step.
    pub fn gemm(&self) -> Option<ImplicitGemm> {
        match self {
            Self::Conv(conv) => Some(conv.gemm()),
            Self::ConvGradient(conv) => Some(conv.gemm()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_gradients() {
        let placed = |kernel, stride, pad| PlacedWindow { kernel, stride, pad };
        assert_eq!(transposed(PlacedWindow::POINT), PlacedWindow::POINT);
        assert_eq!(transposed(placed(3, 1, (1, 1))), placed(3, 1, (1, 1)));
        assert_eq!(transposed(placed(5, 1, (2, 2))), placed(5, 1, (2, 2)));
        assert_eq!(transposed(placed(7, 2, (3, 3))), placed(4, 1, (1, 1)));
        assert_eq!(transposed(placed(7, 2, (2, 3))), placed(4, 1, (2, 1)));
        assert_eq!(transposed(placed(4, 2, (0, 1))), placed(3, 1, (1, 1)));
    }
}
