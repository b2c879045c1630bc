//! The discrete Fourier transform of spectra, by its definition. Waves and factors are what the step is given: their own
//! rounding is no machine's. A fast transform has fewer terms in each sum than these, and so less rounding; its factors
//! are products of none but given waves.

use puppyslug::plan::step::{DftColumns, DftRows, DftRowsGradient};

use super::{EPSILON, Map, Sum, Written};

/// Cosine and sine number `at` of a table.
fn wave(waves: Map, at: usize) -> [f64; 2] {
    let length = waves.shape.width;
    [0, 1].map(|channel| waves.at(channel, 0, at % length))
}

/// Adds a part of a complex term. A fast transform turns the whole term once more in each pass, of which there is at most
/// one for each halving of the length, and each turn rounds by a few halves of a unit of the term's size, also where
/// this part of it is nothing.
fn push(sum: &mut Sum, term: f64, size: f64, length: usize) {
    let passes = f64::from(usize::BITS - length.leading_zeros());
    sum.push_rough(term, 1.0);
    sum.blur(4.0 * passes * EPSILON * size);
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
                        terms.into_iter().for_each(|term| push(&mut sum, term, re.hypot(im), height));
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
            let [re, im] = [row, row + step.y.shape.height].map(|row| x.at(channel, row, k));
            let terms = [cosine * re, -sine * im];
            let length = waves.shape.width;
            terms.into_iter().for_each(|term| push(&mut sum, times * term, times * re.hypot(im), length));
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
            let dy = times * dy.at(channel, row % height, at);
            push(&mut sum, of * dy, dy.abs(), waves.shape.width);
        }
        sum.cell()
    });
    Written { view: step.dx, cells }
}
