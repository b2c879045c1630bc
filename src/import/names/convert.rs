//! Converts foreign layouts to ours: axes, colours, batch normalisation.

/// The tensors of a batch normalisation, in the order of [`Norm`]'s fields.
pub(super) const NORM: [&str; 4] = ["weight", "bias", "running_mean", "running_var"];
/// The epsilon that torchvision adds to a variance.
const EPSILON: f64 = 0.001;

/// A batch normalisation: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with one of each per channel.
pub(super) struct Norm {
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

impl Norm {
    /// Folds the normalisation into filters: multiplies them by its factor and by `scale`, and returns the bias
    /// that does the rest. Computed in f64 and rounded once.
    pub(super) fn fold(&self, filters: &mut [f32], scale: f64) -> Vec<f32> {
        let terms = filters.len() / self.gamma.len();
        let mut biases = Vec::with_capacity(self.gamma.len());
        for (channel, filter) in filters.chunks_exact_mut(terms).enumerate() {
            let of = |values: &[f32]| f64::from(values[channel]);
            let factor = of(&self.gamma) / (of(&self.variance) + EPSILON).sqrt();
            for weight in filter {
                *weight = (f64::from(*weight) * factor * scale) as f32;
            }
            biases.push((of(&self.beta) - of(&self.mean) * factor) as f32);
        }
        biases
    }
}

/// Converts filters that are stored with the output channel fastest, and the input channel next. `shape` is ours,
/// output channel first: `[o, i, h, w]` or `[o, i]`.
pub(super) fn outputs_first(stored: &[f32], shape: &[usize]) -> Vec<f32> {
    let (outputs, inputs) = (shape[0], shape[1]);
    let taps = stored.len() / (outputs * inputs);
    let mut ours = Vec::with_capacity(stored.len());
    for output in 0..outputs {
        for input in 0..inputs {
            ours.extend((0..taps).map(|tap| stored[(tap * inputs + input) * outputs + output]));
        }
    }
    ours
}

/// Converts filters that are stored with the input channel fastest. `shape` is ours: `[o, i, h, w]` or `[o, i]`.
pub(super) fn inputs_second(stored: &[f32], shape: &[usize]) -> Vec<f32> {
    let (inputs, taps) = (shape[1], shape[2..].iter().product::<usize>());
    let mut ours = Vec::with_capacity(stored.len());
    for filter in stored.chunks_exact(inputs * taps) {
        for input in 0..inputs {
            ours.extend((0..taps).map(|tap| filter[tap * inputs + input]));
        }
    }
    ours
}

/// Converts every filter of `[o, i, h, w]` from red, green, blue to blue, green, red.
pub(super) fn reverse_colours(weights: &mut [f32], shape: &[usize]) {
    let taps = shape[2] * shape[3];
    let last = shape[1] - 1;
    for filter in weights.chunks_exact_mut(shape[1] * taps) {
        let (red, rest) = filter.split_at_mut(taps);
        red.swap_with_slice(&mut rest[(last - 1) * taps..]);
    }
}
