//! ONNX: the initializers of a model's graph.
//!
//! ```text
//!     ModelProto:    1 ir_version   7 graph
//!     GraphProto:    1 node   5 initializer        NodeProto:   4 op_type
//!     TensorProto:   1 dims   2 data_type   4 float_data   5 int32_data   8 name   9 raw_data
//!                    10 double_data   13 external_data   14 data_location
//! ```

use super::floats::Float;
use super::protobuf::{self, Fields, Value};
use super::quote::quoted;
use super::{Format, MOST_AXES, Raw, Tensor, push_tensor};

/// Recognised by its first field, the version, which is a number; the other formats have a message or a name
/// there.
pub(super) fn is(bytes: &[u8]) -> bool {
    let mut fields = Fields::of(bytes).map_while(Result::ok);
    fields.any(|field| matches!(field, (1, Value::Varint(_))))
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let mut tensors = Vec::new();
    for field in Fields::of(bytes) {
        if let (7, Value::Bytes(graph)) = field? {
            read_graph(graph, &mut tensors)?;
        }
    }
    Ok(Raw { format: Format::Onnx, tensors, metadata: Vec::new() })
}

fn read_graph(graph: &[u8], tensors: &mut Vec<Tensor>) -> Result<(), String> {
    for field in Fields::of(graph) {
        match field? {
            (1, Value::Bytes(node)) => check_node(node)?,
            (5, Value::Bytes(tensor)) => {
                if let Some(tensor) = read_tensor(tensor)? {
                    push_tensor(tensors, tensor)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_node(node: &[u8]) -> Result<(), String> {
    for field in Fields::of(node) {
        if let (4, Value::Bytes(operator)) = field? {
            let operator = protobuf::text(operator)?;
            if operator.starts_with("QLinear") || operator.contains("QuantizeLinear") {
                return Err(format!(
                    "it is a quantised model ({}): its weights are rounded to int8; \
                     take the float model it was made from",
                    quoted(operator)
                ));
            }
        }
    }
    Ok(())
}

/// The float type with this number in the format.
fn float(data_type: u64) -> Option<Float> {
    match data_type {
        1 => Some(Float::F32),
        10 => Some(Float::F16),
        11 => Some(Float::F64),
        16 => Some(Float::Bf16),
        _ => None,
    }
}

/// Reads a tensor; `None` for whole numbers and strings, which are shapes and the like, not weights.
fn read_tensor(tensor: &[u8]) -> Result<Option<Tensor>, String> {
    let mut name = "";
    let mut data_type = 0;
    let mut dims = Vec::new();
    let mut external = false;
    for field in Fields::of(tensor) {
        match field? {
            (1, value) => protobuf::push_integers(&mut dims, value, MOST_AXES)?,
            (2, Value::Varint(value)) => data_type = value,
            (8, Value::Bytes(bytes)) => name = protobuf::text(bytes)?,
            (13, _) | (14, Value::Varint(1)) => external = true,
            _ => {}
        }
    }
    let Some(float) = float(data_type) else { return Ok(None) };
    if external {
        return Err(format!(
            "tensor {} lies in another file, and what a file names is not opened; \
             save the model with its data inside",
            quoted(name)
        ));
    }
    let data = read_values(tensor, float)?;
    let (shape, count) = protobuf::count(name, &dims)?;
    if count != data.len() {
        return Err(format!(
            "tensor {} of shape {shape:?} has {} numbers, expected {count}",
            quoted(name),
            data.len()
        ));
    }
    Ok(Some(Tensor { name: name.to_owned(), shape, data }))
}

fn read_values(tensor: &[u8], float: Float) -> Result<Vec<f32>, String> {
    let mut data = Vec::new();
    for field in Fields::of(tensor) {
        match (field?, float) {
            ((9, Value::Bytes(raw)), float) => data = protobuf::numbers(float, raw)?,
            ((4, value), Float::F32) | ((5, value), Float::F16 | Float::Bf16) | ((10, value), Float::F64) => {
                protobuf::push_numbers(&mut data, float, value)?
            }
            _ => {}
        }
    }
    Ok(data)
}
