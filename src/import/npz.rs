//! NumPy archives: a zip of arrays, each with a line in Python's words about itself.
//!
//! ```text
//!     \x93NUMPY  major minor  length of the line  {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }  numbers
//! ```

use std::collections::HashSet;

use super::allowance::Allowance;
use super::floats::{ByteOrder, Float, Strided};
use super::quote::quoted;
use super::zip::{self, Zip};
use super::{Format, MOST_AXES, Raw, Tensor, push_tensor};

const EXTENSION: &str = ".npy";
const MAGIC: &[u8] = b"\x93NUMPY";
/// MLX's way of storing eighths of a float: an array of bytes and one of factors.
const QUANTISED: (&str, &str) = ("_int8", "_scale");

/// Any zip archive, for this is the last one that is asked.
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

/// The array; `None` if it is one of whole numbers.
fn array(name: &str, bytes: &[u8], allowance: &mut Allowance) -> Result<Option<Tensor>, String> {
    let (header, numbers) = split(bytes).ok_or("its header is cut short or damaged")?;
    let text = value(header, "descr").and_then(string).ok_or("its header names no single number type")?;
    let Some((float, order)) = number_type(text)? else { return Ok(None) };
    let strided = strided(header).ok_or("its header has no shape, or one that is not a list of lengths")?;
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

/// The line about the array, and its numbers.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (version, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<2>()?;
    let (length, rest) = match version[0] {
        1 => {
            rest.split_first_chunk().map(|(&length, rest)| (usize::from(u16::from_le_bytes(length)), rest))?
        }
        2 | 3 => {
            rest.split_first_chunk().map(|(&length, rest)| (u32::from_le_bytes(length) as usize, rest))?
        }
        _ => return None,
    };
    let (header, numbers) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(header).ok()?, numbers))
}

/// What follows `'key':`.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}'"))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

fn string(value: &str) -> Option<&str> {
    value.strip_prefix('\'')?.split_once('\'').map(|(text, _)| text)
}

fn number_type(descr: &str) -> Result<Option<(Float, ByteOrder)>, String> {
    let order = if descr.starts_with('>') { ByteOrder::Big } else { ByteOrder::Little };
    match descr.trim_start_matches(['<', '>', '|', '=']) {
        "f2" => Ok(Some((Float::F16, order))),
        "f4" => Ok(Some((Float::F32, order))),
        "f8" => Ok(Some((Float::F64, order))),
        // NumPy has no bfloat16; MLX and ml_dtypes write two bytes of no type.
        "V2" => Ok(Some((Float::Bf16, order))),
        kind if kind.starts_with(['i', 'u', 'b']) => Ok(None),
        "O" => Err("it holds Python objects, which are never run".to_owned()),
        _ => Err(format!("number type {}; accepted: f2, f4, f8 and bfloat16", quoted(descr))),
    }
}

fn strided(header: &str) -> Option<Strided> {
    let (lengths, _) = value(header, "shape")?.strip_prefix('(')?.split_once(')')?;
    let lengths = lengths.split(',').map(str::trim).filter(|length| !length.is_empty());
    let lengths = lengths.take(MOST_AXES + 1);
    // Python 2 marks a long number with an L.
    let shape: Option<Vec<usize>> = lengths.map(|length| length.trim_end_matches('L').parse().ok()).collect();
    match value(header, "fortran_order")? {
        order if order.starts_with("True") => shape.map(Strided::columns),
        order if order.starts_with("False") => shape.map(Strided::rows),
        _ => None,
    }
}
