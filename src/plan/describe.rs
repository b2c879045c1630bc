//! Steps in words: what kind, over which shapes, how much traffic.

use std::fmt;

use super::{Gradient, Step, View};
use crate::net::Weights;

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

impl Step {
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
