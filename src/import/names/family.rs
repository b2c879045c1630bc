//! The names that other programs give to GoogLeNet's tensors: one entry per naming scheme, each a function of
//! Caffe's layer name.

use crate::net::Variant;
use crate::net::Variant::{Bvlc, Inception5h, Torchvision};

/// The tensors in which a convolution is stored.
pub(super) enum Parts {
    /// A filter and its bias.
    Biased { weight: String, bias: String },
    /// A filter without bias, and the batch normalisation after it: `.weight`, `.bias`, `.running_mean` and
    /// `.running_var`, prefixed with `norm`.
    Normalised { weight: String, norm: String },
}

/// The order in which a filter's axes are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Axes {
    /// Output, input, row, column; for the classifier: output, input.
    Oihw,
    /// Row, column, input, output; for the classifier: input, output.
    Hwio,
    /// Output, row, column, input; for the classifier: output, input.
    Ohwi,
}

impl Axes {
    /// The stored shape for a shape of ours.
    pub(super) fn stored(self, ours: &[usize]) -> Vec<usize> {
        match (self, ours) {
            (Self::Hwio, &[o, i, h, w]) => vec![h, w, i, o],
            (Self::Hwio, &[o, i]) => vec![i, o],
            (Self::Ohwi, &[o, i, h, w]) => vec![o, h, w, i],
            _ => ours.to_vec(),
        }
    }
}

/// The order in which the network takes colours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    Bgr,
    Rgb,
}

/// A naming scheme.
pub(super) struct Family {
    /// Its name in messages.
    pub(super) name: &'static str,
    /// The variants of the network that are stored with it.
    pub(super) variants: &'static [Variant],
    /// Maps Caffe's name of a layer to the names of its tensors.
    pub(super) parts: fn(&str) -> Parts,
    pub(super) axes: Axes,
    pub(super) colours: Colours,
}

/// All naming schemes. The first is Caffe's, which is also our own.
pub(super) static FAMILIES: [Family; 8] = [
    Family {
        name: "Caffe's naming",
        variants: &Variant::ALL,
        parts: |layer| torch(layer.to_owned()),
        axes: Axes::Oihw,
        colours: Colours::Bgr,
    },
    Family {
        name: "the ONNX zoo's naming",
        variants: &[Bvlc],
        parts: |layer| Parts::Biased { weight: format!("{layer}_w_0"), bias: format!("{layer}_b_0") },
        axes: Axes::Oihw,
        colours: Colours::Bgr,
    },
    Family {
        name: "the naming of Caffe models converted for PyTorch",
        variants: &[Bvlc],
        parts: |layer| torch(layer.replace('/', "_")),
        axes: Axes::Oihw,
        colours: Colours::Bgr,
    },
    Family {
        name: "the naming of tensorflow_inception_graph.pb",
        variants: &[Inception5h],
        parts: |layer| {
            let stem = google(layer);
            Parts::Biased { weight: format!("{stem}_w"), bias: format!("{stem}_b") }
        },
        axes: Axes::Hwio,
        colours: Colours::Rgb,
    },
    Family {
        name: "the naming of inception5h.pth",
        variants: &[Inception5h],
        parts: |layer| match google(layer).as_str() {
            "softmax2" => torch("softmax2_pre_activation_matmul".to_owned()),
            stem => torch(format!("{stem}_pre_relu_conv")),
        },
        axes: Axes::Oihw,
        colours: Colours::Rgb,
    },
    Family {
        name: "Captum's naming",
        variants: &[Inception5h],
        parts: |layer| torch(captum(layer)),
        axes: Axes::Oihw,
        colours: Colours::Rgb,
    },
    Family {
        name: "torchvision's naming",
        variants: &[Torchvision],
        parts: normalised,
        axes: Axes::Oihw,
        colours: Colours::Rgb,
    },
    Family {
        name: "torchvision's naming with MLX's order of axes",
        variants: &[Torchvision],
        parts: normalised,
        axes: Axes::Ohwi,
        colours: Colours::Rgb,
    },
];

fn normalised(layer: &str) -> Parts {
    match torchvision(layer).as_str() {
        "fc" => torch("fc".to_owned()),
        stem => Parts::Normalised { weight: format!("{stem}.conv.weight"), norm: format!("{stem}.bn") },
    }
}

fn torch(stem: String) -> Parts {
    Parts::Biased { weight: format!("{stem}.weight"), bias: format!("{stem}.bias") }
}

/// Splits `inception_3a/5x5` into `3a` and `5x5`; `None` for layers outside the nine modules.
fn module(layer: &str) -> Option<(&str, &str)> {
    layer.strip_prefix("inception_")?.split_once('/')
}

fn google(layer: &str) -> String {
    match (layer, module(layer)) {
        (_, Some((module, branch))) => {
            let branch = match branch {
                "3x3_reduce" => "3x3_bottleneck",
                "5x5_reduce" => "5x5_bottleneck",
                "pool_proj" => "pool_reduce",
                other => other,
            };
            format!("mixed{module}_{branch}")
        }
        ("conv1/7x7_s2", _) => "conv2d0".to_owned(),
        ("conv2/3x3_reduce", _) => "conv2d1".to_owned(),
        ("conv2/3x3", _) => "conv2d2".to_owned(),
        (_, None) => "softmax2".to_owned(),
    }
}

fn captum(layer: &str) -> String {
    match module(layer) {
        Some((module, "pool_proj")) => format!("mixed{module}.pool_proj"),
        Some((module, branch)) => format!("mixed{module}.conv_{branch}"),
        None => pytorch_stem(layer),
    }
}

fn torchvision(layer: &str) -> String {
    match module(layer) {
        Some((module, branch)) => {
            let branch = match branch {
                "1x1" => "branch1",
                "3x3_reduce" => "branch2.0",
                "3x3" => "branch2.1",
                "5x5_reduce" => "branch3.0",
                "5x5" => "branch3.1",
                _ => "branch4.1",
            };
            format!("inception{module}.{branch}")
        }
        None => pytorch_stem(layer),
    }
}

/// The names that Captum and torchvision both give to layers outside the modules.
fn pytorch_stem(layer: &str) -> String {
    let stem = match layer {
        "conv1/7x7_s2" => "conv1",
        "conv2/3x3_reduce" => "conv2",
        "conv2/3x3" => "conv3",
        _ => "fc",
    };
    stem.to_owned()
}
