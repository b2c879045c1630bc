//! NumPy archives: a zip of arrays, as [`npy`](crate::files::npy) reads them.

use std::collections::HashSet;

use super::allowance::Allowance;
use super::floats::{ByteOrder, Float, Strided};
use super::quote::quoted;
use super::zip::{self, Zip};
use super::{Format, MOST_AXES, Raw, Tensor, push_tensor};
use crate::files::npy::Npy;

const EXTENSION: &str = ".npy";
/// The name endings with which MLX stores numbers quantised to 8 bits: an array of bytes, and one of scale
/// factors.
const QUANTISED: (&str, &str) = ("_int8", "_scale");

/// Accepts any zip archive, because this reader is tried last.
pub(super) fn is(bytes: &[u8]) -> bool {
    zip::is(bytes)
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let mut zip = Zip::open(bytes)?;
    let mut allowance = Allowance::of_file(bytes.len());
    let arrays: Vec<(usize, &str)> = zip
        .names()
        .enumerate()
        .filter_map(|(index, name)| Some((index, name.strip_suffix(EXTENSION)?)))
        .collect();
    if arrays.is_empty() {
        return Err(format!(
            "it is a zip archive without arrays ('*{EXTENSION}') and not one of torch.save: unpack it and import \
             what is inside"
        ));
    }
    let names: HashSet<&str> = arrays.iter().map(|&(_, name)| name).collect();
    refuse_quantised(&names)?;
    let mut tensors = Vec::new();
    for (index, name) in arrays {
        let in_array = |reason| format!("array {}: {reason}", quoted(name));
        let bytes = zip.read_at(index)?;
        if let Some(tensor) = array(name, &bytes, &mut allowance).map_err(in_array)? {
            push_tensor(&mut tensors, tensor)?;
        }
    }
    Ok(Raw { format: Format::Npz, tensors, metadata: Vec::new() })
}

fn refuse_quantised(names: &HashSet<&str>) -> Result<(), String> {
    let (bytes, factors) = QUANTISED;
    let is_quantised = |name: &&&str| {
        name.strip_suffix(bytes).is_some_and(|stem| names.contains(format!("{stem}{factors}").as_str()))
    };
    match names.iter().filter(is_quantised).min() {
        None => Ok(()),
        Some(name) => Err(format!(
            "{} is quantised to 8 bits ('*{bytes}' and '*{factors}'), and dreams need floats: take the file of the \
             same network in f16 or f32",
            quoted(name)
        )),
    }
}

/// Reads an array; `None` if it holds whole numbers.
fn array(name: &str, bytes: &[u8], allowance: &mut Allowance) -> Result<Option<Tensor>, String> {
    let npy = Npy::parse(bytes).ok_or("its header is cut short or damaged")?;
    let numbers = npy.numbers;
    let text = npy.number_type().ok_or("its header names no single number type")?;
    let Some((float, order)) = number_type(text)? else { return Ok(None) };
    let strided = strided(npy).ok_or("its header has no shape, or one that is not a list of lengths")?;
    if strided.shape.len() > MOST_AXES {
        return Err(format!("it has {} axes; at most {MOST_AXES} are accepted", strided.shape.len()));
    }
    let count = strided.count().unwrap_or(usize::MAX);
    allowance.take_tensor(name, count)?;
    if count.checked_mul(float.width()) != Some(numbers.len()) {
        let (width, found) = (float.width(), numbers.len());
        return Err(format!(
            "{found} bytes of numbers, but its shape {:?} takes {count} of {width}",
            strided.shape
        ));
    }
    let data = strided.gather(float, order, numbers)?;
    Ok(Some(Tensor { name: name.to_owned(), shape: strided.shape, data }))
}

fn number_type(descr: &str) -> Result<Option<(Float, ByteOrder)>, String> {
    let order = if descr.starts_with('>') { ByteOrder::Big } else { ByteOrder::Little };
    match descr.trim_start_matches(['<', '>', '|', '=']) {
        "f2" => Ok(Some((Float::F16, order))),
        "f4" => Ok(Some((Float::F32, order))),
        "f8" => Ok(Some((Float::F64, order))),
        // NumPy has no bfloat16; MLX and ml_dtypes write it as two bytes without a type.
        "V2" => Ok(Some((Float::Bf16, order))),
        kind if kind.starts_with(['i', 'u', 'b']) => Ok(None),
        "O" => Err("it holds Python objects, which are never run".to_owned()),
        _ => Err(format!("number type {}; accepted: f2, f4, f8 and bfloat16", quoted(descr))),
    }
}

fn strided(npy: Npy<'_>) -> Option<Strided> {
    let shape = npy.shape(MOST_AXES)?;
    Some(if is_by_columns(npy)? { Strided::columns(shape) } else { Strided::rows(shape) })
}

/// Whether the array is in column-major order: the first index varies fastest.
fn is_by_columns(npy: Npy<'_>) -> Option<bool> {
    match npy.value("fortran_order")? {
        order if order.starts_with("True") => Some(true),
        order if order.starts_with("False") => Some(false),
        _ => None,
    }
}
