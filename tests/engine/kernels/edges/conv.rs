//! Convolutions and their gradients, alone and side by side.

use std::sync::Arc;

use puppyslug::net::{LayerId, Network, Op, Shape, Weights, Window};
use puppyslug::plan::{Builder, Conv, ConvGradient, View};
use testkit::random_weights;

use super::{Case, ENDS, gradient, map, with_weights};

/// Convolutions of one input, side by side, with random weights.
fn network(inputs: usize, outputs: &[usize], window: Window) -> (Arc<Weights>, Vec<LayerId>) {
    let mut network = Network::new();
    let data = network.push("data", Op::Input { channels: inputs }, &[]);
    let layers = outputs.iter().map(|&channels| network.push("conv", Op::Conv { window, channels }, &[data]));
    let layers = layers.collect();
    (Arc::new(random_weights(&format!("{inputs} {outputs:?} {window:?}"), network)), layers)
}

/// Window, input channels, output channels, and heights and widths of the input.
type Convolution = (Window, usize, usize, &'static [(usize, usize)]);

const CONVOLUTIONS: [Convolution; 32] = [
    // The stem, and its gradient with interleaved phases, on all parities.
    (Window::new(7, 2, 3), 3, 64, &[(1, 1), (2, 2), (3, 5), (7, 7), (8, 8), (9, 14), (15, 16), (33, 30)]),
    (Window::new(7, 2, 3), 3, 7, &[(1, 6), (13, 4)]),
    // The same where the padding follows the size: before and behind, down and across, they may all differ.
    (Window::same(7, 2), 3, 64, &[(1, 1), (2, 2), (3, 6), (8, 8), (9, 14), (14, 9), (15, 17), (33, 30)]),
    (Window::same(7, 2), 3, 7, &[(1, 6), (6, 1), (13, 4)]),
    (Window::same(3, 1), 5, 7, &[(1, 1), (2, 3), (8, 8)]),
    (Window::new(7, 2, 3), 1, 1, &[(5, 5)]),
    (Window::new(3, 1, 1), 1, 1, &[(1, 1), (3, 3), (1, 9), (9, 1)]),
    (Window::new(3, 1, 1), 5, 7, &[(2, 3), (8, 8)]),
    (Window::new(3, 1, 1), 17, 65, &[(7, 5), (1, 2)]),
    (Window::new(3, 1, 1), 65, 17, &[(5, 9), (17, 16)]),
    (Window::new(3, 1, 1), 129, 3, &[(3, 3)]),
    (Window::new(3, 1, 1), 3, 129, &[(4, 6)]),
    (Window::new(3, 1, 1), 32, 64, &[(6, 6), (13, 19)]),
    (Window::new(5, 1, 2), 1, 5, &[(1, 1), (6, 4)]),
    (Window::new(5, 1, 2), 7, 17, &[(2, 2), (3, 1)]),
    (Window::new(5, 1, 2), 65, 5, &[(9, 7)]),
    (Window::new(1, 1, 0), 1, 1, &[(1, 1), (1, 7)]),
    (Window::new(1, 1, 0), 129, 65, &[(1, 1), (5, 3)]),
    (Window::new(1, 1, 0), 65, 129, &[(6, 5), (17, 15)]),
    (Window::new(1, 1, 0), 3, 5, &[(9, 9)]),
    // Whole blocks on one side, or on both.
    (Window::new(7, 2, 3), 4, 8, &[(1, 6), (13, 4)]),
    (Window::new(3, 1, 1), 4, 5, &[(2, 3), (9, 8)]),
    (Window::new(3, 1, 1), 5, 4, &[(2, 3), (9, 8)]),
    (Window::new(5, 1, 2), 12, 20, &[(6, 4), (9, 11)]),
    // Not in GoogLeNet, but sayable.
    (Window::new(3, 2, 1), 5, 7, &[(6, 7), (1, 1)]),
    (Window::new(3, 2, 0), 3, 17, &[(8, 5), (4, 3)]),
    (Window::new(5, 3, 2), 7, 3, &[(8, 10), (7, 4)]),
    (Window::new(1, 2, 0), 5, 3, &[(5, 4), (2, 7)]),
    (Window::same(3, 2), 5, 7, &[(6, 7), (7, 6), (1, 1)]),
    (Window::same(4, 1), 5, 7, &[(6, 7), (2, 1)]),
    // The gradient's windows are of different sides down and across.
    (Window::same(4, 2), 5, 7, &[(6, 7), (7, 6), (5, 5)]),
    // The gradient's window of one cell lies outside of the map where no window had room.
    (Window::new(2, 2, 0), 3, 5, &[(5, 4), (2, 7)]),
];

pub(crate) fn convolutions() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut turn = 0;
    for (window, inputs, outputs, sizes) in CONVOLUTIONS {
        let (weights, layers) = network(inputs, &[outputs], window);
        for &(height, width) in sizes {
            turn += 1;
            let input = Shape::new(inputs, height, width);
            cases.push(convolution(&weights, &layers, window, input, turn % 2 == 0));
            cases.push(convolution_gradient(&weights, &layers, window, input, ENDS[turn % 4]));
        }
    }
    // Every end where phases interleave, and where they do not.
    for window in [Window::new(7, 2, 3), Window::same(7, 2), Window::new(3, 1, 1), Window::new(1, 1, 0)] {
        let (weights, layers) = network(5, &[17], window);
        for end in ENDS {
            cases.push(convolution_gradient(&weights, &layers, window, Shape::new(5, 9, 12), end));
        }
    }
    cases
}

/// A square of one channel, through a convolution of one weight.
pub(crate) fn wide(side: usize) -> Case {
    let window = Window::new(1, 1, 0);
    let (weights, layers) = network(1, &[1], window);
    convolution(&weights, &layers, window, Shape::new(1, side, side), false)
}

fn convolution(weights: &Arc<Weights>, layers: &[LayerId], window: Window, input: Shape, relu: bool) -> Case {
    let mut builder = Builder::new();
    let x = map(&mut builder, input.channels, input.height, input.width);
    let y = outputs(&mut builder, weights, layers, window, input);
    let window = window.over(input);
    with_weights(builder, Conv { layers: layers.to_vec(), window, x, y, relu }, weights)
}

fn convolution_gradient(
    weights: &Arc<Weights>,
    layers: &[LayerId],
    window: Window,
    input: Shape,
    end: (bool, bool),
) -> Case {
    let mut builder = Builder::new();
    let dx = gradient(&mut builder, input, end);
    let dy = outputs(&mut builder, weights, layers, window, input);
    let window = window.over(input);
    let step = ConvGradient { layers: layers.to_vec(), window, dy, dx };
    with_weights(builder, step, weights)
}

/// The first output has a place of its own, the others lie behind each other: as in an inception module.
fn outputs(
    builder: &mut Builder,
    weights: &Weights,
    layers: &[LayerId],
    window: Window,
    input: Shape,
) -> Vec<View> {
    let (height, width) = (window.conv_size(input.height), window.conv_size(input.width));
    let widths: Vec<usize> = layers.iter().map(|&layer| weights.network()[layer].channels).collect();
    let first = map(builder, widths[0], height, width);
    let rest = map(builder, widths[1..].iter().sum(), height, width);
    let mut start = 0;
    let slices = widths[1..].iter().map(|&channels| {
        start += channels;
        rest.channels(start - channels, channels)
    });
    std::iter::once(first).chain(slices).collect()
}

pub(crate) fn siblings() -> Vec<Case> {
    let window = Window::new(1, 1, 0);
    let mut cases = Vec::new();
    for (inputs, widths) in
        [(17, &[5, 7, 3][..]), (65, &[64, 96, 16]), (3, &[1, 1]), (32, &[65, 129, 33]), (20, &[4, 12, 8])]
    {
        let (weights, layers) = network(inputs, widths, window);
        for (turn, (height, width)) in [(1, 1), (5, 7)].into_iter().enumerate() {
            let input = Shape::new(inputs, height, width);
            cases.push(convolution(&weights, &layers, window, input, turn % 2 == 0));
            cases.push(convolution_gradient(&weights, &layers, window, input, ENDS[3 - turn]));
        }
    }
    cases
}
