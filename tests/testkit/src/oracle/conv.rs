//! Convolution and its input gradient, from the raw filter `[output][input][row][column]`.
//!
//! Tap by tap, along rows: the oracle spends most of its time here, and rows are what a compiler makes quick.

use std::ops::Range;

use puppyslug::net::{Filter, LayerId, PlacedWindow, Shape, Weights};
use puppyslug::plan::{Conv, ConvGradient, View};
use rayon::prelude::*;

use super::{Memory, Sum, Written, flow};

/// Each output cell sums its window.
pub fn forward(conv: &Conv, memory: &Memory, weights: &Weights) -> Vec<Written> {
    let output = |(&layer, &view): (&LayerId, &View)| {
        let (x, filter) = (memory.map(conv.x), weights.filter(layer));
        let relu = |mut cell: super::Cell| {
            cell.value = if conv.relu { cell.value.max(0.0) } else { cell.value };
            cell
        };
        let channel_of = |channel: usize| {
            let mut sums = vec![Sum::of([f64::from(filter.bias[channel])]); view.shape.plane()];
            for input in 0..x.shape.channels {
                let cells = plane(x.cells, x.shape, input);
                let mut room = Room::new(conv.window, view.shape);
                for (weight, rows) in taps(conv.window, filter, x.shape, view.shape, [channel, input]) {
                    room.weights += weight * weight;
                    for Row { output, input } in rows {
                        let values = cells[input..].iter().step_by(conv.window.stride);
                        room.note(output.clone(), values.clone());
                        sums[output].iter_mut().zip(values).for_each(|(sum, value)| sum.push(value * weight));
                    }
                }
                room.give(&mut sums);
            }
            sums.into_iter().map(move |sum| relu(sum.cell()))
        };
        Written { view, cells: (0..view.shape.channels).into_par_iter().flat_map_iter(channel_of).collect() }
    };
    conv.layers.iter().zip(&conv.y).map(output).collect()
}

/// Each output cell sends its gradient back to every cell it has read.
pub fn gradient(conv: &ConvGradient, memory: &Memory, weights: &Weights) -> Written {
    let channels = (0..conv.dx.view.shape.channels).into_par_iter();
    let sums = channels.flat_map_iter(|channel| sent_back(conv, memory, weights, channel)).collect();
    flow(&conv.dx, sums, memory)
}

/// What arrives in one channel of the input.
fn sent_back(conv: &ConvGradient, memory: &Memory, weights: &Weights, channel: usize) -> Vec<Sum> {
    let shape = conv.dx.view.shape;
    let mut sums = vec![Sum::default(); shape.plane()];
    for (&layer, &view) in conv.layers.iter().zip(&conv.dy) {
        let (dy, filter) = (memory.read(view), weights.filter(layer));
        for output_channel in 0..view.shape.channels {
            let cells = plane(dy, view.shape, output_channel);
            let mut room = Room::new(conv.window, shape);
            for (weight, rows) in taps(conv.window, filter, shape, view.shape, [output_channel, channel]) {
                room.weights += weight * weight;
                for Row { output, input } in rows {
                    room.note(input..input + output.len(), cells[output.clone()].iter());
                    let sums = sums[input..].iter_mut().step_by(conv.window.stride);
                    cells[output].iter().zip(sums).for_each(|(value, sum)| sum.push(value * weight));
                }
            }
            room.give(&mut sums);
        }
    }
    sums
}

/// Room for what a machine may do in the place of a 3x3 window's nine products: Winograd's F(2x2, 3x3) has sixteen, of
/// sums of cells and sums of weights. Along one axis the three of an output are, in root mean square for independent
/// cells and weights, `sqrt(2 + 3/2 + 3/2)` where the window's are `sqrt(3)`; across both, 5/3 as large. So what is
/// rounded is of the size 5/3 |g| |d| for a channel's filter `g` and what its window sees, `d`. Where `d` is zero, each
/// of the products is.
struct Room {
    is_needed: bool,
    /// Squares of the filter's weights.
    weights: f64,
    /// Squares of the cells that each output cell sees.
    cells: Vec<f64>,
}

impl Room {
    fn new(window: PlacedWindow, output: Shape) -> Self {
        let is_needed = (window.kernel, window.stride) == (3, 1);
        Self { is_needed, weights: 0.0, cells: vec![0.0; if is_needed { output.plane() } else { 0 }] }
    }

    /// What some output cells see through a tap.
    fn note<'c>(&mut self, output: Range<usize>, seen: impl Iterator<Item = &'c f64>) {
        if self.is_needed {
            self.cells[output].iter_mut().zip(seen).for_each(|(cell, seen)| *cell += seen * seen);
        }
    }

    fn give(self, sums: &mut [Sum]) {
        let squares = self.cells.iter().map(|cells| (self.weights * cells).sqrt());
        sums.iter_mut().zip(squares).for_each(|(sum, size)| sum.enlarge(5.0 / 3.0 * size));
    }
}

/// One channel of a map.
fn plane(cells: &[f64], shape: Shape, channel: usize) -> &[f64] {
    &cells[channel * shape.plane()..][..shape.plane()]
}

/// A row of output cells that find a tap's input cells inside the map.
struct Row {
    /// The output cells, within their channel.
    output: Range<usize>,
    /// The input cell that the first of them reads, within its channel; the next are `stride` apart.
    input: usize,
}

/// The taps between an output and an input channel: each tap's weight, and the rows on which it acts.
fn taps(
    window: PlacedWindow,
    filter: &Filter,
    input: Shape,
    output: Shape,
    [output_channel, input_channel]: [usize; 2],
) -> impl Iterator<Item = (f64, impl Iterator<Item = Row>)> {
    let kernel = window.kernel;
    let first = (output_channel * input.channels + input_channel) * kernel * kernel;
    (0..kernel * kernel).map(move |tap| {
        let rows = reach(window.stride, window.pad.0, tap / kernel, output.height, input.height);
        let columns = reach(window.stride, window.pad.1, tap % kernel, output.width, input.width);
        // Where the first of them begins in the input; where none do, nowhere.
        let place = |first: usize, pad: usize, tap: usize| (first * window.stride + tap).saturating_sub(pad);
        let corner = place(rows.start, window.pad.0, tap / kernel) * input.width
            + place(columns.start, window.pad.1, tap % kernel);
        let start = rows.start;
        let row = move |row: usize| Row {
            output: row * output.width + columns.start..row * output.width + columns.end,
            input: corner + (row - start) * window.stride * input.width,
        };
        (f64::from(filter.weight[first + tap]), rows.map(row).filter(|row| !row.output.is_empty()))
    })
}

/// The rows (or columns) of the output whose tap `at * stride + tap - pad` lies inside the input.
fn reach(stride: usize, pad: usize, tap: usize, outputs: usize, inputs: usize) -> Range<usize> {
    let first = pad.saturating_sub(tap).div_ceil(stride);
    let end = (inputs + pad).saturating_sub(tap).div_ceil(stride).min(outputs);
    first..end.max(first)
}
