//! The same step elsewhere: every view replaced by another.

use puppyslug::plan::{Conv, ConvGradient, Gradient, Step, View};

/// The step with `to` applied to every view.
pub fn relocate(step: &Step, to: impl Fn(View) -> View) -> Step {
    let all = |views: &[View]| views.iter().map(|&view| to(view)).collect();
    let flow = |dx: &Gradient| Gradient { view: to(dx.view), mask: dx.mask.map(&to), add: dx.add };
    match step.clone() {
        Step::Conv(conv) => Step::Conv(Conv { x: to(conv.x), y: all(&conv.y), ..conv }),
        Step::ConvGradient(conv) => {
            Step::ConvGradient(ConvGradient { dy: all(&conv.dy), dx: flow(&conv.dx), ..conv })
        }
        Step::Relu { x, y } => Step::Relu { x: to(x), y: to(y) },
        Step::MaxPool { x, y, choice, window } => {
            Step::MaxPool { x: to(x), y: to(y), choice: choice.map(&to), window }
        }
        Step::MaxPoolGradient { dy, choice, window, dx } => {
            Step::MaxPoolGradient { dy: to(dy), choice: to(choice), window, dx: flow(&dx) }
        }
        Step::Lrn { x, y, lrn } => Step::Lrn { x: to(x), y: to(y), lrn },
        Step::LrnGradient { x, dy, lrn, dx } => {
            Step::LrnGradient { x: to(x), dy: to(dy), lrn, dx: flow(&dx) }
        }
        Step::Average { x, y } => Step::Average { x: to(x), y: to(y) },
        Step::AverageGradient { dy, dx } => Step::AverageGradient { dy: to(dy), dx: flow(&dx) },
        Step::Softmax { x, y } => Step::Softmax { x: to(x), y: to(y) },
        Step::SoftmaxGradient { y, dy, dx } => Step::SoftmaxGradient { y: to(y), dy: to(dy), dx: flow(&dx) },
        Step::Seed { x, functional, dx } => Step::Seed { x: to(x), functional, dx: flow(&dx) },
        Step::Gate { x, gate, y } => Step::Gate { x: to(x), gate: to(gate), y: flow(&y) },
        Step::Match { x, guide, choice, score } => {
            Step::Match { x: to(x), guide: to(guide), choice: to(choice), score: to(score) }
        }
        Step::MatchGradient { guide, choice, scale, dx } => {
            Step::MatchGradient { guide: to(guide), choice: to(choice), scale, dx: flow(&dx) }
        }
        Step::Measure { x, functional, total, add } => {
            Step::Measure { x: to(x), functional, total: to(total), add }
        }
        Step::Roll { x, y } => Step::Roll { x: to(x), y: to(y) },
        Step::Ascend { x, dx, magnitude, mask, step, bounds } => {
            let mask = mask.map(&to);
            Step::Ascend { x: to(x), dx: to(dx), magnitude: to(magnitude), mask, step, bounds }
        }
        Step::Resize { x, y, base } => Step::Resize { x: to(x), y: to(y), base: base.map(&to) },
        Step::Difference { a, b, y } => Step::Difference { a: to(a), b: to(b), y: to(y) },
        Step::Affine { x, scale, offset } => Step::Affine { x: to(x), scale, offset },
        Step::Level { x, levels } => Step::Level { x: to(x), levels: to(levels) },
        Step::Smooth { x, y, age, sigma } => Step::Smooth { x: to(x), y: to(y), age: to(age), sigma },
        Step::Shrink { x, y } => Step::Shrink { x: to(x), y: to(y) },
        Step::Expand { x, y, factor } => Step::Expand { x: to(x), y: to(y), factor },
        Step::Variation { x, dx, weight, exponent } => {
            Step::Variation { x: to(x), dx: to(dx), weight, exponent }
        }
        Step::Adam { dx, first, second, mass } => {
            Step::Adam { dx: to(dx), first: to(first), second: to(second), mass: to(mass) }
        }
        Step::Pull { x, source, luma, chroma } => Step::Pull { x: to(x), source: to(source), luma, chroma },
    }
}
