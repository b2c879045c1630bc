//! The vocabulary: every step a machine must know, as plain data. This file is their specification.

use super::{Functional, View};
use crate::net::{LayerId, Lrn, PlacedWindow};

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
    /// For each cell of `x` the column of the guide that it is most like: of `A = x^T guide`, over the channels,
    /// the first maximum of each row.
    Match {
        /// The map.
        x: View,
        /// As many channels, any number of columns.
        guide: View,
        /// Which column, for each cell; one channel.
        choice: View,
        /// The dot product with it; one channel.
        score: View,
    },
    /// The gradient of the scores' sum, times `scale`: `dx[:, i] = scale guide[:, choice[i]]`.
    MatchGradient {
        /// The same columns.
        guide: View,
        /// What the forward step recorded.
        choice: View,
        /// Factor.
        scale: f32,
        /// Gradient of the map.
        dx: Gradient,
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
    /// One step uphill: `x = clamp(x + mask * step / magnitude * dx, low, high)`, with `dx` shifted back by
    /// the current jitter. Where the magnitude is 0, `x` stays.
    Ascend {
        /// The picture, changed in place.
        x: View,
        /// Gradient of the rolled picture.
        dx: View,
        /// One cell: mean of |dx|.
        magnitude: View,
        /// One channel of factors for all of `x`'s; 1 everywhere if there is none.
        mask: Option<View>,
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
    /// `x = scale * x + offset`; with a scale of 0, `offset` whatever was there.
    Affine {
        /// The cells, changed in place.
        x: View,
        /// Factor.
        scale: f32,
        /// Added afterwards.
        offset: f32,
    },
    /// `x = (x - m) * (t / max(d, 1e-10)) + b`, where `levels` holds `m, d, b, t`: from a mean and a deviation
    /// that were measured to those that are wanted.
    Level {
        /// The cells, changed in place.
        x: View,
        /// Four cells.
        levels: View,
    },
    /// The mean of three Gaussians of nine taps a side, mirrored at the edges (the outermost cell once): their
    /// deviations are half, one and two times `sigma.0 + sigma.1 * age`, and the weights of each add up to 1.
    Smooth {
        /// Input.
        x: View,
        /// Output.
        y: View,
        /// One cell.
        age: View,
        /// Deviation at age 0, and how much it grows by the year.
        sigma: (f32, f32),
    },
    /// Half the size, rounded up: `y_i = sum_t k_t x_(2i + t - p)` in rows and in columns, with
    /// `k = (1, 4, 6, 4, 1) / 16`, zeros beyond the map, and `p` 1 for an even size of `x` and 2 for an odd one.
    Shrink {
        /// Input.
        x: View,
        /// Output.
        y: View,
    },
    /// The transpose of [`Step::Shrink`], times 4, times a factor, added:
    /// `y_j = y_j + factor * sum_(2i + t - p = j) 2 k_t x_i`, in rows and in columns.
    Expand {
        /// Input, half as large.
        x: View,
        /// Changed in place.
        y: View,
        /// Factor.
        factor: f32,
    },
    /// Takes a total variation's gradient away: `dx = dx - weight / 255^(exponent - 1) * d/dx sum n^(exponent / 2)`
    /// with `n = (x - right)^2 + (x - below)^2 + 1e-6`; right of the last column is the first, and so with rows.
    Variation {
        /// The map.
        x: View,
        /// A gradient of the same shape, changed in place.
        dx: View,
        /// Factor.
        weight: f32,
        /// 2 for squares, less to spare edges.
        exponent: f32,
    },
    /// Adam's direction, in place: `first = 0.9 first + 0.1 dx`, `second = 0.999 second + 0.001 dx^2`,
    /// `dx = first / mass_0 / (sqrt(second / mass_1) + 1e-8)`, with `dx` shifted back by the current jitter.
    Adam {
        /// Gradient of the rolled picture.
        dx: View,
        /// Running mean, of the picture as it is.
        first: View,
        /// Running mean of squares, likewise.
        second: View,
        /// Two cells: what the running means of 1 have come to.
        mass: View,
    },
    /// Back towards a source, in brightness and colour separately: with `e = x - source` and its luma
    /// `e' = 0.114 e_0 + 0.587 e_1 + 0.299 e_2` (BT.601, BGR), `x = source + (1 - chroma)(e - e') + (1 - luma) e'`.
    Pull {
        /// The picture, changed in place.
        x: View,
        /// Where it came from; same shape.
        source: View,
        /// How much of the way in brightness, 0 to 1.
        luma: f32,
        /// How much of the way in colour, 0 to 1.
        chroma: f32,
    },
}
