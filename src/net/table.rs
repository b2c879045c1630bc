//! What a GoogLeNet is declared in: rows of layers and modules, and how they become a [`Network`].
//!
//! Every layer has the name that the variant's users know and the one that Caffe gives the same tensor.

use super::graph::{LayerId, Network, Op};
use super::shape::Window;

/// A GoogLeNet, from the picture to the classes.
pub(super) struct Table {
    /// From the picture to the mean of the last maps: each row reads the one before.
    pub(super) rows: &'static [Row],
    /// The inside of every module.
    pub(super) module: Module,
    /// Classifier and softmax: name, and name in Caffe.
    pub(super) classes: [(&'static str, &'static str); 2],
}

/// A row of a table: name, name in Caffe, and what it is.
pub(super) enum Row {
    /// A layer.
    Layer(&'static str, &'static str, Op),
    /// An inception module.
    Module(&'static str, &'static str, Widths),
}

/// Outputs of a module's six convolutions.
pub(super) type Widths = [usize; 6];

/// Four branches over one input, their outputs stacked along the channels. Names of layers are what follows
/// the module's own.
pub(super) struct Module {
    /// Each convolution before its ReLU and after it, in the order of [`Widths`].
    pub(super) convs: [[&'static str; 2]; 6],
    /// The pool of the last branch.
    pub(super) pool: &'static str,
    /// The stack.
    pub(super) output: &'static str,
    /// What the third branch sees: everybody calls it 5x5, and not everybody means it.
    pub(super) five: Window,
}

pub(super) const POINT: Window = Window::new(1, 1, 0);
pub(super) const THREE: Window = Window::new(3, 1, 1);
pub(super) const FIVE: Window = Window::new(5, 1, 2);

/// Caffe's names of a module's layers.
pub(super) const MODULE: Module = Module {
    convs: [
        ["/1x1", "/relu_1x1"],
        ["/3x3_reduce", "/relu_3x3_reduce"],
        ["/3x3", "/relu_3x3"],
        ["/5x5_reduce", "/relu_5x5_reduce"],
        ["/5x5", "/relu_5x5"],
        ["/pool_proj", "/relu_pool_proj"],
    ],
    pool: "/pool",
    output: "/output",
    five: FIVE,
};

//                                 1x1  3x3r  3x3  5x5r  5x5  proj
pub(super) const IN_3A: Widths = [64, 96, 128, 16, 32, 32];
pub(super) const IN_3B: Widths = [128, 128, 192, 32, 96, 64];
pub(super) const IN_4A: Widths = [192, 96, 208, 16, 48, 64];
pub(super) const IN_4B: Widths = [160, 112, 224, 24, 64, 64];
pub(super) const IN_4C: Widths = [128, 128, 256, 24, 64, 64];
pub(super) const IN_4D: Widths = [112, 144, 288, 32, 64, 64];
pub(super) const IN_4E: Widths = [256, 160, 320, 32, 128, 128];
pub(super) const IN_5A: Widths = [256, 160, 320, 32, 128, 128];
pub(super) const IN_5B: Widths = [384, 192, 384, 48, 128, 128];

pub(super) const fn conv(channels: usize, window: Window) -> Op {
    Op::Conv { window, channels }
}

impl Table {
    /// The network, with a classifier of `classes` outputs or, with `None`, ending before it.
    pub(super) fn network(&self, classes: Option<usize>) -> Network {
        let mut net = Network::new();
        let mut x = net.push("data", Op::Input { channels: 3 }, &[]);
        for row in self.rows {
            x = match *row {
                Row::Layer(name, caffe, op) => net.push_alias(name, caffe, op, &[x]),
                Row::Module(name, caffe, widths) => self.module.push(&mut net, (name, caffe), widths, x),
            };
        }
        if let Some(classes) = classes {
            let [(classifier, caffe), softmax] = self.classes;
            let x = net.push_alias(classifier, caffe, conv(classes, POINT), &[x]);
            net.push_alias(softmax.0, softmax.1, Op::Softmax, &[x]);
        }
        net
    }
}

impl Module {
    fn push(&self, net: &mut Network, module: (&str, &str), widths: Widths, x: LayerId) -> LayerId {
        let layer = |net: &mut Network, name: &str, caffe: &str, op: Op, inputs: &[LayerId]| {
            net.push_alias(&format!("{}{name}", module.0), &format!("{}{caffe}", module.1), op, inputs)
        };
        let conv = |net: &mut Network, at: usize, window: Window, x: LayerId| {
            let ([before, after], [caffe_before, caffe_after]) = (self.convs[at], MODULE.convs[at]);
            let x = layer(net, before, caffe_before, self::conv(widths[at], window), &[x]);
            layer(net, after, caffe_after, Op::Relu, &[x])
        };
        let a = conv(net, 0, POINT, x);
        let b = conv(net, 1, POINT, x);
        let b = conv(net, 2, THREE, b);
        let c = conv(net, 3, POINT, x);
        let c = conv(net, 4, self.five, c);
        let d = layer(net, self.pool, MODULE.pool, Op::MaxPool(THREE), &[x]);
        let d = conv(net, 5, POINT, d);
        layer(net, self.output, MODULE.output, Op::Concat, &[a, b, c, d])
    }
}
