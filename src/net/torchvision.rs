//! GoogLeNet as torchvision has it, with batch normalisation folded into the convolutions before it.
//!
//! Layer names are those of its modules: `conv1` is what the module returns, `conv1.bn` what its ReLU gets.

use super::graph::Op;
use super::shape::Window;
use super::table::*;

const POOL: Op = Op::MaxPool(Window::new(3, 2, 0));

pub(super) const TORCHVISION: Table = Table {
    rows: &[
        Row::Layer("conv1.bn", "conv1/7x7_s2", conv(64, Window::new(7, 2, 3))),
        Row::Layer("conv1", "conv1/relu_7x7", Op::Relu),
        Row::Layer("maxpool1", "pool1/3x3_s2", POOL),
        Row::Layer("conv2.bn", "conv2/3x3_reduce", conv(64, POINT)),
        Row::Layer("conv2", "conv2/relu_3x3_reduce", Op::Relu),
        Row::Layer("conv3.bn", "conv2/3x3", conv(192, THREE)),
        Row::Layer("conv3", "conv2/relu_3x3", Op::Relu),
        Row::Layer("maxpool2", "pool2/3x3_s2", POOL),
        Row::Module("inception3a", "inception_3a", IN_3A),
        Row::Module("inception3b", "inception_3b", IN_3B),
        Row::Layer("maxpool3", "pool3/3x3_s2", POOL),
        Row::Module("inception4a", "inception_4a", IN_4A),
        Row::Module("inception4b", "inception_4b", IN_4B),
        Row::Module("inception4c", "inception_4c", IN_4C),
        Row::Module("inception4d", "inception_4d", IN_4D),
        Row::Module("inception4e", "inception_4e", IN_4E),
        Row::Layer("maxpool4", "pool4/3x3_s2", Op::MaxPool(Window::new(2, 2, 0))),
        Row::Module("inception5a", "inception_5a", IN_5A),
        Row::Module("inception5b", "inception_5b", IN_5B),
        Row::Layer("avgpool", "pool5/7x7_s1", Op::GlobalAverage),
        Row::Layer("dropout", "pool5/drop_7x7_s1", Op::Dropout),
    ],
    module: Module {
        convs: [
            [".branch1.bn", ".branch1"],
            [".branch2.0.bn", ".branch2.0"],
            [".branch2.1.bn", ".branch2.1"],
            [".branch3.0.bn", ".branch3.0"],
            [".branch3.1.bn", ".branch3.1"],
            [".branch4.1.bn", ".branch4.1"],
        ],
        pool: ".branch4.0",
        output: "",
        // A slip that came with the code it was translated from, and was trained that way.
        five: THREE,
    },
    // torchvision leaves the softmax to its users, so it goes by Caffe's name.
    classes: [("fc", "loss3/classifier"), ("prob", "prob")],
};
