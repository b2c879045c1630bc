//! Steps in words: what kind, over which shapes.

use std::fmt;

use super::{Gradient, Step, View};

/// Names every operation: one without a name does not compile, and one with a name is known to the tests.
macro_rules! names {
    ($($step:pat => $name:literal,)*) => {
        /// The names of all operations.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The name of the operation.
        pub fn name(&self) -> &'static str {
            match self {
                $($step => $name,)*
            }
        }
    };
}

impl Step {
    names! {
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
        Step::Match { .. } => "match",
        Step::MatchGradient { .. } => "match_gradient",
        Step::Measure { .. } => "measure",
        Step::Roll { .. } => "roll",
        Step::Ascend { .. } => "ascend",
        Step::Resize { .. } => "resize",
        Step::Difference { .. } => "difference",
        Step::Affine { .. } => "affine",
        Step::Level { .. } => "level",
        Step::Pull { .. } => "pull",
        Step::Smooth { .. } => "smooth",
        Step::Shrink { .. } => "shrink",
        Step::Expand { .. } => "expand",
        Step::Variation { .. } => "variation",
        Step::Adam { .. } => "adam",
    }
}

impl fmt::Display for Step {
    /// Kind and geometry: `conv 3x3 96>128 at 28x28`. Equal geometry reads equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = |views: &[View]| {
            let counts: Vec<String> = views.iter().map(|view| view.shape.channels.to_string()).collect();
            counts.join("+")
        };
        let at = |view: &View| format!("{}x{}", view.shape.width, view.shape.height);
        write!(f, "{}", self.name())?;
        match self {
            Step::Conv(conv) => {
                let (k, x, y) = (conv.window.kernel, channels(&[conv.x]), channels(&conv.y));
                write!(f, " {k}x{k} {x}>{y} at {}", at(&conv.y[0]))
            }
            Step::ConvGradient(conv) => {
                let (k, dy, dx) = (conv.window.kernel, channels(&conv.dy), channels(&[conv.dx.view]));
                write!(f, " {k}x{k} {dy}>{dx} at {}", at(&conv.dy[0]))
            }
            Step::MaxPool { y, window, .. } => {
                write!(f, " /{} {} at {}", window.stride, channels(&[*y]), at(y))
            }
            Step::MaxPoolGradient { dx: Gradient { view, .. }, window, .. } => {
                write!(f, " /{} {} at {}", window.stride, channels(&[*view]), at(view))
            }
            Step::Match { x, guide, .. } => {
                write!(f, " {} to {} columns at {}", channels(&[*x]), guide.shape.plane(), at(x))
            }
            Step::Measure { x, .. } => write!(f, " {} at {}", channels(&[*x]), at(x)),
            other => match other.writes().first() {
                Some(view) => write!(f, " {} at {}", channels(&[*view]), at(view)),
                None => Ok(()),
            },
        }
    }
}
