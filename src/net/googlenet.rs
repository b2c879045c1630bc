//! GoogLeNet as BVLC published it for Caffe: the table that everything else follows from.
//!
//! Layer names, order and widths are those of `models/bvlc_googlenet/deploy.prototxt`.

use super::graph::{Lrn, Network, Op};
use super::shape::Window;
use super::table::*;

const POOL: Op = Op::MaxPool(Window::new(3, 2, 0));
const LRN: Op = Op::Lrn(Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 });

const BVLC: Table = Table {
    rows: &[
        layer("conv1/7x7_s2", conv(64, Window::new(7, 2, 3))),
        layer("conv1/relu_7x7", Op::Relu),
        layer("pool1/3x3_s2", POOL),
        layer("pool1/norm1", LRN),
        layer("conv2/3x3_reduce", conv(64, POINT)),
        layer("conv2/relu_3x3_reduce", Op::Relu),
        layer("conv2/3x3", conv(192, THREE)),
        layer("conv2/relu_3x3", Op::Relu),
        layer("conv2/norm2", LRN),
        layer("pool2/3x3_s2", POOL),
        module("inception_3a", IN_3A),
        module("inception_3b", IN_3B),
        layer("pool3/3x3_s2", POOL),
        module("inception_4a", IN_4A),
        module("inception_4b", IN_4B),
        module("inception_4c", IN_4C),
        module("inception_4d", IN_4D),
        module("inception_4e", IN_4E),
        layer("pool4/3x3_s2", POOL),
        module("inception_5a", IN_5A),
        module("inception_5b", IN_5B),
        layer("pool5/7x7_s1", Op::GlobalAverage),
        layer("pool5/drop_7x7_s1", Op::Dropout),
    ],
    module: MODULE,
    classes: [(CLASSIFIER, CLASSIFIER), ("prob", "prob")],
};

/// Caffe's name of the layer that has an output for each class.
pub const CLASSIFIER: &str = "loss3/classifier";

/// Here the names are Caffe's.
const fn layer(name: &'static str, op: Op) -> Row {
    Row::Layer(name, name, op)
}

const fn module(name: &'static str, widths: Widths) -> Row {
    Row::Module(name, name, widths)
}

/// The network, with a classifier of `classes` outputs or, with `None`, ending before it.
pub fn googlenet(classes: Option<usize>) -> Network {
    BVLC.network(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(net.ids().all(|id| net[id].alias.is_none()));
    }
}
