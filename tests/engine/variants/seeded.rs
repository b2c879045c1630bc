//! Weights and pictures that are a formula: what `make.py` computes, to the same bits.

use std::collections::HashMap;

use puppyslug::extent::Extent;
use puppyslug::net::{Network, Variant};
use safetensors::tensor::{Dtype, TensorView, serialize};

/// How many classes `make.py` gives its networks.
const CLASSES: usize = 40;

/// `count` numbers from -1 to 1, multiples of 2^-23: splitmix64 from the name's FNV-1a.
fn stream(name: &str, count: usize) -> Vec<f64> {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, hash);
    let number = |i: u64| {
        let z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    (1..=count as u64).map(number).collect()
}

/// BGR, whole gray levels from 0 to 255.
pub(crate) fn picture(name: &str, size: Extent) -> Vec<f32> {
    let levels = stream(&format!("{name}/picture"), 3 * size.plane());
    levels.into_iter().map(|level| ((level + 1.0) * 128.0).floor() as f32).collect()
}

/// A filter as the original network has it.
struct Filter {
    weight: Vec<f64>,
    bias: Vec<f64>,
}

/// The power of two around the root of 6 over the terms of a sum.
fn weight(name: &str, shape: [usize; 4]) -> Vec<f64> {
    let terms = shape[1..].iter().product::<usize>();
    let mut size = 1.0;
    while size * size * terms as f64 > 12.0 {
        size /= 2.0;
    }
    stream(&format!("{name}.weight"), shape[0] * terms).into_iter().map(|value| value * size).collect()
}

fn bias(name: &str, count: usize) -> Vec<f64> {
    stream(name, count).into_iter().map(|value| value / 4.0).collect()
}

/// What TensorFlow has: weights and a bias, by Caffe's name.
fn plain(name: &str, shape: [usize; 4]) -> Filter {
    Filter { weight: weight(name, shape), bias: bias(&format!("{name}.bias"), shape[0]) }
}

/// What torchvision has, by its own name: a convolution without bias and a batch normalisation, which become
/// one convolution; and for the first, RGB from -1 to 1, which becomes BGR in gray levels less 127.5.
fn folded(name: &str, shape: [usize; 4]) -> Filter {
    let Some(module) = name.strip_suffix(".bn") else { return plain(name, shape) };
    let part = |part: &str| stream(&format!("{name}.{part}"), shape[0]);
    let (gamma, mean, variance) = (part("weight"), part("running_mean"), part("running_var"));
    let mut bias = bias(&format!("{name}.bias"), shape[0]);
    let mut weight = weight(&format!("{module}.conv"), shape);
    let size = shape[1..].iter().product::<usize>();
    for (output, row) in weight.chunks_exact_mut(size).enumerate() {
        let factor = (1.0 + gamma[output] / 2.0) / (1.0 + variance[output] / 2.0 + 0.001).sqrt();
        row.iter_mut().for_each(|value| *value *= factor);
        bias[output] -= mean[output] / 4.0 * factor;
        if module == "conv1" {
            let (red, rest) = row.split_at_mut(size / 3);
            red.swap_with_slice(&mut rest[size / 3..]);
            row.iter_mut().for_each(|value| *value /= 127.5);
        }
    }
    Filter { weight, bias }
}

/// A weights file of the variant, with or without the word about which it is.
pub(crate) fn weights_file(variant: Variant, told: bool) -> Vec<u8> {
    let network: Network = variant.network(Some(CLASSES));
    let mut tensors = Vec::new();
    for id in network.ids() {
        let Some(shape) = network.filter_shape(id) else { continue };
        let layer = &network[id];
        let filter = match variant {
            Variant::Torchvision => folded(&layer.name, shape),
            Variant::Bvlc | Variant::Inception5h => plain(layer.caffe_name(), shape),
        };
        let of_weight = if layer.caffe_name() == "loss3/classifier" { &shape[..2] } else { &shape[..] };
        for (part, shape, values) in
            [("weight", of_weight, filter.weight), ("bias", &shape[..1], filter.bias)]
        {
            let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
            let bytes: Vec<u8> = bytemuck::cast_slice(&values).to_vec();
            tensors.push((format!("{}.{part}", layer.caffe_name()), shape.to_vec(), bytes));
        }
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many numbers as its shape says"))
    });
    let metadata = HashMap::from([("architecture".to_owned(), variant.name().to_owned())]);
    serialize(views, told.then_some(metadata)).expect("a file in memory")
}
