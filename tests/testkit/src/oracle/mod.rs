//! The oracle: every step of a plan in f64, straight from its definition in `plan/step.rs`.
//!
//! Plain loops over raw filters and windows; it shares no code with the machines it judges, and not the
//! implicit GEMM either. Beside each value it says how far an honest f32 machine may be away from it.

mod conv;
mod likeness;
mod memory;
mod normalise;
mod objective;
mod picture;
mod pool;
mod shaping;
mod sum;

pub use memory::{Map, Memory};
pub use sum::{Cell, EPSILON, Sum};

use puppyslug::machine::Jitter;
use puppyslug::net::{Shape, Weights};
use puppyslug::plan::{Gradient, Step, View};
use rayon::prelude::*;

/// What a step writes into one view.
pub struct Written {
    pub view: View,
    pub cells: Vec<Cell>,
}

/// Runs a step: leaves the values in `memory`, returns them with their tolerances.
pub fn run(step: &Step, memory: &mut Memory, weights: &Weights, jitter: Jitter) -> Vec<Written> {
    let written = evaluate(step, memory, weights, jitter);
    for Written { view, cells } in &written {
        memory.write(*view, cells.iter().map(|cell| cell.value));
    }
    written
}

fn evaluate(step: &Step, memory: &Memory, weights: &Weights, jitter: Jitter) -> Vec<Written> {
    let map = |view: View| memory.map(view);
    match step {
        Step::Conv(step) => conv::forward(step, memory, weights),
        Step::ConvGradient(step) => vec![conv::gradient(step, memory, weights)],
        &Step::Relu { x, y } => vec![elementwise(y, memory.read(x), |x| Cell::exact(x.max(0.0)))],
        &Step::MaxPool { x, y, choice, window } => pool::max(map(x), y, choice, window),
        Step::MaxPoolGradient { dy, choice, window, dx } => {
            vec![pool::max_gradient(map(*dy), map(*choice), *window, dx, memory)]
        }
        &Step::Lrn { x, y, lrn } => vec![normalise::lrn(map(x), y, lrn)],
        Step::LrnGradient { x, dy, lrn, dx } => {
            vec![normalise::lrn_gradient(map(*x), map(*dy), *lrn, dx, memory)]
        }
        &Step::Average { x, y } => vec![pool::average(map(x), y)],
        Step::AverageGradient { dy, dx } => vec![pool::average_gradient(map(*dy), dx, memory)],
        &Step::Softmax { x, y } => vec![normalise::softmax(memory.read(x), y)],
        Step::SoftmaxGradient { y, dy, dx } => {
            vec![normalise::softmax_gradient(memory.read(*y), memory.read(*dy), dx, memory)]
        }
        Step::Seed { x, functional, dx } => vec![objective::seed(*x, *functional, dx, memory)],
        Step::Gate { x, gate, y } => vec![objective::gate(map(*x), map(*gate), y, memory)],
        &Step::Match { x, guide, choice, score } => likeness::best(map(x), map(guide), choice, score),
        Step::MatchGradient { guide, choice, scale, dx } => {
            vec![likeness::gradient(map(*guide), map(*choice), *scale, dx, memory)]
        }
        &Step::Measure { x, functional, total, add } => {
            vec![objective::measure(map(x), functional, total, add.then(|| memory.read(total)[0]))]
        }
        &Step::Roll { x, y } => vec![picture::roll(map(x), y, jitter)],
        &Step::Ascend { x, dx, magnitude, mask, step, bounds } => {
            let (magnitude, mask) = (memory.read(magnitude)[0], mask.map(map));
            vec![picture::ascend(map(x), x, map(dx), magnitude, mask, step, bounds, jitter)]
        }
        &Step::Resize { x, y, base } => vec![picture::resize(map(x), y, base.map(map))],
        &Step::Difference { a, b, y } => vec![picture::difference(memory.read(a), memory.read(b), y)],
        &Step::Affine { x, scale, offset } => vec![shaping::affine(memory.read(x), x, scale, offset)],
        &Step::Level { x, levels } => vec![shaping::level(memory.read(x), memory.read(levels), x)],
        &Step::Smooth { x, y, age, sigma } => {
            let sigma = f64::from(sigma.0) + f64::from(sigma.1) * memory.read(age)[0];
            vec![shaping::smooth(map(x), y, sigma)]
        }
        &Step::Shrink { x, y } => vec![shaping::shrink(map(x), y)],
        &Step::Expand { x, y, factor } => vec![shaping::expand(map(x), map(y), y, factor)],
        &Step::Variation { x, dx, weight, exponent } => {
            vec![shaping::variation(map(x), map(dx), dx, weight, exponent)]
        }
        &Step::Adam { dx, first, second, mass } => {
            shaping::adam([map(dx), map(first), map(second)], [dx, first, second], memory.read(mass), jitter)
        }
        &Step::Pull { x, source, luma, chroma } => {
            vec![shaping::pull(map(x), map(source), x, luma, chroma)]
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

/// The same on all processors, for cells that are long work.
fn fill_in_parallel<T: Send>(shape: Shape, cell: impl Fn(usize, usize, usize) -> T + Sync) -> Vec<T> {
    let one = shape.with_channels(1);
    let plane = |channel| fill(one, |_, row, column| cell(channel, row, column));
    (0..shape.channels).into_par_iter().flat_map_iter(plane).collect()
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
