//! Shared by the commands that read other programs' weights: reads a file, and describes an import in a few words.

use std::path::Path;

use crate::cli::failure::Failure;
use crate::files::input::read_whole;
use crate::import::{Format, Imported};

/// The largest file accepted, in bytes: far more than a GoogLeNet takes in any format.
const LARGEST_FILE: u64 = 1 << 30;

pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |error| Failure::because(format_args!("cannot read '{}': {error}", path.display()));
    read_whole(path, LARGEST_FILE).map_err(unread)
}

pub(super) fn format_name(format: Format) -> &'static str {
    match format {
        Format::Caffe => "Caffe model",
        Format::Onnx => "ONNX model",
        Format::TensorFlow => "TensorFlow graph",
        Format::Torch => "PyTorch state",
        Format::Npz => "NumPy archive",
        Format::Safetensors => "safetensors",
    }
}

/// A description such as `bvlc_googlenet, 1000 classes`.
pub(super) fn describe(imported: &Imported) -> String {
    let classes = match imported.classes() {
        Some(classes) => format!("{classes} classes"),
        None => "no classifier".to_owned(),
    };
    format!("{}, {classes}", imported.variant.name())
}
