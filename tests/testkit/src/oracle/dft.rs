//! The discrete Fourier transform of spectra, by its definition. Waves and factors are what the step is given: their own
//! rounding is no machine's. A fast transform has fewer terms in each sum than these, and so less rounding; its factors
//! are products of none but given waves.

use puppyslug::plan::step::{DftColumns, DftRows, DftRowsGradient};

use super::{Map, Sum, Written};

/// Cosine and sine number `at` of a table.
fn wave(waves: Map, at: usize) -> [f64; 2] {
    let length = waves.shape.width;
    [0, 1].map(|channel| waves.at(channel, 0, at % length))
}

/// Each wave of a fast transform's pass is rounded by half a unit, and each of its passes, at most one for each halving
/// of the length, turns a term once more by such a wave.
fn passes(length: usize) -> f64 {
    2.0 * f64::from(usize::BITS - length.leading_zeros())
}

pub fn columns(step: &DftColumns, x: Map, scale: Map, waves: Map) -> Written {
    let (height, width) = (scale.shape.height, scale.shape.width);
    let mut cells = Vec::new();
    for channel in 0..x.shape.channels {
        for part in 0..2 {
            for row in 0..height {
                for column in 0..width {
                    let mut sum = Sum::default();
                    for k in 0..height {
                        let [cosine, sine] = wave(waves, row * k);
                        let sine = if step.back { -sine } else { sine };
                        let factor =
                            if step.back { scale.at(0, row, column) } else { scale.at(0, k, column) };
                        let [re, im] = [0, height].map(|below| factor * x.at(channel, below + k, column));
                        let terms =
                            if part == 0 { [cosine * re, -sine * im] } else { [sine * re, cosine * im] };
                        terms.into_iter().for_each(|term| sum.push_rough(term, 1.0 + passes(height)));
                    }
                    cells.push(sum.cell());
                }
            }
        }
    }
    Written { view: step.y, cells }
}

pub fn rows(step: &DftRows, x: Map, waves: Map) -> Written {
    let columns = x.shape.width;
    let cells = super::fill(step.y.shape, |channel, row, at| {
        let mut sum = Sum::default();
        for k in 0..columns {
            let times = if k == 0 || k == columns - 1 { 1.0 } else { 2.0 };
            let [cosine, sine] = wave(waves, at * k);
            let terms = [cosine * x.at(channel, row, k), -sine * x.at(channel, row + step.y.shape.height, k)];
            terms.into_iter().for_each(|term| sum.push_rough(times * term, passes(waves.shape.width)));
        }
        sum.cell()
    });
    Written { view: step.y, cells }
}

pub fn rows_gradient(step: &DftRowsGradient, dy: Map, waves: Map) -> Written {
    let (height, columns) = (dy.shape.height, step.dx.shape.width);
    let cells = super::fill(step.dx.shape, |channel, row, k| {
        let times = if k == 0 || k == columns - 1 { 1.0 } else { 2.0 };
        let mut sum = Sum::default();
        for at in 0..dy.shape.width {
            let [cosine, sine] = wave(waves, at * k);
            let of = if row < height { cosine } else { -sine };
            sum.push_rough(times * of * dy.at(channel, row % height, at), passes(waves.shape.width));
        }
        sum.cell()
    });
    Written { view: step.dx, cells }
}
