//! Colours out of channels that do not depend on each other. WGSL promises exp(x) to 3 + 2|x| ULP.

use puppyslug::plan::View;

use super::running::Running;
use super::{EPSILON, Map, Written, fill};

/// A colour by its three parts: lucid's root of a covariance, over the norm of its longest column.
fn parts(colour: usize) -> [Running; 3] {
    let root: [[f64; 3]; 3] = [[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]];
    let norm = |column: usize| root.iter().map(|row| row[column] * row[column]).sum::<f64>().sqrt();
    let longest = (0..3).map(norm).fold(0.0, f64::max);
    root[colour].map(|part| {
        let value = part / longest;
        Running { value, error: EPSILON * value.abs() }
    })
}

pub fn colour(x: Map, view: View, mean: [f32; 3]) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let terms = parts(2 - channel).into_iter().enumerate();
        let sum = Running::sum(terms.map(|(from, part)| part * x.at(from, row, column)));
        let value = (-sum.value).exp();
        let error = value * (sum.error + EPSILON * (6.0 + 4.0 * sum.value.abs()));
        let shown = Running::exact(255.0) / (Running { value, error } + Running::exact(1.0));
        (shown - Running::exact(f64::from(mean[channel]))).cell()
    });
    Written { view, cells }
}

pub fn gradient(y: Map, dy: Map, view: View, mean: [f32; 3]) -> Written {
    let cells = fill(view.shape, |to, row, column| {
        let slopes = (0..3).map(|channel| {
            let colour = Running::exact(y.at(channel, row, column));
            let shown = (colour + Running::exact(f64::from(mean[channel]))) / Running::exact(255.0);
            let slope = shown * 255.0 * (Running::exact(1.0) - shown) * dy.at(channel, row, column);
            slope * parts(2 - channel)[to]
        });
        Running::sum(slopes).cell()
    });
    Written { view, cells }
}
