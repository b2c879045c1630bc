//! A network with everything that GoogLeNet has, and hardly any channels.

use puppyslug::net::{LayerId, Lrn, Network, Op, Weights, Window};

use crate::random_weights;

const POOL: Op = Op::MaxPool(Window::new(3, 2, 0));
/// Strong enough to matter for small values.
const LRN: Op = Op::Lrn(Lrn { size: 5, alpha: 0.5, beta: 0.75, k: 1.0 });

/// Stem, two inception modules, classifier.
pub fn small_googlenet() -> Network {
    let mut net = Network::new();
    let x = net.push("data", Op::Input { channels: 3 }, &[]);
    let x = conv(&mut net, "conv1", 6, Window::new(7, 2, 3), x);
    let x = net.push("pool1", POOL, &[x]);
    let x = net.push("norm1", LRN, &[x]);
    let x = inception(&mut net, "a", [3, 4, 5, 2, 3, 2], x);
    let x = net.push("pool2", POOL, &[x]);
    let x = inception(&mut net, "b", [2, 3, 3, 3, 2, 5], x);
    let x = net.push("average", Op::GlobalAverage, &[x]);
    let x = net.push("drop", Op::Dropout, &[x]);
    let x = net.push("classifier", Op::Conv { window: Window::new(1, 1, 0), channels: 7 }, &[x]);
    net.push("prob", Op::Softmax, &[x]);
    net
}

/// The small network with weights.
pub fn small_weights() -> Weights {
    random_weights("small", small_googlenet())
}

fn conv(net: &mut Network, name: &str, channels: usize, window: Window, x: LayerId) -> LayerId {
    let conv = net.push(name, Op::Conv { window, channels }, &[x]);
    let relu = match name.split_once('/') {
        Some((module, name)) => format!("{module}/relu_{name}"),
        None => format!("relu_{name}"),
    };
    net.push(&relu, Op::Relu, &[conv])
}

fn inception(net: &mut Network, name: &str, widths: [usize; 6], x: LayerId) -> LayerId {
    let [w1, w3_reduce, w3, w5_reduce, w5, w_proj] = widths;
    let pointwise = Window::new(1, 1, 0);
    let scoped = |layer: &str| format!("{name}/{layer}");
    let a = conv(net, &scoped("1x1"), w1, pointwise, x);
    let b = conv(net, &scoped("3x3_reduce"), w3_reduce, pointwise, x);
    let b = conv(net, &scoped("3x3"), w3, Window::new(3, 1, 1), b);
    let c = conv(net, &scoped("5x5_reduce"), w5_reduce, pointwise, x);
    let c = conv(net, &scoped("5x5"), w5, Window::new(5, 1, 2), c);
    let d = net.push(&scoped("pool"), Op::MaxPool(Window::new(3, 1, 1)), &[x]);
    let d = conv(net, &scoped("pool_proj"), w_proj, pointwise, d);
    net.push(&scoped("output"), Op::Concat, &[a, b, c, d])
}
