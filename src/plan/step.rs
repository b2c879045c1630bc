//! The vocabulary: every step a machine must know, as plain data. This file is their specification.

use super::convolution::ImplicitGemm;
use crate::net::{LayerId, Lrn, PlacedWindow, Shape};

use super::View;

/// Where a backward step leaves its result: `cell = mask > 0 ? result (+ cell) : 0`.
///
/// The mask is the value of a ReLU whose gradient this is. Every gradient in a plan is therefore already
/// the gradient before that ReLU, and a ReLU needs no backward step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gradient {
    /// The gradient's cells.
    pub view: View,
    /// Value after the ReLU, of the same shape.
    pub mask: Option<View>,
    /// Whether earlier steps have left a part of the sum there.
    pub add: bool,
}

/// Convolutions of one input with the same window, as one: their outputs are computed together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conv {
    /// Whose weights; their output channels follow each other.
    pub layers: Vec<LayerId>,
    /// Kernel, stride and padding, the same for all.
    pub window: PlacedWindow,
    /// Input.
    pub x: View,
    /// Output of each layer.
    pub y: Vec<View>,
    /// Whether `max(., 0)` follows.
    pub relu: bool,
}

/// Gradient of convolutions' outputs to the gradient of their common input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConvGradient {
    /// Whose weights.
    pub layers: Vec<LayerId>,
    /// Kernel, stride and padding of the forward convolutions.
    pub window: PlacedWindow,
    /// Gradient of each layer's output (before its ReLU).
    pub dy: Vec<View>,
    /// Gradient of the input.
    pub dx: Gradient,
}

/// A box of cells of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Which channel.
    pub channel: usize,
    /// First row and one past the last.
    pub rows: (usize, usize),
    /// First column and one past the last.
    pub columns: (usize, usize),
}

impl Region {
    /// Whether the cell lies inside.
    pub fn contains(self, channel: usize, row: usize, column: usize) -> bool {
        channel == self.channel
            && (self.rows.0..self.rows.1).contains(&row)
            && (self.columns.0..self.columns.1).contains(&column)
    }

    /// How many cells.
    pub fn area(self) -> usize {
        (self.rows.1 - self.rows.0) * (self.columns.1 - self.columns.0)
    }
}

/// A scalar function of a map, whose gradient is known in closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Functional {
    /// `scale / 2 * sum of x^2`; gradient `scale * x`.
    HalfSquares {
        /// Factor.
        scale: f32,
    },
    /// `scale * sum of x over the region`; gradient `scale` inside, 0 outside.
    RegionSum {
        /// Where.
        region: Region,
        /// Factor.
        scale: f32,
    },
    /// `scale * sum of |x|`; only measured, never climbed.
    Magnitude {
        /// Factor.
        scale: f32,
    },
}

/// One step of a plan. `x` is read, `y` is written, `d` stands for "gradient of".
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Convolution, bias, and perhaps ReLU.
    Conv(Conv),
    /// Its gradient.
    ConvGradient(ConvGradient),
    /// `y = max(x, 0)`: only where somebody wants the value before it as well.
    Relu {
        /// Input.
        x: View,
        /// Output.
        y: View,
    },
    /// Maximum over windows clipped to the map: padding never wins.
    MaxPool {
        /// Input.
        x: View,
        /// Output.
        y: View,
        /// For each output, which cell of its window won: `row * kernel + column` counted from the
        /// unclipped window's corner; the first maximum in row-major order.
        choice: Option<View>,
        /// Kernel, stride and padding.
        window: PlacedWindow,
    },
    /// Each input cell gathers the gradients of the windows that chose it.
    MaxPoolGradient {
        /// Gradient of the output.
        dy: View,
        /// What the forward step recorded.
        choice: View,
        /// Kernel, stride and padding.
        window: PlacedWindow,
        /// Gradient of the input.
        dx: Gradient,
    },
    /// Local response normalisation.
    Lrn {
        /// Input.
        x: View,
        /// Output.
        y: View,
        /// Its constants.
        lrn: Lrn,
    },
    /// `dx_c = dy_c s_c^-b - (2ab/n) x_c sum_i dy_i x_i s_i^(-b-1)`, the sum over the `n` channels around `c`.
    LrnGradient {
        /// The forward input.
        x: View,
        /// Gradient of the output.
        dy: View,
        /// Its constants.
        lrn: Lrn,
        /// Gradient of the input.
        dx: Gradient,
    },
    /// Mean of each channel.
    Average {
        /// Input.
        x: View,
        /// Output, 1x1.
        y: View,
    },
    /// Spreads each channel's gradient evenly.
    AverageGradient {
        /// Gradient of the output, 1x1.
        dy: View,
        /// Gradient of the input.
        dx: Gradient,
    },
    /// Softmax over the channels of a 1x1 map.
    Softmax {
        /// Input.
        x: View,
        /// Output.
        y: View,
    },
    /// `dx = y (dy - sum of y dy)`.
    SoftmaxGradient {
        /// The forward output.
        y: View,
        /// Gradient of the output.
        dy: View,
        /// Gradient of the input.
        dx: Gradient,
    },
    /// The gradient of a functional: where the backward pass starts.
    Seed {
        /// The map.
        x: View,
        /// What is climbed.
        functional: Functional,
        /// Gradient of the map.
        dx: Gradient,
    },
    /// `y = gate x`, the same for every channel: which cells count.
    Gate {
        /// Input.
        x: View,
        /// As high and wide as `x`, of one channel.
        gate: View,
        /// Output.
        y: Gradient,
    },
    /// The value of a functional.
    Measure {
        /// The map.
        x: View,
        /// What is measured.
        functional: Functional,
        /// One cell.
        total: View,
        /// Whether to add to what is there.
        add: bool,
    },
    /// Circular shift by the current jitter: `y[c, (r + down) mod h, (s + right) mod w] = x[c, r, s]`.
    Roll {
        /// Input.
        x: View,
        /// Output.
        y: View,
    },
    /// One step uphill: `x = clamp(x + step / magnitude * dx, low, high)`, with `dx` shifted back by the
    /// current jitter. Where the magnitude is 0, `x` stays.
    Ascend {
        /// The picture, changed in place.
        x: View,
        /// Gradient of the rolled picture.
        dx: View,
        /// One cell: mean of |dx|.
        magnitude: View,
        /// Step length.
        step: f32,
        /// Lowest and highest value of each of the three channels.
        bounds: [(f32, f32); 3],
    },
    /// Bilinear resampling, corners on corners: output cell `i` of `m` reads position `i (n-1) / (m-1)`, or
    /// 0 if `m` is 1; `y = resampled x (+ base)`.
    Resize {
        /// Input.
        x: View,
        /// Output.
        y: View,
        /// Added to the result; same shape as `y`.
        base: Option<View>,
    },
    /// `y = a - b`.
    Difference {
        /// From.
        a: View,
        /// Take away.
        b: View,
        /// Result.
        y: View,
    },
}

impl Step {
    /// The name of the operation.
    pub fn name(&self) -> &'static str {
        match self {
            Step::Conv(_) => "conv",
            Step::ConvGradient(_) => "conv_gradient",
            Step::Relu { .. } => "relu",
            Step::MaxPool { .. } => "max_pool",
            Step::MaxPoolGradient { .. } => "max_pool_gradient",
            Step::Lrn { .. } => "lrn",
            Step::LrnGradient { .. } => "lrn_gradient",
            Step::Average { .. } => "average",
            Step::AverageGradient { .. } => "average_gradient",
            Step::Softmax { .. } => "softmax",
            Step::SoftmaxGradient { .. } => "softmax_gradient",
            Step::Seed { .. } => "seed",
            Step::Gate { .. } => "gate",
            Step::Measure { .. } => "measure",
            Step::Roll { .. } => "roll",
            Step::Ascend { .. } => "ascend",
            Step::Resize { .. } => "resize",
            Step::Difference { .. } => "difference",
        }
    }

    /// Every view whose cells the step reads, including what it adds to.
    pub fn reads(&self) -> Vec<View> {
        let own = |gradient: &Gradient| gradient.add.then_some(gradient.view);
        let with =
            |views: &[View], dx: &Gradient| views.iter().copied().chain(dx.mask).chain(own(dx)).collect();
        match self {
            Step::Conv(conv) => vec![conv.x],
            Step::ConvGradient(conv) => with(&conv.dy, &conv.dx),
            Step::Relu { x, .. }
            | Step::MaxPool { x, .. }
            | Step::Lrn { x, .. }
            | Step::Average { x, .. }
            | Step::Softmax { x, .. }
            | Step::Roll { x, .. } => vec![*x],
            Step::MaxPoolGradient { dy, choice, dx, .. } => with(&[*dy, *choice], dx),
            Step::LrnGradient { x, dy, dx, .. } => with(&[*x, *dy], dx),
            Step::AverageGradient { dy, dx } => with(&[*dy], dx),
            Step::SoftmaxGradient { y, dy, dx } => with(&[*y, *dy], dx),
            // Also where only its shape counts: a GPU binds it, and must not find it where it writes.
            Step::Seed { x, dx, .. } => with(&[*x], dx),
            Step::Gate { x, gate, y } => with(&[*x, *gate], y),
            Step::Measure { x, total, add, .. } => std::iter::once(*x).chain(add.then_some(*total)).collect(),
            Step::Ascend { x, dx, magnitude, .. } => vec![*x, *dx, *magnitude],
            Step::Resize { x, base, .. } => std::iter::once(*x).chain(*base).collect(),
            Step::Difference { a, b, .. } => vec![*a, *b],
        }
    }

    /// Every view whose cells the step writes, all of them.
    pub fn writes(&self) -> Vec<View> {
        match self {
            Step::Conv(conv) => conv.y.clone(),
            Step::ConvGradient(conv) => vec![conv.dx.view],
            Step::MaxPool { y, choice, .. } => std::iter::once(*y).chain(*choice).collect(),
            Step::Relu { y, .. }
            | Step::Lrn { y, .. }
            | Step::Average { y, .. }
            | Step::Softmax { y, .. }
            | Step::Roll { y, .. }
            | Step::Resize { y, .. }
            | Step::Difference { y, .. } => vec![*y],
            Step::MaxPoolGradient { dx, .. }
            | Step::LrnGradient { dx, .. }
            | Step::AverageGradient { dx, .. }
            | Step::SoftmaxGradient { dx, .. }
            | Step::Gate { y: dx, .. }
            | Step::Seed { dx, .. } => vec![dx.view],
            Step::Measure { total, .. } => vec![*total],
            Step::Ascend { x, .. } => vec![*x],
        }
    }

    /// The product that a convolution or its gradient is; `None` for every other step.
    pub fn gemm(&self) -> Option<ImplicitGemm> {
        match self {
            Step::Conv(conv) => Some(conv.gemm()),
            Step::ConvGradient(conv) => Some(conv.gemm()),
            _ => None,
        }
    }

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
            Step::Measure { x, .. } => 2 * cells(x.shape),
            other => other.writes().iter().map(|view| 2 * cells(view.shape)).sum(),
        }
    }
}
