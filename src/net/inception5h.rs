//! GoogLeNet as Google trained it for its own DeepDream:
//! `tensorflow_inception_graph.pb` of `inception5h.zip`.
//!
//! Layer names, order and widths are those of that graph: a convolution's value before ReLU is called
//! `_pre_relu`, and a module's output like the module.

use super::graph::{Lrn, Op};
use super::shape::Window;
use super::table::*;

const POOL: Op = Op::MaxPool(Window::same(3, 2));
/// TensorFlow's `depth_radius=5, bias=2, alpha=1e-4, beta=0.5`, where alpha weighs a sum and no mean.
const LRN: Op = Op::Lrn(Lrn { size: 11, alpha: 11e-4, beta: 0.5, k: 2.0 });

/// Two modules have other widths than everywhere else.
//                     1x1  3x3r  3x3  5x5r  5x5  proj
const IN_4A: Widths = [192, 96, 204, 16, 48, 64];
const IN_5A: Widths = [256, 160, 320, 48, 128, 128];

pub(super) const INCEPTION5H: Table = Table {
    rows: &[
        Row::Layer("conv2d0_pre_relu", "conv1/7x7_s2", conv(64, Window::same(7, 2))),
        Row::Layer("conv2d0", "conv1/relu_7x7", Op::Relu),
        Row::Layer("maxpool0", "pool1/3x3_s2", POOL),
        Row::Layer("localresponsenorm0", "pool1/norm1", LRN),
        Row::Layer("conv2d1_pre_relu", "conv2/3x3_reduce", conv(64, POINT)),
        Row::Layer("conv2d1", "conv2/relu_3x3_reduce", Op::Relu),
        Row::Layer("conv2d2_pre_relu", "conv2/3x3", conv(192, THREE)),
        Row::Layer("conv2d2", "conv2/relu_3x3", Op::Relu),
        Row::Layer("localresponsenorm1", "conv2/norm2", LRN),
        Row::Layer("maxpool1", "pool2/3x3_s2", POOL),
        Row::Module("mixed3a", "inception_3a", IN_3A),
        Row::Module("mixed3b", "inception_3b", IN_3B),
        Row::Layer("maxpool4", "pool3/3x3_s2", POOL),
        Row::Module("mixed4a", "inception_4a", IN_4A),
        Row::Module("mixed4b", "inception_4b", IN_4B),
        Row::Module("mixed4c", "inception_4c", IN_4C),
        Row::Module("mixed4d", "inception_4d", IN_4D),
        Row::Module("mixed4e", "inception_4e", IN_4E),
        Row::Layer("maxpool10", "pool4/3x3_s2", POOL),
        Row::Module("mixed5a", "inception_5a", IN_5A),
        Row::Module("mixed5b", "inception_5b", IN_5B),
        Row::Layer("avgpool0", "pool5/7x7_s1", Op::GlobalAverage),
    ],
    module: Module {
        convs: [
            ["_1x1_pre_relu", "_1x1"],
            ["_3x3_bottleneck_pre_relu", "_3x3_bottleneck"],
            ["_3x3_pre_relu", "_3x3"],
            ["_5x5_bottleneck_pre_relu", "_5x5_bottleneck"],
            ["_5x5_pre_relu", "_5x5"],
            ["_pool_reduce_pre_relu", "_pool_reduce"],
        ],
        pool: "_pool",
        output: "",
        five: FIVE,
    },
    classes: [("softmax2_pre_activation", "loss3/classifier"), ("softmax2", "prob")],
};
