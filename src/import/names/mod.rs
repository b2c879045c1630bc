//! Finds out which naming scheme a file uses, and converts its tensors to ours.
//!
//! Every naming scheme is tried with every variant that is stored with it. The one whose tensors are all present,
//! with the right shapes, is chosen. If there is none, the error comes from the scheme that fits the most tensors.

mod convert;
mod family;
mod impostor;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::quote::quoted;
use super::{Format, Imported, Raw, Tensor};
use crate::net::Variant;
use crate::net::googlenet::CLASSIFIER;
use crate::net::weights::{MOST_CLASSES, parse_mean};
use family::{Axes, FAMILIES, Family, Parts};

/// Caffe's name of the first layer, which every GoogLeNet has.
const FIRST_LAYER: &str = "conv1/7x7_s2";

/// Tensors by their name in the file.
type Table = HashMap<String, Tensor>;

/// Finds out which GoogLeNet the file holds, and converts it to our naming and layout.
pub(super) fn adopt(raw: Raw) -> Result<Imported, String> {
    let Raw { format, tensors, metadata } = raw;
    let mut table = index(tensors)?;
    let prefixes = prefixes(&table);
    let found = recognise(&table, &prefixes)?;
    let tensors = found.convert(&mut table)?;
    let mut imported = Imported { format, variant: found.variant, tensors, metadata: Vec::new() };
    describe(&mut imported, found.classes, &metadata)?;
    Ok(imported)
}

fn index(tensors: Vec<Tensor>) -> Result<Table, String> {
    let mut table = Table::with_capacity(tensors.len());
    for tensor in tensors {
        if let Some(twice) = table.insert(tensor.name.clone(), tensor) {
            return Err(format!("two tensors are named {}", quoted(&twice.name)));
        }
    }
    Ok(table)
}

/// A naming scheme with a prefix before each name. Training scripts wrap the network, which adds prefixes such as
/// `module.`, `_orig_mod.` or `model.`.
#[derive(Clone, Copy)]
struct Naming<'a> {
    family: &'static Family,
    prefix: &'a str,
}

impl Naming<'_> {
    /// The names of a layer's tensors in the file.
    fn parts(&self, layer: &str) -> Parts {
        let prefixed = |name: String| format!("{}{name}", self.prefix);
        match (self.family.parts)(layer) {
            Parts::Biased { weight, bias } => {
                Parts::Biased { weight: prefixed(weight), bias: prefixed(bias) }
            }
            Parts::Normalised { weight, norm } => {
                Parts::Normalised { weight: prefixed(weight), norm: prefixed(norm) }
            }
        }
    }
}

/// A naming scheme, a variant, and its number of classes.
struct Match<'a> {
    naming: Naming<'a>,
    variant: Variant,
    classes: Option<usize>,
}

/// Why a naming scheme does not fit: how many tensors do fit, and the first that does not.
struct Mismatch {
    fitting: usize,
    reason: String,
}

fn recognise<'a>(table: &Table, prefixes: &'a [String]) -> Result<Match<'a>, String> {
    let mut nearest: Option<(Mismatch, &Family, Variant)> = None;
    let namings =
        prefixes.iter().flat_map(|prefix| FAMILIES.iter().map(move |family| Naming { family, prefix }));
    for naming in namings {
        for &variant in naming.family.variants {
            match Match::try_on(naming, variant, table) {
                Ok(found) => return Ok(found),
                Err(mismatch) => {
                    if nearest.as_ref().is_none_or(|(best, ..)| mismatch.fitting > best.fitting) {
                        nearest = Some((mismatch, naming.family, variant));
                    }
                }
            }
        }
    }
    Err(refusal(table, nearest.filter(|(mismatch, ..)| mismatch.fitting > 0)))
}

/// How many prefixes are tried: more than any legitimate file has.
const MOST_PREFIXES: usize = 8;

/// The prefixes that a network's names may have: none, and whatever precedes the first layer's name in some
/// tensor's name. The shortest come first, because a copy that training keeps beside the network has a longer
/// prefix than the network itself.
fn prefixes(table: &Table) -> Vec<String> {
    let mut prefixes = BTreeSet::from([(0, String::new())]);
    for family in &FAMILIES {
        let (Parts::Biased { weight, .. } | Parts::Normalised { weight, .. }) = (family.parts)(FIRST_LAYER);
        let before = table.keys().filter_map(|name| name.strip_suffix(&weight));
        prefixes.extend(before.filter(|before| before.ends_with('.')).map(|it| (it.len(), it.to_owned())));
    }
    prefixes.into_iter().take(MOST_PREFIXES).map(|(_, prefix)| prefix).collect()
}

fn refusal(table: &Table, nearest: Option<(Mismatch, &Family, Variant)>) -> String {
    let impostor = impostor::unmask(table.keys().map(String::as_str));
    if let (None, Some(name)) = (impostor, table.keys().filter(|name| has_lost_its_name(name)).min()) {
        return format!(
            "its layers have lost their names: {} is what an ONNX exporter calls a filter into which it has folded a \
             batch normalisation, and which layer that was is written nowhere; take the state_dict of the model that \
             was exported",
            quoted(name)
        );
    }
    match (impostor, nearest) {
        (Some(what), _) => format!("this is not a GoogLeNet: its tensor names are those of {what}"),
        (None, Some((mismatch, family, variant))) => {
            format!("it comes closest to {} in {}, but {}", variant.name(), family.name, mismatch.reason)
        }
        (None, None) => match table.keys().min() {
            Some(name) => format!(
                "this is not a GoogLeNet in a known naming: it has {} tensors, such as {}",
                table.len(),
                quoted(name)
            ),
            None => "it holds no float tensors".to_owned(),
        },
    }
}

/// Whether a tensor is named by its place in an ONNX graph, such as `onnx::Conv_500`. PyTorch's exporter gives
/// such names to tensors that it has computed itself.
fn has_lost_its_name(name: &str) -> bool {
    name.starts_with("onnx::")
}

impl<'a> Match<'a> {
    fn try_on(naming: Naming<'a>, variant: Variant, table: &Table) -> Result<Self, Mismatch> {
        let too_early = |reason| Mismatch { fitting: 0, reason };
        let classes = count_classes(naming, table).map_err(too_early)?;
        let found = Self { naming, variant, classes };
        let mut fitting = 0;
        let mut reason = None;
        for (name, shape) in found.layers().iter().flat_map(|(layer, shape)| found.stored(layer, shape)) {
            match check(table, &name, &shape) {
                Ok(()) => fitting += 1,
                Err(error) => reason = reason.or(Some(error)),
            }
        }
        match reason {
            None => Ok(found),
            Some(reason) => Err(Mismatch { fitting, reason }),
        }
    }

    /// Caffe's name of every convolution, and the shape of its weights in our layout.
    fn layers(&self) -> Vec<(String, Vec<usize>)> {
        let network = self.variant.network(self.classes);
        let shape = |id| Some((network[id].caffe_name().to_owned(), network.filter_shape(id)?));
        let layers = network.ids().filter_map(shape);
        layers
            .map(|(name, shape)| {
                let axes = if name == CLASSIFIER { 2 } else { 4 };
                (name, shape[..axes].to_vec())
            })
            .collect()
    }

    /// The names and shapes that the tensors of a layer should have in the file.
    fn stored(&self, layer: &str, shape: &[usize]) -> Vec<(String, Vec<usize>)> {
        let vector = || vec![shape[0]];
        let axes = self.naming.family.axes;
        match self.naming.parts(layer) {
            Parts::Biased { weight, bias } => vec![(weight, axes.stored(shape)), (bias, vector())],
            Parts::Normalised { weight, norm } => {
                let stored = [(weight, axes.stored(shape))];
                let norms = convert::NORM.map(|part| (format!("{norm}.{part}"), vector()));
                stored.into_iter().chain(norms).collect()
            }
        }
    }

    /// Converts all tensors to our naming, layout and colour order; tensors that are not part of the network are
    /// dropped.
    fn convert(&self, table: &mut Table) -> Result<Vec<Tensor>, String> {
        let layers = self.layers();
        let stored: Vec<_> = layers.iter().map(|(layer, shape)| self.stored(layer, shape)).collect();
        let needed: HashSet<&str> = stored.iter().flatten().map(|(name, _)| name.as_str()).collect();
        table.retain(|name, _| needed.contains(name.as_str()));
        let mut tensors = Vec::with_capacity(2 * layers.len());
        for (position, (layer, shape)) in layers.iter().enumerate() {
            let colours = (position == 0).then_some(self.naming.family.colours);
            let (weight, bias) = self.filter(table, layer, shape, colours)?;
            let weight = Tensor { name: format!("{layer}.weight"), shape: shape.clone(), data: weight };
            let bias = Tensor { name: format!("{layer}.bias"), shape: vec![shape[0]], data: bias };
            for tensor in [weight, bias] {
                check_finite(&tensor)?;
                tensors.push(tensor);
            }
        }
        Ok(tensors)
    }

    /// The weights and bias of a layer. `colours` is given for the first layer only.
    fn filter(
        &self,
        table: &mut Table,
        layer: &str,
        shape: &[usize],
        colours: Option<family::Colours>,
    ) -> Result<(Vec<f32>, Vec<f32>), String> {
        let parts = self.naming.parts(layer);
        let (Parts::Biased { weight, .. } | Parts::Normalised { weight, .. }) = &parts;
        let mut weights = take(table, weight)?;
        match self.naming.family.axes {
            Axes::Oihw => {}
            Axes::Hwio => weights = convert::outputs_first(&weights, shape),
            Axes::Ohwi => weights = convert::inputs_second(&weights, shape),
        }
        if colours == Some(family::Colours::Rgb) {
            convert::reverse_colours(&mut weights, shape);
        }
        match parts {
            Parts::Biased { bias, .. } => Ok((weights, take(table, &bias)?)),
            Parts::Normalised { norm, .. } => {
                let [gamma, beta, mean, variance] =
                    convert::NORM.map(|part| take(table, &format!("{norm}.{part}")));
                let norm = convert::Norm { gamma: gamma?, beta: beta?, mean: mean?, variance: variance? };
                // torchvision's first layer takes (x - 127.5) / 127.5, ours x - 127.5.
                let scale = if colours.is_some() { 1.0 / 127.5 } else { 1.0 };
                let bias = norm.fold(&mut weights, scale);
                Ok((weights, bias))
            }
        }
    }
}

/// The number of classes; `None` without a classifier, which is optional.
fn count_classes(naming: Naming<'_>, table: &Table) -> Result<Option<usize>, String> {
    let (Parts::Biased { weight, bias } | Parts::Normalised { weight, norm: bias }) =
        naming.parts(CLASSIFIER);
    match (table.get(&weight), table.get(&bias)) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(format!("tensor '{bias}' is missing, though '{weight}' is there")),
        (None, Some(_)) => Err(format!("tensor '{weight}' is missing, though '{bias}' is there")),
        (Some(_), Some(found)) if (1..=MOST_CLASSES).contains(&found.data.len()) => {
            Ok(Some(found.data.len()))
        }
        (Some(_), Some(found)) => {
            Err(format!("tensor '{bias}' has shape {:?}, expected one number a class", found.shape))
        }
    }
}

fn check(table: &Table, name: &str, shape: &[usize]) -> Result<(), String> {
    let tensor = table.get(name).ok_or_else(|| format!("tensor '{name}' {shape:?} is missing"))?;
    // Old versions of Caffe pad every shape to four axes, with ones in front.
    let padding = tensor.shape.len().saturating_sub(shape.len());
    if tensor.shape[..padding].iter().any(|&length| length != 1) || tensor.shape[padding..] != *shape {
        return Err(format!("tensor '{name}' has shape {:?}, expected {shape:?}", tensor.shape));
    }
    check_finite(tensor)
}

fn check_finite(tensor: &Tensor) -> Result<(), String> {
    match tensor.data.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(format!(
            "tensor '{}' holds {} at position {at}, expected finite numbers",
            tensor.name, tensor.data[at]
        )),
    }
}

fn take(table: &mut Table, name: &str) -> Result<Vec<f32>, String> {
    table.remove(name).map(|tensor| tensor.data).ok_or_else(|| format!("tensor '{name}' is missing"))
}

/// Sets the metadata: what the file says about itself, and what follows from its network.
fn describe(
    imported: &mut Imported,
    classes: Option<usize>,
    said: &[(String, String)],
) -> Result<(), String> {
    let variant = imported.variant;
    imported.set("architecture", variant.name());
    imported.set("input", "BGR, 0..255 minus mean");
    imported.set("mean_bgr", &mean_bgr(variant, classes));
    imported.set("source", format_name(imported.format));
    let said = |key: &str| said.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str());
    if let Some(input) = said("input").filter(|input| !input.starts_with("BGR")) {
        return Err(format!("metadata 'input' is {}; accepted: BGR", quoted(input)));
    }
    if let Some(mean) = said("mean_bgr").filter(|mean| parse_mean(mean).is_none()) {
        return Err(format!(
            "metadata 'mean_bgr' is {}, expected three numbers, like 104,116,122",
            quoted(mean)
        ));
    }
    for key in ["mean_bgr", "license", "source"] {
        if let Some(value) = said(key) {
            imported.set(key, value);
        }
    }
    said("labels").map_or(Ok(()), |labels| imported.set_labels(labels))
}

/// The mean that was subtracted from a network's training pictures.
fn mean_bgr(variant: Variant, classes: Option<usize>) -> String {
    let mean = match (variant, classes) {
        // Only the Places networks have that many classes.
        (Variant::Bvlc, Some(205)) => [105.417, 113.753, 116.047],
        (Variant::Bvlc, Some(365)) => [104.051, 112.514, 116.676],
        _ => variant.mean(),
    };
    mean.map(|value| value.to_string()).join(",")
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Caffe => "imported from a Caffe model",
        Format::Onnx => "imported from an ONNX model",
        Format::TensorFlow => "imported from a frozen TensorFlow graph",
        Format::Torch => "imported from a PyTorch state_dict",
        Format::Npz => "imported from a NumPy archive",
        Format::Safetensors => "imported from safetensors",
    }
}
