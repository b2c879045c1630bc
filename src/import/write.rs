//! Writes imported weights as a safetensors file.
//!
//! The safetensors crate is not used for this, because it writes metadata in a different order each time, and
//! recipes identify weights by the hash of their file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{Imported, Tensor};
use crate::files::digest::HashWriter;
use crate::files::output::{Output, OutputError};
use crate::net::Variant;
use crate::net::googlenet::CLASSIFIER;

impl Imported {
    /// The number of classes; `None` without a classifier.
    pub fn classes(&self) -> Option<usize> {
        let bias = self.tensors.iter().find(|tensor| tensor.name.strip_suffix(".bias") == Some(CLASSIFIER));
        bias.map(|bias| bias.data.len())
    }

    /// The metadata under `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.metadata.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    /// Sets the metadata under `key`.
    pub fn set(&mut self, key: &str, value: &str) {
        self.metadata.retain(|(found, _)| found != key);
        self.metadata.push((key.to_owned(), value.to_owned()));
    }

    /// Names the classes, one per line. The error says how many there must be.
    pub fn set_labels(&mut self, labels: &str) -> Result<(), String> {
        let Some(classes) = self.classes() else {
            return Err(
                "there are labels, but there is no classifier whose classes they could name".to_owned()
            );
        };
        let mut labels: Vec<String> = labels.lines().map(str::to_owned).collect();
        // Google's list of names is shorter than its classifier: the last outputs mean nothing.
        if self.variant == Variant::Inception5h && !labels.is_empty() {
            labels.extend((labels.len()..classes).map(|class| format!("unused {class}")));
        }
        if labels.len() != classes {
            return Err(format!(
                "there are {} labels, one per line, but the classifier has {classes} classes",
                labels.len()
            ));
        }
        self.set("labels", &labels.join("\n"));
        Ok(())
    }

    /// Writes a weights file, in f32 or, with `half`, in f16. It appears whole or not at all.
    pub fn write(&self, path: &Path, half: bool) -> Result<PathBuf, OutputError> {
        Output::at(path)?.fill(|file| self.write_to(file, half))
    }

    /// The hash of the file that [`Imported::write`] writes.
    ///
    /// # Errors
    /// Some numbers are too large for f16.
    pub fn sha256(&self, half: bool) -> Result<String, String> {
        let mut hash = HashWriter::default();
        self.write_to(&mut hash, half)?;
        Ok(hash.finish())
    }

    fn write_to(&self, file: &mut impl Write, half: bool) -> Result<(), String> {
        let failed = |error: std::io::Error| error.to_string();
        let header = self.header(half);
        file.write_all(&(header.len() as u64).to_le_bytes()).map_err(failed)?;
        file.write_all(header.as_bytes()).map_err(failed)?;
        for tensor in self.sorted() {
            for values in tensor.data.chunks(4096) {
                file.write_all(&encode(tensor, values, half)?).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn sorted(&self) -> Vec<&Tensor> {
        let mut tensors: Vec<&Tensor> = self.tensors.iter().collect();
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        tensors
    }

    fn header(&self, half: bool) -> String {
        let (dtype, size) = if half { ("F16", 2) } else { ("F32", 4) };
        let metadata: BTreeMap<_, _> = self.metadata.iter().cloned().collect();
        let mut entries = Map::new();
        entries.insert("__metadata__".to_owned(), json!(metadata));
        let mut offset = 0;
        for tensor in self.sorted() {
            let end = offset + size * tensor.data.len();
            let entry = json!({ "dtype": dtype, "shape": tensor.shape, "data_offsets": [offset, end] });
            entries.insert(tensor.name.clone(), entry);
            offset = end;
        }
        let mut header = Value::Object(entries).to_string();
        // The numbers start at a multiple of eight bytes, as the format requires.
        header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
        header
    }
}

fn encode(tensor: &Tensor, values: &[f32], half: bool) -> Result<Vec<u8>, String> {
    if !half {
        return Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect());
    }
    let mut bytes = Vec::with_capacity(2 * values.len());
    for &value in values {
        let rounded = half::f16::from_f32(value);
        if !rounded.is_finite() {
            let name = &tensor.name;
            return Err(format!(
                "tensor '{name}' holds {value}, which is too large for f16; write it as f32"
            ));
        }
        bytes.extend(rounded.to_le_bytes());
    }
    Ok(bytes)
}
