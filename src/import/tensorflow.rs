//! Frozen TensorFlow graphs: the float constants among the nodes.
//!
//! ```text
//!     GraphDef:      1 node                 NodeDef:            1 name   2 op   5 attr: map of 1 key, 2 AttrValue
//!     AttrValue:     8 tensor               TensorShapeProto:   2 dim: 1 size   3 unknown_rank
//!     TensorProto:   1 dtype   2 tensor_shape   4 tensor_content   5 float_val   6 double_val   13 half_val
//! ```

use super::floats::Float;
use super::protobuf::{self, Broken, Fields, Value};
use super::quote::quoted;
use super::{Format, MOST_AXES, Raw, Tensor, push_tensor};

/// Recognised by its first field, a node: a message with a name and an operation.
pub(super) fn is(bytes: &[u8]) -> bool {
    let Some(Ok((1, Value::Bytes(node)))) = Fields::of(bytes).next() else { return false };
    let mut fields = Fields::of(node).map_while(Result::ok);
    let named = |field, wanted| matches!(field, Some((number, Value::Bytes(_))) if number == wanted);
    named(fields.next(), 1) && named(fields.next(), 2)
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let mut tensors = Vec::new();
    // Limits the numbers that are stored once but stand for many, to as many as the file has bytes.
    let mut repeats = bytes.len();
    for field in Fields::of(bytes) {
        if let (1, Value::Bytes(node)) = field?
            && let Some(tensor) = read_node(node, &mut repeats)?
        {
            push_tensor(&mut tensors, tensor)?;
        }
    }
    Ok(Raw { format: Format::TensorFlow, tensors, metadata: Vec::new() })
}

fn read_node(node: &[u8], repeats: &mut usize) -> Result<Option<Tensor>, String> {
    let mut name = "";
    let mut constant = false;
    let mut tensor = None;
    for field in Fields::of(node) {
        match field? {
            (1, Value::Bytes(bytes)) => name = protobuf::text(bytes)?,
            (2, Value::Bytes(operation)) => constant = operation == b"Const",
            (5, Value::Bytes(entry)) => tensor = value_of(entry)?.or(tensor),
            _ => {}
        }
    }
    match tensor {
        Some(tensor) if constant => read_tensor(name, tensor, repeats),
        _ => Ok(None),
    }
}

/// The tensor in an attribute, if that is the one named `value`.
fn value_of(entry: &[u8]) -> Result<Option<&[u8]>, Broken> {
    let mut is_value = false;
    let mut attribute: &[u8] = &[];
    for field in Fields::of(entry) {
        match field? {
            (1, Value::Bytes(key)) => is_value = key == b"value",
            (2, Value::Bytes(value)) => attribute = value,
            _ => {}
        }
    }
    let mut tensor = None;
    if is_value {
        for field in Fields::of(attribute) {
            if let (8, Value::Bytes(bytes)) = field? {
                tensor = Some(bytes);
            }
        }
    }
    Ok(tensor)
}

/// The float type with this number in the format.
fn float(dtype: u64) -> Option<Float> {
    match dtype {
        1 => Some(Float::F32),
        2 => Some(Float::F64),
        14 => Some(Float::Bf16),
        19 => Some(Float::F16),
        _ => None,
    }
}

/// Reads a tensor; `None` for whole numbers and strings.
fn read_tensor(name: &str, tensor: &[u8], repeats: &mut usize) -> Result<Option<Tensor>, String> {
    let mut dtype = 0;
    let mut dims = Vec::new();
    for field in Fields::of(tensor) {
        match field? {
            (1, Value::Varint(value)) => dtype = value,
            (2, Value::Bytes(shape)) => dims = read_shape(shape)?,
            _ => {}
        }
    }
    let Some(float) = float(dtype) else { return Ok(None) };
    let mut data = read_values(tensor, float)?;
    let (shape, count) = protobuf::count(name, &dims)?;
    // The last number is repeated for all that are omitted.
    if let Some(&last) = data.last()
        && count > data.len()
    {
        *repeats = repeats.checked_sub(count - data.len()).ok_or_else(|| {
            format!("tensor {} of shape {shape:?} repeats its {} numbers too often", quoted(name), data.len())
        })?;
        data.resize(count, last);
    }
    if count != data.len() {
        return Err(format!(
            "tensor {} of shape {shape:?} has {} numbers, expected {count}",
            quoted(name),
            data.len()
        ));
    }
    Ok(Some(Tensor { name: name.to_owned(), shape, data }))
}

fn read_shape(shape: &[u8]) -> Result<Vec<u64>, String> {
    let mut dims = Vec::new();
    for field in Fields::of(shape) {
        if let (2, Value::Bytes(dim)) = field? {
            let mut size = 0;
            for field in Fields::of(dim) {
                if let (1, Value::Varint(value)) = field? {
                    size = value;
                }
            }
            protobuf::push_integers(&mut dims, Value::Varint(size), MOST_AXES)?;
        }
    }
    Ok(dims)
}

fn read_values(tensor: &[u8], float: Float) -> Result<Vec<f32>, String> {
    let mut data = Vec::new();
    for field in Fields::of(tensor) {
        match (field?, float) {
            ((4, Value::Bytes(content)), _) if !content.is_empty() => {
                data = protobuf::numbers(float, content)?;
            }
            ((5, value), Float::F32) | ((6, value), Float::F64) | ((13, value), Float::F16 | Float::Bf16) => {
                protobuf::push_numbers(&mut data, float, value)?
            }
            _ => {}
        }
    }
    Ok(data)
}
