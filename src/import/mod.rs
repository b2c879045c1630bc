//! Imports GoogLeNets from other programs' formats. All bytes are read as data, and none are trusted.
//!
//! ```text
//!     a file's bytes -> a reader, chosen by content -> [`Raw`]: the file's own names, shapes and numbers
//!                    -> names: finds out whose naming that is -> [`Imported`]: what our own weights file holds
//! ```
//!
//! A reader knows a format but no network; `names` knows networks but no format.

mod allowance;
pub mod archive;
mod caffe;
pub mod doctor;
mod floats;
mod names;
mod npz;
mod onnx;
mod protobuf;
mod quote;
mod safetensors;
mod tensorflow;
mod torch;
mod write;
mod zip;

use crate::files::stand_in::stand_in;
use crate::net::Variant;

/// A named array of numbers, whatever float type the file stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The lengths of its axes, slowest first; their product is the length of `data`.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f32>,
}

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A Caffe `NetParameter`, old (V1) or new.
    Caffe,
    /// An ONNX model.
    Onnx,
    /// A frozen TensorFlow graph.
    TensorFlow,
    /// A PyTorch `state_dict`, zip or legacy stream.
    Torch,
    /// A NumPy archive.
    Npz,
    /// A safetensors file, ours or with foreign names.
    Safetensors,
}

/// The contents of a file, in its own names and layouts.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// The format of the file.
    pub format: Format,
    /// All float tensors in it.
    pub tensors: Vec<Tensor>,
    /// The metadata of the file, as keys and values.
    pub metadata: Vec<(String, String)>,
}

/// Weights in our own naming and layout, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The format of the file that they were read from.
    pub format: Format,
    /// The variant of the network that the weights are for.
    pub variant: Variant,
    /// `<caffe layer>.weight` (OIHW; the classifier `[classes, channels]`) and `<caffe layer>.bias`.
    pub tensors: Vec<Tensor>,
    /// Metadata of the weights file: `architecture`, `input`, `mean_bgr`, `license`, `source`, `labels`.
    pub metadata: Vec<(String, String)>,
}

/// Imports a file's bytes, whatever their format. The error says what is wrong, without the file's name.
pub fn import(bytes: &[u8]) -> Result<Imported, String> {
    names::adopt(read(bytes)?)
}

/// The most tensors accepted. A GoogLeNet has some hundreds, including batch normalisation.
const MOST_TENSORS: usize = 4096;
/// The most axes accepted. A filter has four.
const MOST_AXES: usize = 8;

/// Adds a tensor to those of a file. Their number is limited, because each takes memory, however small it is.
fn push_tensor(tensors: &mut Vec<Tensor>, tensor: Tensor) -> Result<(), String> {
    if tensors.len() == MOST_TENSORS {
        return Err(format!("it has more than {MOST_TENSORS} tensors, where a GoogLeNet has a few hundred"));
    }
    tensors.push(tensor);
    Ok(())
}

/// How a format is recognised and read.
type Reader = (fn(&[u8]) -> bool, fn(&[u8]) -> Result<Raw, String>);

/// Reads a file's bytes, whatever their format, keeping the file's names and layouts.
pub fn read(bytes: &[u8]) -> Result<Raw, String> {
    if let Some(what) = stand_in(bytes) {
        return Err(what.to_owned());
    }
    let readers: [Reader; 6] = [
        (torch::is, torch::read),
        (npz::is, npz::read),
        (safetensors::is, safetensors::read),
        (onnx::is, onnx::read),
        (tensorflow::is, tensorflow::read),
        (caffe::is, caffe::read),
    ];
    match readers.iter().find(|(is, _)| is(bytes)) {
        Some((_, read)) => read(bytes),
        None => Err("it is in none of the accepted formats: Caffe, ONNX, TensorFlow, PyTorch, NumPy (.npz) \
             and safetensors"
            .to_owned()),
    }
}
