//! GoogLeNet as BVLC published it for Caffe: the table that everything else follows from.
//!
//! Layer names, order and widths are those of `models/bvlc_googlenet/deploy.prototxt`.

use super::graph::{LayerId, Lrn, Network, Op};
use super::shape::Window;

/// The nine inception modules: widths of their six convolutions.
const INCEPTION: [(&str, Widths); 9] = [
    //                1x1  3x3r  3x3  5x5r  5x5  proj
    ("inception_3a", [64, 96, 128, 16, 32, 32]),
    ("inception_3b", [128, 128, 192, 32, 96, 64]),
    ("inception_4a", [192, 96, 208, 16, 48, 64]),
    ("inception_4b", [160, 112, 224, 24, 64, 64]),
    ("inception_4c", [128, 128, 256, 24, 64, 64]),
    ("inception_4d", [112, 144, 288, 32, 64, 64]),
    ("inception_4e", [256, 160, 320, 32, 128, 128]),
    ("inception_5a", [256, 160, 320, 32, 128, 128]),
    ("inception_5b", [384, 192, 384, 48, 128, 128]),
];
type Widths = [usize; 6];

const POOL: Op = Op::MaxPool(Window::new(3, 2, 0));
const LRN: Op = Op::Lrn(Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 });

/// The network, with a classifier of `classes` outputs or, with `None`, ending at the pool before it.
pub fn googlenet(classes: Option<usize>) -> Network {
    let mut net = Network::new();
    let x = net.push("data", Op::Input { channels: 3 }, &[]);
    let x = conv(&mut net, "conv1/", "7x7_s2", 64, Window::new(7, 2, 3), x);
    let x = net.push("pool1/3x3_s2", POOL, &[x]);
    let x = net.push("pool1/norm1", LRN, &[x]);
    let x = conv(&mut net, "conv2/", "3x3_reduce", 64, Window::new(1, 1, 0), x);
    let x = conv(&mut net, "conv2/", "3x3", 192, Window::new(3, 1, 1), x);
    let x = net.push("conv2/norm2", LRN, &[x]);
    let mut x = net.push("pool2/3x3_s2", POOL, &[x]);
    for (name, widths) in INCEPTION {
        x = inception(&mut net, name, widths, x);
        match name {
            "inception_3b" => x = net.push("pool3/3x3_s2", POOL, &[x]),
            "inception_4e" => x = net.push("pool4/3x3_s2", POOL, &[x]),
            _ => {}
        }
    }
    let x = net.push("pool5/7x7_s1", Op::GlobalAverage, &[x]);
    let x = net.push("pool5/drop_7x7_s1", Op::Dropout, &[x]);
    if let Some(classes) = classes {
        let classifier = Op::Conv { window: Window::new(1, 1, 0), channels: classes };
        let x = net.push("loss3/classifier", classifier, &[x]);
        net.push("prob", Op::Softmax, &[x]);
    }
    net
}

/// A convolution and its ReLU, which Caffe names apart: `inception_3a/3x3` and `inception_3a/relu_3x3`.
fn conv(net: &mut Network, scope: &str, name: &str, channels: usize, window: Window, x: LayerId) -> LayerId {
    let conv = net.push(&format!("{scope}{name}"), Op::Conv { window, channels }, &[x]);
    // The one irregular name of the original: conv1's ReLU drops the stride suffix.
    let relu = name.trim_end_matches("_s2");
    net.push(&format!("{scope}relu_{relu}"), Op::Relu, &[conv])
}

/// Four branches over one input, their outputs stacked along the channels.
fn inception(net: &mut Network, name: &str, widths: Widths, x: LayerId) -> LayerId {
    let [w1, w3_reduce, w3, w5_reduce, w5, w_proj] = widths;
    let scope = &format!("{name}/");
    let pointwise = Window::new(1, 1, 0);
    let a = conv(net, scope, "1x1", w1, pointwise, x);
    let b = conv(net, scope, "3x3_reduce", w3_reduce, pointwise, x);
    let b = conv(net, scope, "3x3", w3, Window::new(3, 1, 1), b);
    let c = conv(net, scope, "5x5_reduce", w5_reduce, pointwise, x);
    let c = conv(net, scope, "5x5", w5, Window::new(5, 1, 2), c);
    let d = net.push(&format!("{name}/pool"), Op::MaxPool(Window::new(3, 1, 1)), &[x]);
    let d = conv(net, scope, "pool_proj", w_proj, pointwise, d);
    net.push(&format!("{name}/output"), Op::Concat, &[a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_layers_match_the_original() {
        let net = googlenet(Some(1000));
        let convs = net.ids().filter(|&id| matches!(net[id].op, Op::Conv { .. }));
        let parameters: usize = convs
            .clone()
            .map(|id| {
                let [o, i, h, w] = net.filter_shape(id).expect("a convolution has a filter");
                o * i * h * w + o
            })
            .sum();
        assert_eq!(convs.count(), 58); // 57 and the classifier
        assert_eq!(parameters, 6_998_552);
    }

    #[test]
    fn receptive_fields_match_the_literature() {
        let net = googlenet(None);
        for (name, size, stride) in [
            ("inception_3b/output", 91, 8),
            ("inception_4a/output", 171, 16),
            ("inception_4c/output", 299, 16),
            ("inception_4e/output", 427, 16),
            ("inception_5b/output", 715, 32),
        ] {
            let field = net.receptive_field(net.find(name).expect("a layer of the table"));
            assert_eq!((field.size, field.stride), (Some(size), stride), "{name}");
        }
    }

    #[test]
    fn layer_names_are_those_of_caffe() {
        let net = googlenet(Some(1000));
        for name in ["data", "conv1/relu_7x7", "conv2/relu_3x3_reduce", "inception_4c/relu_pool_proj", "prob"]
        {
            assert!(net.find(name).is_ok(), "{name}");
        }
    }
}
