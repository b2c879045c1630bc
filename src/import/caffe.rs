//! Caffe's `NetParameter`: layers with blobs, in the old message format (V1) or the new.
//!
//! ```text
//!     NetParameter:       2 layers (V1)   100 layer
//!     V1LayerParameter:   4 name   6 blobs        LayerParameter:   1 name   7 blobs
//!     BlobProto:          1-4 num, channels, height, width   5 data   7 shape   8 double_data
//! ```

use super::floats::Float;
use super::protobuf::{self, Fields, Value};
use super::quote::quoted;
use super::{Format, MOST_AXES, Raw, Tensor, push_tensor};

/// A limit, because each blob repeats the layer's name. Batch normalisation has the most of any layer, three.
const MOST_BLOBS: usize = 8;

/// The field numbers of a layer message.
struct Kind {
    name: u64,
    blobs: u64,
}

fn kind(field: u64) -> Option<Kind> {
    match field {
        2 => Some(Kind { name: 4, blobs: 6 }),
        100 => Some(Kind { name: 1, blobs: 7 }),
        _ => None,
    }
}

/// Recognised by its first layer, which must be a message with a name.
pub(super) fn is(bytes: &[u8]) -> bool {
    let layers =
        Fields::of(bytes).map_while(Result::ok).filter_map(|(field, value)| Some((kind(field)?, value)));
    layers.take(1).any(|(kind, value)| match value {
        Value::Bytes(layer) => Fields::of(layer)
            .map_while(Result::ok)
            .any(|(field, value)| field == kind.name && matches!(value, Value::Bytes(_))),
        _ => false,
    })
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let mut tensors = Vec::new();
    for field in Fields::of(bytes) {
        let (field, value) = field?;
        if let (Some(kind), Value::Bytes(layer)) = (kind(field), value) {
            read_layer(layer, &kind, &mut tensors)?;
        }
    }
    Ok(Raw { format: Format::Caffe, tensors, metadata: Vec::new() })
}

/// The first blob of a layer is its weights, the second its bias. Further ones are named by number.
fn read_layer(layer: &[u8], kind: &Kind, tensors: &mut Vec<Tensor>) -> Result<(), String> {
    // The fields of a message may come in any order.
    let mut name = "";
    for field in Fields::of(layer) {
        if let (field, Value::Bytes(bytes)) = field?
            && field == kind.name
        {
            name = protobuf::text(bytes)?;
        }
    }
    let blobs = Fields::of(layer).filter_map(|field| match field {
        Ok((field, Value::Bytes(blob))) if field == kind.blobs => Some(blob),
        _ => None,
    });
    for (position, blob) in blobs.enumerate() {
        if position == MOST_BLOBS {
            return Err(format!("a layer has more than {MOST_BLOBS} blobs"));
        }
        let name = match position {
            0 => format!("{name}.weight"),
            1 => format!("{name}.bias"),
            other => format!("{name}.{other}"),
        };
        push_tensor(tensors, read_blob(name, blob)?)?;
    }
    Ok(())
}

fn read_blob(name: String, blob: &[u8]) -> Result<Tensor, String> {
    let mut old = [1, 1, 1, 1];
    let mut shape = None;
    let mut data = Vec::new();
    for field in Fields::of(blob) {
        match field? {
            (axis @ 1..=4, Value::Varint(length)) => old[axis as usize - 1] = length,
            (5, value) => protobuf::push_numbers(&mut data, Float::F32, value)?,
            (7, Value::Bytes(message)) => shape = Some(read_shape(message)?),
            (8, value) => protobuf::push_numbers(&mut data, Float::F64, value)?,
            _ => {}
        }
    }
    let (shape, count) = protobuf::count(&name, shape.as_deref().unwrap_or(&old))?;
    if count != data.len() {
        return Err(format!(
            "blob {} of shape {shape:?} has {} numbers, expected {count}",
            quoted(&name),
            data.len()
        ));
    }
    Ok(Tensor { name, shape, data })
}

fn read_shape(message: &[u8]) -> Result<Vec<u64>, String> {
    let mut shape = Vec::new();
    for field in Fields::of(message) {
        if let (1, value) = field? {
            protobuf::push_integers(&mut shape, value, MOST_AXES)?;
        }
    }
    Ok(shape)
}
