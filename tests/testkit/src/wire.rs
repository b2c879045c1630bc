//! Protocol buffers, written: just what the formats of weights are made of.

use puppyslug::import::Tensor;

/// The layer that weights and bias belong to.
pub fn layer(pair: &[Tensor; 2]) -> &str {
    pair[0].name.strip_suffix(".weight").expect("weights come first")
}

/// As Caffe's writers want it.
pub fn layers(tensors: &[[Tensor; 2]]) -> impl Iterator<Item = (&str, [&Tensor; 2])> {
    tensors.iter().map(|pair| (layer(pair), pair.each_ref()))
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field that is a number.
fn number(field: u64, value: usize) -> Vec<u8> {
    [varint(field << 3), varint(value as u64)].concat()
}

/// A field that is a message, a string or packed numbers.
fn bytes(field: u64, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [&varint(field << 3 | 2), &varint(content.len() as u64), content].concat()
}

fn floats(tensor: &Tensor) -> Vec<u8> {
    tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Old Caffe: shapes of four axes, ones in front.
pub fn caffe_v1<'a>(layers: impl IntoIterator<Item = (&'a str, [&'a Tensor; 2])>) -> Vec<u8> {
    let mut net = bytes(1, "GoogLeNet");
    for (name, blobs) in layers {
        let mut layer = [bytes(4, name), number(5, 4)].concat();
        for blob in blobs {
            let missing = 4 - blob.shape.len();
            let axes = (0..4).map(|axis| if axis < missing { 1 } else { blob.shape[axis - missing] });
            let mut message: Vec<u8> =
                axes.zip(1..).flat_map(|(length, field)| number(field, length)).collect();
            message.extend(bytes(5, floats(blob)));
            layer.extend(bytes(6, message));
        }
        net.extend(bytes(2, layer));
    }
    net
}

/// Caffe since 2015.
pub fn caffe_v2<'a>(layers: impl IntoIterator<Item = (&'a str, [&'a Tensor; 2])>) -> Vec<u8> {
    let mut net = bytes(1, "GoogLeNet");
    for (name, blobs) in layers {
        let mut layer = [bytes(1, name), bytes(2, "Convolution")].concat();
        for blob in blobs {
            let dims: Vec<u8> = blob.shape.iter().flat_map(|&length| varint(length as u64)).collect();
            layer.extend(bytes(7, [bytes(7, bytes(1, dims)), bytes(5, floats(blob))].concat()));
        }
        net.extend(bytes(100, layer));
    }
    net
}

/// An ONNX model of nothing but initializers.
pub fn onnx(tensors: &[Tensor]) -> Vec<u8> {
    let mut graph = Vec::new();
    for tensor in tensors {
        let mut message: Vec<u8> = tensor.shape.iter().flat_map(|&length| number(1, length)).collect();
        message.extend([number(2, 1), bytes(8, &tensor.name), bytes(9, floats(tensor))].concat());
        graph.extend(bytes(5, message));
    }
    [number(1, 8), bytes(7, graph)].concat()
}

/// A TensorFlow graph of nothing but constants.
pub fn tensorflow(tensors: &[Tensor]) -> Vec<u8> {
    let mut graph = Vec::new();
    for tensor in tensors {
        let dims: Vec<u8> = tensor.shape.iter().flat_map(|&length| bytes(2, number(1, length))).collect();
        let message = [number(1, 1), bytes(2, dims), bytes(4, floats(tensor))].concat();
        let entry = [bytes(1, "value"), bytes(2, bytes(8, message))].concat();
        graph.extend(bytes(1, [bytes(1, &tensor.name), bytes(2, "Const"), bytes(5, entry)].concat()));
    }
    graph
}
