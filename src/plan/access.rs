//! Which cells a step reads and which it writes.

use super::{Gradient, Step, View};

impl Step {
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
            Step::Match { x, guide, .. } => vec![*x, *guide],
            Step::MatchGradient { guide, choice, dx, .. } => with(&[*guide, *choice], dx),
            Step::Measure { x, total, add, .. } => std::iter::once(*x).chain(add.then_some(*total)).collect(),
            Step::Ascend { x, dx, magnitude, mask, .. } => {
                [*x, *dx, *magnitude].into_iter().chain(*mask).collect()
            }
            Step::Resize { x, base, .. } => std::iter::once(*x).chain(*base).collect(),
            Step::Difference { a, b, .. } => vec![*a, *b],
            Step::Affine { scale, .. } if *scale == 0.0 => Vec::new(),
            Step::Affine { x, .. } => vec![*x],
            Step::Level { x, levels } => vec![*x, *levels],
            Step::Pull { x, source, .. } => vec![*x, *source],
            Step::Smooth { x, age, .. } => vec![*x, *age],
            Step::Shrink { x, .. } => vec![*x],
            Step::Expand { x, y, .. } => vec![*x, *y],
            Step::Variation { x, dx, .. } => vec![*x, *dx],
            Step::Adam { dx, first, second, mass } => vec![*dx, *first, *second, *mass],
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
            | Step::MatchGradient { dx, .. }
            | Step::Seed { dx, .. } => vec![dx.view],
            Step::Match { choice, score, .. } => vec![*choice, *score],
            Step::Measure { total, .. } => vec![*total],
            Step::Ascend { x, .. }
            | Step::Affine { x, .. }
            | Step::Level { x, .. }
            | Step::Pull { x, .. } => vec![*x],
            Step::Smooth { y, .. } | Step::Shrink { y, .. } | Step::Expand { y, .. } => vec![*y],
            Step::Variation { dx, .. } => vec![*dx],
            Step::Adam { dx, first, second, .. } => vec![*dx, *first, *second],
        }
    }
}
