//! Convolution and its input gradient, from the raw filter `[output][input][row][column]`.

use puppyslug::net::{Filter, LayerId, PlacedWindow, Weights};
use puppyslug::plan::{Conv, ConvGradient, View};
use rayon::prelude::*;

use super::{Map, Memory, Sum, Written, fill, fill_in_parallel, flow};

/// Each output cell sums its window.
pub fn forward(conv: &Conv, memory: &Memory, weights: &Weights) -> Vec<Written> {
    let x = memory.map(conv.x);
    let output = |(&layer, &view): (&LayerId, &View)| {
        let filter = weights.filter(layer);
        let relu = |mut cell: super::Cell| {
            cell.value = if conv.relu { cell.value.max(0.0) } else { cell.value };
            cell
        };
        let cells = fill_in_parallel(view.shape, |channel, row, column| {
            relu(window_sum(x, filter, conv.window, channel, row, column).cell())
        });
        Written { view, cells }
    };
    conv.layers.iter().zip(&conv.y).map(output).collect()
}

fn window_sum(
    x: Map,
    filter: &Filter,
    window: PlacedWindow,
    output: usize,
    row: usize,
    column: usize,
) -> Sum {
    let mut sum = Sum::of([f64::from(filter.bias[output])]);
    for input in 0..x.shape.channels {
        for ky in 0..window.kernel {
            for kx in 0..window.kernel {
                if let Some(value) =
                    x.get(input, place_row(window, row, ky), place_column(window, column, kx))
                {
                    sum.push(
                        value * weight(filter, [x.shape.channels, window.kernel], output, input, ky, kx),
                    );
                }
            }
        }
    }
    sum
}

/// Each output cell sends its gradient back to every cell it has read.
pub fn gradient(conv: &ConvGradient, memory: &Memory, weights: &Weights) -> Written {
    let channels = (0..conv.dx.view.shape.channels).into_par_iter();
    let sums = channels.flat_map_iter(|channel| sent_back(conv, memory, weights, channel)).collect();
    flow(&conv.dx, sums, memory)
}

/// What arrives in one channel of the input.
fn sent_back(conv: &ConvGradient, memory: &Memory, weights: &Weights, channel: usize) -> Vec<Sum> {
    let input = conv.dx.view.shape;
    let sizes = [input.channels, conv.window.kernel];
    let mut sums = vec![Sum::default(); input.plane()];
    let inside = |at: isize, size: usize| usize::try_from(at).ok().filter(|&at| at < size);
    for (&layer, &view) in conv.layers.iter().zip(&conv.dy) {
        let (dy, filter) = (memory.map(view), weights.filter(layer));
        let _ = fill(view.shape, |output, row, column| {
            for ky in 0..conv.window.kernel {
                let Some(y) = inside(place_row(conv.window, row, ky), input.height) else { continue };
                for kx in 0..conv.window.kernel {
                    let Some(x) = inside(place_column(conv.window, column, kx), input.width) else {
                        continue;
                    };
                    let term = dy.at(output, row, column) * weight(filter, sizes, output, channel, ky, kx);
                    sums[y * input.width + x].push(term);
                }
            }
        });
    }
    sums
}

/// Row of the input under kernel row `tap` of output row `at`.
fn place_row(window: PlacedWindow, at: usize, tap: usize) -> isize {
    (at * window.stride + tap) as isize - window.pad.0 as isize
}

/// The same for columns.
fn place_column(window: PlacedWindow, at: usize, tap: usize) -> isize {
    (at * window.stride + tap) as isize - window.pad.1 as isize
}

fn weight(
    filter: &Filter,
    [inputs, kernel]: [usize; 2],
    output: usize,
    input: usize,
    ky: usize,
    kx: usize,
) -> f64 {
    f64::from(filter.weight[((output * inputs + input) * kernel + ky) * kernel + kx])
}
