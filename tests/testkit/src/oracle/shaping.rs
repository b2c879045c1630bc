//! Steps that shape a gradient or hold a picture to its source.

use puppyslug::machine::Jitter;
use puppyslug::plan::View;

use super::picture::wrap;
use super::{Cell, EPSILON, Map, Sum, Written, elementwise, fill};

/// `scale * x + offset`, or `offset` alone.
pub fn affine(x: &[f64], view: View, scale: f32, offset: f32) -> Written {
    elementwise(view, x, |x| match scale {
        0.0 => Cell::exact(f64::from(offset)),
        _ => Sum::of([f64::from(scale) * x, f64::from(offset)]).cell(),
    })
}

/// `(x - m) * (t / max(d, 1e-10)) + b`. The difference rounds, and so does the rate: a division, 2.5 ULP.
pub fn level(x: &[f64], levels: &[f64], view: View) -> Written {
    let &[mean, deviation, to_mean, to_deviation] = levels else { panic!("levels are four cells") };
    let rate = to_deviation / deviation.max(f64::from(1e-10f32));
    elementwise(view, x, |x| {
        let mut sum = Sum::of([x, -mean]).times(rate);
        sum.blur(5.0 * EPSILON * ((x - mean) * rate).abs());
        sum.push(to_mean);
        sum.cell()
    })
}

/// `source + (1 - chroma)(e - e') + (1 - luma) e'`, for `e = x - source` with luma `e'`.
pub fn pull(x: Map, source: Map, view: View, luma: f32, chroma: f32) -> Written {
    let (luma, chroma) = (f64::from(luma), f64::from(chroma));
    let cells = fill(view.shape, |channel, row, column| {
        let moved = |channel| x.at(channel, row, column) - source.at(channel, row, column);
        let size = |channel| x.at(channel, row, column).abs() + source.at(channel, row, column).abs();
        let weights = [0.114, 0.587, 0.299];
        let bright: f64 = (0..3).map(|channel| weights[channel] * moved(channel)).sum();
        let mut sum = Sum::of([source.at(channel, row, column)]);
        sum.push((1.0 - chroma) * moved(channel));
        sum.push((chroma - luma) * bright);
        // Of each cell of the pixel at most: its difference, its product, four sums on the way, the result.
        let largest = (0..3).map(size).fold(0.0, f64::max);
        sum.blur(12.0 * EPSILON * largest);
        sum.cell()
    });
    Written { view, cells }
}

/// Mean of three Gaussians. The weights are a machine's own: an exponential errs by 3 ULP and two for each
/// unit of its argument, which is itself rounded; so do the sums of nine and the divisions by them.
pub fn smooth(x: Map, view: View, sigma: f64) -> Written {
    let argument = |tap: usize, sigma: f64| 0.5 * ((tap as f64 - 4.0) / sigma).powi(2);
    let bells = [0.5, 1.0, 2.0].map(|factor| {
        let sigma = factor * sigma;
        let sum: f64 = (0..9).map(|tap| (-argument(tap, sigma)).exp()).sum();
        (sigma, sum)
    });
    let cells = fill(view.shape, |channel, row, column| {
        let mut sum = Sum::default();
        for (sigma, total) in bells {
            for tap in 0..81 {
                let (down, right) = (tap / 9, tap % 9);
                let argument = argument(down, sigma) + argument(right, sigma);
                let at = (mirror(row + down, view.shape.height), mirror(column + right, view.shape.width));
                let weight = (-argument).exp() / total.powi(2) / 3.0;
                sum.push_rough(weight * x.at(channel, at.0, at.1), 40.0 + 16.0 * argument);
            }
        }
        sum.cell()
    });
    Written { view, cells }
}

/// Place `at` of a row that begins four cells before the map, walked to and fro.
fn mirror(at: usize, size: usize) -> usize {
    let mut place = at as isize - 4;
    let last = size as isize - 1;
    if last == 0 {
        return 0;
    }
    while !(0..=last).contains(&place) {
        place = if place < 0 { -place } else { 2 * last - place };
    }
    place as usize
}

const BINOMIAL: [f64; 5] = [1.0, 4.0, 6.0, 4.0, 1.0];

/// Where the window of `at` looks with `tap`, in a map of `size`.
fn seen(at: usize, tap: usize, size: usize) -> isize {
    let before = if size.is_multiple_of(2) { 1 } else { 2 };
    (2 * at + tap) as isize - before
}

/// Every second window of 5x5.
pub fn shrink(x: Map, view: View) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let mut sum = Sum::default();
        for tap in 0..25 {
            let (down, right) = (tap / 5, tap % 5);
            let at = (seen(row, down, x.shape.height), seen(column, right, x.shape.width));
            if let Some(value) = x.get(channel, at.0, at.1) {
                sum.push(BINOMIAL[down] * BINOMIAL[right] / 256.0 * value);
            }
        }
        sum.cell()
    });
    Written { view, cells }
}

/// Its transpose times four, added: scattered, as it is defined, not gathered.
pub fn expand(x: Map, y: Map, view: View, factor: f32) -> Written {
    let shape = view.shape;
    let mut sums: Vec<Sum> = y.cells.iter().map(|&y| Sum::of([y])).collect();
    let _ = fill(x.shape, |channel, row, column| {
        for tap in 0..25 {
            let (down, right) = (tap / 5, tap % 5);
            let at = (seen(row, down, shape.height), seen(column, right, shape.width));
            if y.get(channel, at.0, at.1).is_some() {
                let index = (channel * shape.height + at.0 as usize) * shape.width + at.1 as usize;
                let weight = f64::from(factor) * BINOMIAL[down] * BINOMIAL[right] / 64.0;
                sums[index].push(weight * x.at(channel, row, column));
            }
        }
    });
    Written { view, cells: sums.into_iter().map(Sum::cell).collect() }
}

/// The gradient of `sum n^(exponent / 2)`, scattered from each `n` to the three cells it is made of.
///
/// A power is the exponential of a product with a logarithm: for the numbers here (20 binary orders either
/// way, exponents of at most a half) some 90 roundings on a GPU.
pub fn variation(x: Map, dx: Map, view: View, weight: f32, exponent: f32) -> Written {
    let (shape, exponent) = (view.shape, f64::from(exponent));
    let scale = f64::from(weight) / 255f64.powf(exponent - 1.0);
    let mut sums: Vec<Sum> = dx.cells.iter().map(|&dx| Sum::of([dx])).collect();
    let _ = fill(shape, |channel, row, column| {
        let (below, right) = (wrap(row, 1, shape.height), wrap(column, 1, shape.width));
        let index = |row: usize, column: usize| (channel * shape.height + row) * shape.width + column;
        let here = x.at(channel, row, column);
        let (a, b) = (here - x.at(channel, row, right), here - x.at(channel, below, column));
        let factor = scale * exponent * (a * a + b * b + f64::from(1e-6f32)).powf(exponent / 2.0 - 1.0);
        let mut push = |index: usize, term: f64| sums[index].push_rough(term, 110.0);
        push(index(row, column), -factor * a);
        push(index(row, column), -factor * b);
        push(index(row, right), factor * a);
        push(index(below, column), factor * b);
    });
    Written { view, cells: sums.into_iter().map(Sum::cell).collect() }
}

/// Adam's direction. Two divisions and a root: 2.5 ULP each on a GPU, the root of a quotient counts half.
pub fn adam(
    [dx, first, second]: [Map; 3],
    [dx_view, first_view, second_view]: [View; 3],
    mass: &[f64],
    jitter: Jitter,
) -> Vec<Written> {
    let shape = dx_view.shape;
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    let mut directions = vec![Cell::exact(f64::NAN); shape.len()];
    let _ = fill(shape, |channel, row, column| {
        let there = (wrap(row, jitter.down, shape.height), wrap(column, jitter.right, shape.width));
        let gradient = dx.at(channel, there.0, there.1);
        let mean = Sum::of([0.9 * first.at(channel, row, column), 0.1 * gradient]);
        let square = Sum::of([0.999 * second.at(channel, row, column), 0.001 * gradient * gradient]);
        let (mean_cell, square_cell) = (mean.cell(), square.cell());
        let mut direction = mean.times(1.0 / mass[0] / ((square_cell.value / mass[1]).sqrt() + 1e-8));
        direction.blur(25.0 * EPSILON * direction.cell().value.abs());
        directions[(channel * shape.height + there.0) * shape.width + there.1] = direction.cell();
        // The factors are rounded too: 0.9 and 0.1 are no f32.
        let blurred = |cell: Cell, size: f64| Cell { tolerance: cell.tolerance + EPSILON * size, ..cell };
        firsts.push(blurred(mean_cell, mean_cell.value.abs() + gradient.abs()));
        seconds.push(blurred(square_cell, square_cell.value + gradient * gradient));
    });
    vec![
        Written { view: dx_view, cells: directions },
        Written { view: first_view, cells: firsts },
        Written { view: second_view, cells: seconds },
    ]
}
