//! The oracle: every step of a plan in f64, straight from its definition in `plan/step`.
//!
//! Plain loops over raw filters and windows; it shares no code with the machines it judges, and not the
//! implicit GEMM either. Beside each value it says how far an honest f32 machine may be away from it.

mod adam;
mod affine;
mod ascend;
mod average;
mod blur;
mod colour;
mod compose;
mod conv;
mod dft;
mod difference;
mod direction;
mod follow;
mod gate;
mod gram;
mod judge;
mod level;
mod lrn;
mod matching;
mod max_pool;
mod means;
mod measure;
mod meet;
mod memory;
mod pull;
mod pyramid;
mod relu;
mod resize;
mod roll;
mod running;
mod sample;
mod search;
mod seed;
mod settle;
mod smooth;
mod softmax;
mod spread;
mod sum;
mod transform;
mod variation;
mod variational;
mod warp;

pub use memory::{Map, Memory};
pub use sum::{Cell, EPSILON, Sum};

use puppyslug::machine::Turn;
use puppyslug::net::{Shape, Weights};
use puppyslug::plan::{Gradient, Number, Step, View, step};

/// What a step writes into one view.
pub struct Written {
    pub view: View,
    pub cells: Vec<Cell>,
}

/// Runs a step: leaves the values in `memory`, returns them with their tolerances.
pub fn run<'t>(
    step: &Step,
    memory: &mut Memory,
    weights: &Weights,
    turn: impl Into<Turn<'t>>,
) -> Vec<Written> {
    let written = evaluate(step, memory, weights, turn.into());
    for Written { view, cells } in &written {
        memory.write(*view, cells.iter().map(|cell| cell.value));
    }
    written
}

fn evaluate(step: &Step, memory: &Memory, weights: &Weights, turn: Turn<'_>) -> Vec<Written> {
    let Turn { jitter, dials } = turn;
    let map = |view: View| memory.map(view);
    let now = |number: Number| number.at(dials);
    match step {
        Step::Conv(step) => conv::forward(step, memory, weights),
        Step::ConvGradient(step) => vec![conv::gradient(step, memory, weights)],
        &Step::Relu(step::Relu { x, y }) => vec![relu::relu(memory.read(x), y)],
        &Step::MaxPool(step::MaxPool { x, y, choice, window }) => max_pool::max(map(x), y, choice, window),
        Step::MaxPoolGradient(step::MaxPoolGradient { dy, choice, window, dx }) => {
            vec![max_pool::max_gradient(map(*dy), map(*choice), *window, dx, memory)]
        }
        &Step::Lrn(step::Lrn { x, y, lrn }) => vec![lrn::lrn(map(x), y, lrn)],
        Step::LrnGradient(step::LrnGradient { x, dy, lrn, dx }) => {
            vec![lrn::lrn_gradient(map(*x), map(*dy), *lrn, dx, memory)]
        }
        &Step::Average(step::Average { x, y }) => vec![average::average(map(x), y)],
        Step::AverageGradient(step::AverageGradient { dy, dx }) => {
            vec![average::average_gradient(map(*dy), dx, memory)]
        }
        &Step::Softmax(step::Softmax { x, y }) => vec![softmax::softmax(memory.read(x), y)],
        Step::SoftmaxGradient(step::SoftmaxGradient { y, dy, dx }) => {
            vec![softmax::softmax_gradient(memory.read(*y), memory.read(*dy), dx, memory)]
        }
        Step::Seed(step::Seed { x, functional, scale, dx }) => {
            vec![seed::seed(*x, *functional, now(*scale), dx, memory)]
        }
        Step::Gate(step::Gate { x, gate, y }) => vec![gate::gate(map(*x), map(*gate), y, memory)],
        &Step::Match(step::Match { x, guide, choice, score }) => {
            matching::best(map(x), map(guide), choice, score)
        }
        Step::MatchGradient(step::MatchGradient { guide, choice, scale, dx }) => {
            vec![matching::gradient(map(*guide), map(*choice), now(*scale), dx, memory)]
        }
        &Step::Align(step::Align { x, direction, power, score, slopes }) => {
            direction::align(map(x), map(direction), power, score, slopes)
        }
        Step::AlignGradient(step::AlignGradient { x, direction, slopes, scale, dx }) => {
            vec![direction::gradient(map(*x), map(*direction), map(*slopes), now(*scale), dx, memory)]
        }
        &Step::Gram(step::Gram { x, y }) => vec![gram::gram(map(x), y)],
        &Step::Contrast(step::Contrast { grams, own, length, score, y }) => {
            let [length, score] = [length, score].map(|view| memory.read(view)[0]);
            vec![gram::contrast(memory.read(grams), own, length, score, y)]
        }
        Step::GramGradient(step::GramGradient { x, slope, scale, dx }) => {
            vec![gram::gradient(map(*x), map(*slope), now(*scale), dx, memory)]
        }
        &Step::Measure(step::Measure { x, functional, scale, total, add }) => {
            let before = add.then(|| memory.read(total)[0]);
            vec![measure::measure(map(x), functional, now(scale), total, before)]
        }
        &Step::Roll(step::Roll { x, y }) => vec![roll::roll(map(x), y, jitter)],
        &Step::Ascend(step::Ascend { x, dx, magnitude, mask, step, bounds }) => {
            let (magnitude, mask) = (memory.read(magnitude)[0], mask.map(map));
            let bounds = bounds.map(|(low, high)| (now(low), now(high)));
            vec![ascend::ascend(map(x), x, map(dx), magnitude, mask, now(step), bounds, jitter)]
        }
        &Step::Resize(step::Resize { x, y, base }) => vec![resize::resize(map(x), y, base.map(map))],
        &Step::Warp(step::Warp { x, field, y }) => vec![warp::warp(map(x), map(field), y)],
        Step::WarpGradient(step::WarpGradient { dy, shares, dx }) => {
            vec![warp::gradient(map(*dy), memory.read(*shares), dx, memory)]
        }
        &Step::Difference(step::Difference { a, b, y }) => {
            vec![difference::difference(memory.read(a), memory.read(b), y)]
        }
        &Step::Affine(step::Affine { x, scale, offset }) => {
            vec![affine::affine(memory.read(x), x, scale, offset)]
        }
        &Step::Level(step::Level { x, levels }) => {
            vec![level::level(memory.read(x), memory.read(levels), x)]
        }
        &Step::Smooth(step::Smooth { x, y, age, sigma }) => {
            let sigma = f64::from(now(sigma.0)) + f64::from(now(sigma.1)) * memory.read(age)[0];
            vec![smooth::smooth(map(x), y, sigma)]
        }
        &Step::Shrink(step::Shrink { x, y }) => vec![pyramid::shrink(map(x), y)],
        &Step::Expand(step::Expand { x, y, factor }) => vec![pyramid::expand(map(x), map(y), y, factor)],
        &Step::Variation(step::Variation { x, dx, weight, exponent }) => {
            vec![variation::variation(map(x), map(dx), dx, now(weight), now(exponent))]
        }
        &Step::Adam(step::Adam { dx, first, second, mass }) => {
            adam::adam([map(dx), map(first), map(second)], [dx, first, second], memory.read(mass), jitter)
        }
        &Step::Pull(step::Pull { x, source, luma, chroma }) => {
            vec![pull::pull(map(x), map(source), x, now(luma), now(chroma))]
        }
        Step::Sample(step) => vec![sample::sample(step, map(step.x), step.flow.map(map))],
        Step::Search(step) => {
            vec![search::search(step, map(step.first), map(step.second), map(step.x))]
        }
        Step::Propagate(step) => {
            let [first, second, x, start] = [step.first, step.second, step.x, step.start].map(map);
            vec![search::propagate(step, first, second, x, start)]
        }
        Step::Densify(step) => {
            vec![search::densify(step, map(step.first), map(step.second), map(step.x))]
        }
        Step::Linearise(step) => {
            vec![variational::linearise(step, map(step.first), map(step.second), map(step.x))]
        }
        Step::Relax(step) => vec![variational::relax(step, map(step.x), map(step.system))],
        Step::Judge(step) => vec![judge::judge(step, map(step.flow), map(step.back))],
        Step::Blur(step) => vec![blur::blur(step, map(step.x))],
        Step::Means(step) => vec![means::means(step, map(step.x))],
        Step::Explain(step) => {
            vec![settle::explain(step, map(step.flow), map(step.first), map(step.second))]
        }
        Step::Settle(step) => vec![settle::settle(step, map(step.flow), map(step.explained))],
        Step::Follow(step) => vec![follow::follow(step, map(step.x), map(step.flow))],
        Step::Spread(step) => vec![spread::spread(step, map(step.x), map(step.y))],
        Step::Compose(step) => {
            vec![compose::compose(step, map(step.x), map(step.waves), map(step.parts))]
        }
        Step::Meet(step) => {
            let pictures = [step.x, step.first, step.second].map(map);
            vec![meet::meet(step, pictures, [step.before, step.behind].map(map), memory.read(step.way)[0])]
        }
        Step::DftColumns(step) => vec![dft::columns(step, map(step.x), map(step.scale), map(step.waves))],
        Step::DftRows(step) => vec![dft::rows(step, map(step.x), map(step.waves))],
        Step::DftRowsGradient(step) => vec![dft::rows_gradient(step, map(step.dy), map(step.waves))],
        &Step::Colour(step::Colour { x, y, mean }) => vec![colour::colour(map(x), y, mean)],
        &Step::ColourGradient(step::ColourGradient { y, dy, dx, mean }) => {
            vec![colour::gradient(map(y), map(dy), dx, mean)]
        }
        &Step::Transform(step::Transform { x, y, matrix, outside }) => {
            let matrix = matrix.map(|number| f64::from(now(number)));
            vec![transform::transform(map(x), y, matrix, outside)]
        }
        &Step::TransformGradient(step::TransformGradient { dy, dx, matrix }) => {
            vec![transform::gradient(map(dy), dx, matrix.map(|number| f64::from(now(number))))]
        }
    }
}

/// Calls `cell` for every channel, row and column, in the order of memory.
fn fill<T>(shape: Shape, mut cell: impl FnMut(usize, usize, usize) -> T) -> Vec<T> {
    let mut cells = Vec::with_capacity(shape.len());
    for channel in 0..shape.channels {
        for row in 0..shape.height {
            for column in 0..shape.width {
                cells.push(cell(channel, row, column));
            }
        }
    }
    cells
}

fn elementwise(view: View, x: &[f64], cell: impl Fn(f64) -> Cell) -> Written {
    Written { view, cells: x.iter().copied().map(cell).collect() }
}

/// Where every backward step ends: `cell = mask > 0 ? sum (+ cell) : 0`.
fn flow(dx: &Gradient, sums: Vec<Sum>, memory: &Memory) -> Written {
    let mask = dx.mask.map(|mask| memory.read(mask));
    let before = memory.read(dx.view);
    let finish = |(index, mut sum): (usize, Sum)| {
        if mask.is_some_and(|mask| mask[index] <= 0.0) {
            return Cell::exact(0.0);
        }
        if dx.add {
            sum.push(before[index]);
        }
        sum.cell()
    };
    Written { view: dx.view, cells: sums.into_iter().enumerate().map(finish).collect() }
}
