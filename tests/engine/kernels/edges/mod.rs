//! Sizes that no tile divides, maps smaller than the window, and every way to end a backward step.

use std::sync::Arc;

use puppyslug::machine::Jitter;
use puppyslug::net::{Lrn, Network, PlacedWindow, Shape, Weights, Window};
use puppyslug::plan::Number::Fixed;
use puppyslug::plan::{Builder, Functional, Gradient, Region, Step, View, step};

mod carry;
pub(crate) mod conv;
mod flow;
mod shaping;
mod visualize;
mod warp;

use super::case::Case;

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    [
        conv::convolutions(),
        conv::siblings(),
        pools(),
        normalisations(),
        means_and_softmax(),
        functionals(),
        matches(),
        directions(),
        grams(),
        pictures(),
        shaping::cases(),
        warp::cases(),
        flow::cases(),
        carry::cases(),
        visualize::cases(),
    ]
    .concat()
}

/// A map between channels that nobody may touch: one at either end, or four, so that a map of whole blocks of four
/// may lie in blocks.
fn map(builder: &mut Builder, channels: usize, height: usize, width: usize) -> View {
    let beside = if channels.is_multiple_of(4) { 4 } else { 1 };
    builder.buffer("map", Shape::new(channels + 2 * beside, height, width)).channels(beside, channels)
}

fn like(builder: &mut Builder, view: View) -> View {
    map(builder, view.shape.channels, view.shape.height, view.shape.width)
}

/// The four ways to end a backward step.
const ENDS: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

fn gradient(builder: &mut Builder, shape: Shape, (mask, add): (bool, bool)) -> Gradient {
    let view = map(builder, shape.channels, shape.height, shape.width);
    Gradient { view, mask: mask.then(|| like(builder, view)), add }
}

fn alone(builder: Builder, step: impl Into<Step>) -> Case {
    with_weights(builder, step, &Arc::new(Weights::from_filters(Network::new(), Default::default())))
}

fn with_weights(builder: Builder, step: impl Into<Step>, weights: &Arc<Weights>) -> Case {
    Case::isolate(&builder.finish(), &step.into(), weights, Jitter::default())
}

fn jittered(builder: Builder, step: impl Into<Step>, down: i32, right: i32) -> Case {
    let none = Arc::new(Weights::from_filters(Network::new(), Default::default()));
    Case::isolate(&builder.finish(), &step.into(), &none, Jitter { down, right })
}

fn pools() -> Vec<Case> {
    let mut cases = Vec::new();
    for window in [
        Window::new(3, 2, 0),
        Window::new(3, 1, 1),
        Window::new(2, 2, 0),
        Window::new(5, 3, 2),
        Window::same(3, 2),
        Window::same(3, 1),
        Window::same(4, 3),
    ] {
        for (turn, (height, width)) in
            [(1, 1), (2, 2), (3, 3), (4, 5), (7, 8), (13, 9), (1, 6), (8, 6)].into_iter().enumerate()
        {
            let (rows, columns) = (window.pool_size(height), window.pool_size(width));
            if rows * columns == 0 {
                continue; // too small for this window
            }
            for channels in [1, 5, 8] {
                let mut builder = Builder::new();
                let x = map(&mut builder, channels, height, width);
                let y = map(&mut builder, channels, rows, columns);
                let choice = (turn % 3 != 0).then(|| like(&mut builder, y));
                let window = window.over(x.shape);
                cases.push(alone(builder, step::MaxPool { x, y, choice, window }));
                cases.push(pool_gradient(x.shape, y.shape, window, ENDS[turn % 4]));
            }
        }
    }
    for (end, channels) in ENDS.into_iter().flat_map(|end| [(end, 3), (end, 4)]) {
        let x = Shape::new(channels, 7, 9);
        cases.push(pool_gradient(x, Shape::new(channels, 3, 4), Window::new(3, 2, 0).over(x), end));
        cases.push(pool_gradient(x, Shape::new(channels, 4, 5), Window::same(3, 2).over(x), end));
        cases.push(pool_gradient(x, x, Window::new(3, 1, 1).over(x), end));
    }
    cases
}

fn pool_gradient(x: Shape, y: Shape, window: PlacedWindow, end: (bool, bool)) -> Case {
    let mut builder = Builder::new();
    let dx = gradient(&mut builder, x, end);
    let dy = map(&mut builder, y.channels, y.height, y.width);
    let choice = like(&mut builder, dy);
    alone(builder, step::MaxPoolGradient { dy, choice, window, dx })
}

fn normalisations() -> Vec<Case> {
    let of_googlenet = Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 };
    let of_inception5h = Lrn { size: 11, alpha: 11e-4, beta: 0.5, k: 2.0 };
    let widest = Lrn { size: 15, alpha: 1e-4, beta: 0.75, k: 1.0 };
    let other = Lrn { size: 3, alpha: 1e-3, beta: 0.6, k: 2.0 };
    let mut cases = Vec::new();
    for (turn, (lrn, channels, height, width)) in [
        (of_googlenet, 1, 1, 1),
        (of_googlenet, 2, 3, 3),
        (of_googlenet, 3, 1, 5),
        (of_googlenet, 5, 4, 4),
        (of_googlenet, 17, 3, 7),
        (of_googlenet, 65, 2, 9),
        (of_inception5h, 1, 1, 1),
        (of_inception5h, 5, 2, 3),
        (of_inception5h, 11, 3, 3),
        (of_inception5h, 23, 4, 5),
        (of_inception5h, 65, 2, 9),
        (other, 7, 5, 3),
        (of_googlenet, 4, 3, 5),
        (of_googlenet, 20, 4, 3),
        (of_inception5h, 8, 1, 7),
        (of_inception5h, 36, 5, 2),
        (widest, 24, 3, 4),
        (other, 12, 5, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, height, width);
        let y = like(&mut builder, x);
        cases.push(alone(builder, step::Lrn { x, y, lrn }));
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, height, width);
        let dy = like(&mut builder, x);
        let dx = gradient(&mut builder, x.shape, ENDS[turn % 4]);
        cases.push(alone(builder, step::LrnGradient { x, dy, lrn, dx }));
    }
    cases
}

fn means_and_softmax() -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, (channels, height, width)) in
        [(1, 1, 1), (3, 1, 1), (5, 7, 7), (17, 3, 5), (129, 2, 2), (2, 37, 41), (8, 37, 41), (20, 1, 1)]
            .into_iter()
            .enumerate()
    {
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, height, width);
        let y = map(&mut builder, channels, 1, 1);
        cases.push(alone(builder, step::Average { x, y }));
        let mut builder = Builder::new();
        let dy = map(&mut builder, channels, 1, 1);
        let dx = gradient(&mut builder, Shape::new(channels, height, width), ENDS[turn % 4]);
        cases.push(alone(builder, step::AverageGradient { dy, dx }));
    }
    for (turn, channels) in [1, 3, 17, 64, 65, 1000].into_iter().enumerate() {
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, 1, 1);
        let y = like(&mut builder, x);
        cases.push(alone(builder, step::Softmax { x, y }));
        let mut builder = Builder::new();
        let y = map(&mut builder, channels, 1, 1);
        let dy = like(&mut builder, y);
        let dx = gradient(&mut builder, y.shape, ENDS[turn % 4]);
        cases.push(alone(builder, step::SoftmaxGradient { y, dy, dx }));
    }
    cases
}

fn functionals() -> Vec<Case> {
    let mut cases = Vec::new();
    let sizes = [(1, 1, 1), (5, 3, 7), (3, 67, 129), (129, 7, 5), (12, 11, 3), (64, 1, 1)];
    for (turn, (channels, height, width)) in sizes.into_iter().enumerate() {
        let region =
            Region { channel: channels - 1, rows: (height / 2, height), columns: (0, width / 2 + 1) };
        let mean = Fixed(1.0 / (channels * height * width) as f32);
        let squares = (Functional::HalfSquares, Fixed(-0.6));
        let sum = (Functional::RegionSum(region), Fixed(1.3));
        let (magnitude, root) = ((Functional::Magnitude, mean), (Functional::Root, mean));
        for (functional, scale) in [squares, sum, magnitude, root] {
            for add in [false, true] {
                let mut builder = Builder::new();
                let x = map(&mut builder, channels, height, width);
                let total = map(&mut builder, 1, 1, 1);
                cases.push(alone(builder, step::Measure { x, functional, scale, total, add }));
            }
        }
        for (functional, scale) in [squares, sum, magnitude] {
            for end in [ENDS[turn % 4], ENDS[3 - turn % 4]] {
                let mut builder = Builder::new();
                let x = map(&mut builder, channels, height, width);
                let dx = gradient(&mut builder, x.shape, end);
                cases.push(alone(builder, step::Seed { x, functional, scale, dx }));
            }
        }
        for end in [ENDS[turn % 4], ENDS[3 - turn % 4]] {
            let mut builder = Builder::new();
            let x = map(&mut builder, channels, height, width);
            let gate = map(&mut builder, 1, height, width);
            let y = gradient(&mut builder, x.shape, end);
            cases.push(alone(builder, step::Gate { x, gate, y }));
        }
    }
    cases
}

/// Cells and columns that no workgroup's tile divides, channels that none of its loads does.
fn matches() -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, (channels, height, width, columns)) in
        [(1, 1, 1, 1), (3, 2, 5, 7), (16, 4, 8, 64), (17, 3, 11, 65), (40, 7, 9, 130), (5, 1, 3, 1100)]
            .into_iter()
            .enumerate()
    {
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, height, width);
        let guide = map(&mut builder, channels, 1, columns);
        let choice = map(&mut builder, 1, height, width);
        let score = like(&mut builder, choice);
        cases.push(alone(builder, step::Match { x, guide, choice, score }));
        for end in [ENDS[turn % 4], ENDS[3 - turn % 4]] {
            let mut builder = Builder::new();
            let dx = gradient(&mut builder, x.shape, end);
            let guide = map(&mut builder, channels, 1, columns);
            let choice = map(&mut builder, 1, height, width);
            cases.push(alone(builder, step::MatchGradient { guide, choice, scale: Fixed(-0.7), dx }));
        }
    }
    cases
}

/// Powers from none on, with cosines on either side of 0.1: the more channels, the fewer are above.
fn directions() -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, (channels, height, width)) in
        [(1, 1, 1), (3, 2, 5), (16, 9, 11), (17, 3, 7), (64, 17, 19), (5, 1, 300)].into_iter().enumerate()
    {
        for power in [0, 1, 2, 5] {
            let mut builder = Builder::new();
            let x = map(&mut builder, channels, height, width);
            let direction = map(&mut builder, channels, 1, 1);
            let score = map(&mut builder, 1, height, width);
            let slopes = map(&mut builder, 2, height, width);
            cases.push(alone(builder, step::Align { x, direction, power, score, slopes }));
        }
        for end in [ENDS[turn % 4], ENDS[3 - turn % 4]] {
            let mut builder = Builder::new();
            let dx = gradient(&mut builder, Shape::new(channels, height, width), end);
            let x = like(&mut builder, dx.view);
            let direction = map(&mut builder, channels, 1, 1);
            let slopes = map(&mut builder, 2, height, width);
            cases.push(alone(builder, step::AlignGradient { x, direction, slopes, scale: Fixed(-0.7), dx }));
        }
    }
    cases
}

/// Channels that no tile and no task divides, in blocks and not; one matrix alone, and the last of several.
fn grams() -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, (channels, height, width)) in
        [(1, 1, 1), (3, 2, 5), (16, 9, 11), (37, 3, 7), (68, 5, 13), (5, 1, 300)].into_iter().enumerate()
    {
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, height, width);
        let y = map(&mut builder, channels, 1, channels);
        cases.push(alone(builder, step::Gram { x, y }));
        for (count, own) in [(1, 0), (4, 3)] {
            let mut builder = Builder::new();
            let grams = map(&mut builder, count * channels, 1, channels);
            let (length, score) = (map(&mut builder, 1, 1, 1), map(&mut builder, 1, 1, 1));
            let y = map(&mut builder, channels, 1, channels);
            cases.push(alone(builder, step::Contrast { grams, own, length, score, y }));
        }
        for end in [ENDS[turn % 4], ENDS[3 - turn % 4]] {
            let mut builder = Builder::new();
            let dx = gradient(&mut builder, Shape::new(channels, height, width), end);
            let x = like(&mut builder, dx.view);
            let slope = map(&mut builder, channels, 1, channels);
            cases.push(alone(builder, step::GramGradient { x, slope, scale: Fixed(-0.7), dx }));
        }
    }
    cases
}

fn pictures() -> Vec<Case> {
    let mut cases = Vec::new();
    for (down, right) in [(0, 0), (1, 0), (0, -1), (3, -5), (-32, 32), (1000, -1001)] {
        for (height, width) in [(1, 1), (7, 5), (16, 33)] {
            let mut builder = Builder::new();
            let x = map(&mut builder, 3, height, width);
            let y = like(&mut builder, x);
            cases.push(jittered(builder, step::Roll { x, y }, down, right));
            let (builder, step) = ascend(height, width, down == 3 || down == 1);
            cases.push(jittered(builder, step, down, right));
        }
    }
    let (builder, step) = ascend(4, 5, true);
    cases.push(jittered(builder, step, 1, 2).with_scalar(0.0)); // nowhere to go: x stays
    for ((height, width), (rows, columns)) in [
        ((1, 1), (5, 7)),
        ((5, 7), (1, 1)),
        ((5, 7), (5, 7)),
        ((5, 7), (9, 10)),
        ((9, 10), (5, 7)),
        ((1, 9), (1, 13)),
        ((33, 44), (45, 61)),
        ((2, 2), (65, 3)),
    ] {
        for base in [false, true] {
            let mut builder = Builder::new();
            let x = map(&mut builder, 3, height, width);
            let y = map(&mut builder, 3, rows, columns);
            let base = base.then(|| like(&mut builder, y));
            cases.push(alone(builder, step::Resize { x, y, base }));
        }
    }
    for (channels, height, width) in [(3, 1, 1), (3, 9, 17)] {
        let mut builder = Builder::new();
        let a = map(&mut builder, channels, height, width);
        let (b, y) = (like(&mut builder, a), like(&mut builder, a));
        cases.push(alone(builder, step::Difference { a, b, y }));
        let mut builder = Builder::new();
        let x = map(&mut builder, channels, height, width);
        let y = like(&mut builder, x);
        cases.push(alone(builder, step::Relu { x, y }));
    }
    cases
}

fn ascend(height: usize, width: usize, masked: bool) -> (Builder, step::Ascend) {
    let mut builder = Builder::new();
    let x = map(&mut builder, 3, height, width);
    let dx = like(&mut builder, x);
    let magnitude = map(&mut builder, 1, 1, 1);
    let mask = masked.then(|| map(&mut builder, 1, height, width));
    let bounds = [(-104.0, 81.0), (-90.0, 139.0), (-122.0, 133.0)].map(|(a, b)| (Fixed(a), Fixed(b)));
    (builder, step::Ascend { x, dx, magnitude, mask, step: Fixed(1.5), bounds })
}
