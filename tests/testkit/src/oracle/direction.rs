//! How far cells point along a direction: lucid's `direction` with its cosine. WGSL promises a square root to 4.5 ULP
//! and a division to 2.5, of which each is two roundings.

use puppyslug::plan::{Gradient, View};

use super::{Cell, EPSILON, Map, Memory, Sum, Written, flow};

const TINY: f64 = 1e-4;
const LEAST: f64 = 0.1;

/// `d max(c, 0.1)^power` and the two factors of its gradient.
pub fn align(x: Map, direction: Map, power: u32, score: View, slopes: View) -> Vec<Written> {
    let plane = x.shape.plane();
    let cells: Vec<[Cell; 3]> = (0..plane).map(|cell| aligned(x, direction, power, cell)).collect();
    let part = |part: usize| cells.iter().map(move |cell| cell[part]);
    let slope_cells = part(1).chain(part(2)).collect();
    vec![Written { view: score, cells: part(0).collect() }, Written { view: slopes, cells: slope_cells }]
}

/// Lengths are roots of sums of squares, which round to half of what the sums do: relatively a few roots of the number of
/// channels. What is wrong with the cosine counts `power` times in its power, and by which side of 0.1 it falls the
/// slopes may leap.
fn aligned(x: Map, direction: Map, power: u32, cell: usize) -> [Cell; 3] {
    let channels = x.shape.channels;
    let column: Vec<f64> = (0..channels).map(|channel| x.cells[channel * x.shape.plane() + cell]).collect();
    let product = Sum::of(column.iter().zip(direction.cells).map(|(a, b)| a * b)).cell();
    let length = |cells: &[f64]| cells.iter().map(|cell| cell * cell).sum::<f64>().sqrt();
    let (own, other) = (length(&column), length(direction.cells));
    let of_length = (2.0 * (channels as f64).sqrt() + 10.0) * EPSILON;

    let cosine = product.value / ((TINY + own) * (TINY + other));
    let of_cosine = product.tolerance / ((TINY + own) * (TINY + other))
        + cosine.abs() * (2.0 * of_length + 10.0 * EPSILON);
    let (exponent, counted) = (f64::from(power), cosine.max(LEAST));
    let weight = counted.powi(power as i32);
    let of_weight = weight * exponent * (of_cosine / counted + 2.0 * EPSILON);
    let of_score = product.tolerance * weight + product.value.abs() * of_weight;

    let above = [
        (exponent + 1.0) * weight,
        if own > 0.0 { -exponent * product.value * weight / ((TINY + own) * own) } else { 0.0 },
    ];
    let below = [weight, 0.0];
    let divided = if own > 0.0 { exponent * of_score / ((TINY + own) * own) } else { 0.0 };
    let errors =
        [(exponent + 1.0) * of_weight, divided + above[1].abs() * (2.0 * of_length + 12.0 * EPSILON)];
    let slopes = if cosine > LEAST { above } else { below };
    let near = (cosine - LEAST).abs() <= of_cosine;
    let slope = |part: usize| {
        let leap = if near { (above[part] - below[part]).abs() } else { 0.0 };
        rounded(slopes[part], errors[part] + leap)
    };
    [rounded(product.value * weight, of_score), slope(0), slope(1)]
}

/// A value that is rounded a last time or two.
fn rounded(value: f64, error: f64) -> Cell {
    Cell { value, tolerance: error + 4.0 * EPSILON * value.abs() + f64::from(f32::MIN_POSITIVE) }
}

/// `dx = scale (slopes[0] v + slopes[1] x)`.
pub fn gradient(x: Map, direction: Map, slopes: Map, scale: f32, dx: &Gradient, memory: &Memory) -> Written {
    let plane = x.shape.plane();
    let (along, back) = slopes.cells.split_at(plane);
    let cell = |(at, x): (usize, &f64)| {
        Sum::of([along[at % plane] * direction.cells[at / plane], back[at % plane] * x])
            .times(f64::from(scale))
    };
    flow(dx, x.cells.iter().enumerate().map(cell).collect(), memory)
}
