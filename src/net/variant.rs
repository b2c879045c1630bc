//! The GoogLeNets in use: one architecture, three sets of details.

use super::googlenet::googlenet;
use super::graph::Network;
use super::inception5h::INCEPTION5H;
use super::torchvision::TORCHVISION;

/// Which GoogLeNet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// BVLC's, for Caffe: the 2015 notebook's network, and that of Places205 and Places365.
    Bvlc,
    /// Google's own DeepDream network: `tensorflow_inception_graph.pb`.
    Inception5h,
    /// torchvision's, with batch normalisation folded into its convolutions.
    Torchvision,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bvlc, Self::Inception5h, Self::Torchvision];

    /// Its name in a weights file's metadata, under `architecture`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bvlc => "bvlc_googlenet",
            Self::Inception5h => "inception5h",
            Self::Torchvision => "torchvision_googlenet",
        }
    }

    /// The variant of that [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
    }

    /// Its graph, with a classifier of `classes` outputs or, with `None`, ending before it.
    ///
    /// The picture is always BGR from 0 to 255 minus a mean. What a variant was trained on instead is part of
    /// its first convolution's weights.
    pub fn network(self, classes: Option<usize>) -> Network {
        match self {
            Self::Bvlc => googlenet(classes),
            Self::Inception5h => INCEPTION5H.network(classes),
            Self::Torchvision => TORCHVISION.network(classes),
        }
    }

    /// The mean colour that is taken off a picture, for weights that do not say: blue, green, red.
    pub fn mean(self) -> [f32; 3] {
        match self {
            Self::Bvlc => [104.0, 116.0, 122.0],
            Self::Inception5h => [117.0; 3],
            Self::Torchvision => [127.5; 3],
        }
    }

    /// The layer that the 2015 notebook dreams with, by the name that the variant's users know.
    pub fn favourite_layer(self) -> &'static str {
        match self {
            Self::Bvlc => "inception_4c/output",
            Self::Inception5h => "mixed4c",
            Self::Torchvision => "inception4c",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::extent::Extent;
    use crate::net::{Lrn, Op};

    #[test]
    fn names_are_read_as_they_are_written() {
        for variant in Variant::ALL {
            assert_eq!(Variant::from_name(variant.name()), Some(variant));
            assert!(variant.network(None).find(variant.favourite_layer()).is_ok());
        }
        assert_eq!(Variant::from_name("BVLC"), None);
    }

    /// Against the originals: Caffe's `deploy.prototxt`, the shapes of lucent's copy of inception5h, and
    /// torchvision's own module with a bias for each batch normalisation.
    #[test]
    fn parameters_match_the_originals() {
        for (variant, classes, parameters) in [
            (Variant::Bvlc, 1000, 6_998_552),
            (Variant::Inception5h, 1008, 7_066_380),
            (Variant::Torchvision, 1000, 6_617_624),
        ] {
            let net = variant.network(Some(classes));
            let shapes: Vec<[usize; 4]> = net.ids().filter_map(|id| net.filter_shape(id)).collect();
            assert_eq!(shapes.len(), 58, "{variant:?}"); // 57 and the classifier
            let count: usize = shapes.iter().map(|[o, i, h, w]| o * i * h * w + o).sum();
            assert_eq!(count, parameters, "{variant:?}");
        }
    }

    /// So a tensor that is known in one variant can be found in another.
    #[test]
    fn both_names_lead_to_a_layer_and_none_to_two() {
        let caffe = Variant::Bvlc.network(Some(10));
        for variant in Variant::ALL {
            let net = variant.network(Some(10));
            let mut names = HashSet::new();
            for id in net.ids() {
                let layer = &net[id];
                for name in [Some(&layer.name), layer.alias.as_ref()].into_iter().flatten() {
                    assert!(names.insert(name.clone()), "{name} twice");
                    assert_eq!(net.find(name), Ok(id));
                }
                let same = caffe.find(layer.caffe_name()).expect("Caffe's name is Caffe's");
                let kinds = [layer.op, caffe[same].op].map(|op| std::mem::discriminant(&op));
                assert_eq!(kinds[0], kinds[1], "{}", layer.name);
            }
        }
    }

    #[test]
    fn layers_are_called_what_their_users_call_them() {
        for (variant, pairs) in [
            (
                Variant::Inception5h,
                &[
                    ("conv2d0_pre_relu", "conv1/7x7_s2"),
                    ("mixed3a_3x3_bottleneck_pre_relu", "inception_3a/3x3_reduce"),
                    ("mixed4d_3x3_bottleneck", "inception_4d/relu_3x3_reduce"),
                    ("mixed5b_pool_reduce", "inception_5b/relu_pool_proj"),
                    ("mixed4c", "inception_4c/output"),
                    ("maxpool10", "pool4/3x3_s2"),
                    ("softmax2_pre_activation", "loss3/classifier"),
                ][..],
            ),
            (
                Variant::Torchvision,
                &[
                    ("conv1.bn", "conv1/7x7_s2"),
                    ("conv3", "conv2/relu_3x3"),
                    ("inception4c", "inception_4c/output"),
                    ("inception3b.branch3.1", "inception_3b/relu_5x5"),
                    ("inception3b.branch4.0", "inception_3b/pool"),
                    ("fc", "loss3/classifier"),
                ],
            ),
        ] {
            let net = variant.network(Some(3));
            for (name, caffe) in pairs {
                let id = net.find(name).expect("a layer of the variant");
                assert_eq!((net[id].name.as_str(), net[id].caffe_name()), (*name, *caffe));
                assert_eq!(net.find(caffe), Ok(id));
            }
        }
    }

    #[test]
    fn a_wrong_name_gets_names_of_its_own_kind() {
        let net = Variant::Inception5h.network(None);
        assert_eq!(net.find("mixed4cc").expect_err("misspelt").nearest[0], "mixed4c");
        assert_eq!(net.find("inception_4c/outptu").expect_err("misspelt").nearest[0], "inception_4c/output");
    }

    #[test]
    fn sizes_are_those_of_the_originals() {
        for (variant, sides) in [
            // Caffe and torchvision round up and clip; SAME halves and rounds up.
            (Variant::Bvlc, [105, 52, 26, 13, 6]),
            (Variant::Torchvision, [105, 52, 26, 13, 7]),
            (Variant::Inception5h, [105, 53, 27, 14, 7]),
        ] {
            let net = variant.network(None);
            let shapes = net.shapes(Extent::square(210));
            let side = |name: &str| shapes[net.find(name).expect("a layer").index()].height;
            let layers = ["conv1/7x7_s2", "pool1/3x3_s2", "pool2/3x3_s2", "pool3/3x3_s2", "pool4/3x3_s2"];
            assert_eq!(layers.map(side), sides, "{variant:?}");
        }
        let net = Variant::Inception5h.network(None);
        let norm = net.find("localresponsenorm1").expect("a layer");
        assert_eq!(net[norm].op, Op::Lrn(Lrn { size: 11, alpha: 11e-4, beta: 0.5, k: 2.0 }));
        assert_eq!(net.smallest_side(net.find("mixed5b").expect("a layer")), 1);
        let field = |variant: Variant| {
            let net = variant.network(None);
            net.receptive_field(net.find("inception_4c/output").expect("a layer")).size
        };
        assert_eq!(field(Variant::Inception5h), Some(299));
        assert_eq!(field(Variant::Torchvision), Some(171)); // two cells less in each module
    }
}
