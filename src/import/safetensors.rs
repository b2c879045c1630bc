//! Reads any safetensors file, keeping its names.

use ::safetensors::SafeTensors;
use ::safetensors::tensor::Dtype;

use super::allowance::Allowance;
use super::floats::{ByteOrder, Float};
use super::quote::quoted;
use super::{Format, Raw, Tensor, push_tensor};

/// The longest header that the format allows, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

/// Recognised by a plausible header length, followed by JSON.
pub(super) fn is(bytes: &[u8]) -> bool {
    let header = bytes.first_chunk().map(|&length| u64::from_le_bytes(length));
    header.is_some_and(|length| length <= LONGEST_HEADER) && bytes.get(8) == Some(&b'{')
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let damaged = |error| format!("it is not a complete safetensors file: {error}");
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let views = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut allowance = Allowance::of_file(bytes.len());
    let mut tensors = Vec::new();
    for (name, view) in views.iter() {
        let Some(float) = float(name, view.dtype())? else { continue };
        allowance.take_tensor(name, view.data().len() / float.width())?;
        let data = float.decode(ByteOrder::Little, view.data());
        push_tensor(&mut tensors, Tensor { name: name.to_owned(), shape: view.shape().to_vec(), data })?;
    }
    tensors.sort_by(|one, other| one.name.cmp(&other.name));
    let mut metadata: Vec<_> = header.metadata().clone().unwrap_or_default().into_iter().collect();
    metadata.sort();
    Ok(Raw { format: Format::Safetensors, tensors, metadata })
}

/// The float type of the numbers; `None` for whole numbers, which no layer of a network contains.
fn float(name: &str, dtype: Dtype) -> Result<Option<Float>, String> {
    use Dtype::{BF16, BOOL, F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    match dtype {
        F16 => Ok(Some(Float::F16)),
        BF16 => Ok(Some(Float::Bf16)),
        F32 => Ok(Some(Float::F32)),
        F64 => Ok(Some(Float::F64)),
        BOOL | U8 | I8 | U16 | I16 | U32 | I32 | U64 | I64 => Ok(None),
        _ => Err(format!(
            "tensor {} is stored as {dtype:?}: F32, F16, BF16 and F64 are read; convert it to one of them",
            quoted(name)
        )),
    }
}
