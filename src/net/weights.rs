//! Trained weights: a safetensors file, checked name by name against the network before anything runs.
//!
//! The format: `<layer>.weight` (OIHW; the classifier `[classes, channels]`) and `<layer>.bias`, each f32,
//! f16 or bf16, where the layer goes by Caffe's name in every variant; metadata `architecture` (see
//! [`Variant::name`]), `input` (`BGR`), `mean_bgr` (like `104,116,122`), `labels` (class names, one a line),
//! `license`, `source`.

use std::any::Any;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::slice::HalfFloatSliceExt;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};

use super::googlenet::CLASSIFIER;
use super::graph::{LayerId, Network};
use super::named::{NamedChannel, named_channels};
use super::resident::{DeviceId, Residents};
use super::variant::Variant;
use crate::files::digest::sha256;
use crate::files::input::read_whole;
use crate::files::stand_in::stand_in;
use crate::remedy::{Fault, Remedy};

/// The network that is embedded in the program: 1000 emoji, see `weights/emoji1000.md`.
static EMBEDDED: &[u8] = include_bytes!("../../weights/emoji1000.safetensors");
/// The layer to dream with when these weights are used, chosen by eye.
const EMBEDDED_FAVOURITE: &str = "inception_4b/output";
/// The colour order that every network here takes. With a file of another order, colours would be wrong.
const INPUT: &str = "BGR";
/// Far more than this network takes, but still an amount that a computer can hold.
const LARGEST_FILE: u64 = 1 << 30;

/// Weights and bias of one convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// `[output channel][input channel][row][column]`.
    pub weight: Vec<f32>,
    /// One number per output channel.
    pub bias: Vec<f32>,
}

/// A network and its trained weights. This is a handle: clones share them, and whatever devices keep of them.
#[derive(Clone, Debug)]
pub struct Weights(Arc<Trained>);

#[derive(Debug)]
struct Trained {
    variant: Variant,
    network: Network,
    filters: HashMap<LayerId, Filter>,
    labels: Vec<String>,
    mean: [f32; 3],
    origin: Origin,
    residents: Residents,
}

/// Where weights come from.
#[derive(Debug)]
enum Origin {
    /// The program itself.
    Embedded(String),
    /// A file, by its hash.
    File(String),
    /// Nowhere: they were made in memory.
    Made,
}

/// Why a weights file was refused. Every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file could not be read.
    #[error("cannot read weights '{}': {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are of another format, or cut short.
    #[error("weights {name} cannot be used: it is not a complete safetensors file ({source})")]
    Foreign {
        /// The file, as the user named it.
        name: String,
        /// What was wrong.
        source: SafeTensorError,
    },
    /// The bytes are not what the format says.
    #[error("weights {name} cannot be used: {reason}")]
    Invalid {
        /// The file, as the user named it.
        name: String,
        /// What was wrong, expected and found.
        reason: String,
    },
}

impl Weights {
    /// The weights inside the program.
    pub fn embedded() -> Self {
        let trained = read("(embedded)", EMBEDDED).expect("a test reads the embedded weights");
        Self(Arc::new(Trained { origin: Origin::Embedded(sha256(EMBEDDED)), ..trained }))
    }

    /// The file inside the program.
    pub fn embedded_bytes() -> &'static [u8] {
        EMBEDDED
    }

    /// Reads a file.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let unread = |source| WeightsError::Read { path: path.to_owned(), source };
        let bytes = read_whole(path, LARGEST_FILE).map_err(unread)?;
        Self::from_bytes(&format!("'{}'", path.display()), &bytes)
    }

    /// Reads weights from memory; `name` is what error messages call them.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, WeightsError> {
        let trained = read(name, bytes)?;
        // The hash comes last, because hashing a large file takes longer than finding out that it cannot be
        // used.
        Ok(Self(Arc::new(Trained { origin: Origin::File(sha256(bytes)), ..trained })))
    }

    /// The weights of a network without layers, for plans without convolutions.
    pub fn none() -> Self {
        Self::from_filters(Network::new(), HashMap::new())
    }

    /// Weights made of given filters, one for each convolution of `network`: for tests and experiments. In
    /// all other respects they are like BVLC's.
    ///
    /// # Panics
    /// If a convolution has no filter or one of another size.
    pub fn from_filters(network: Network, filters: HashMap<LayerId, Filter>) -> Self {
        for id in network.ids() {
            if let Some(shape) = network.filter_shape(id) {
                let sizes = filters.get(&id).map(|filter| (filter.weight.len(), filter.bias.len()));
                assert_eq!(sizes, Some((shape.iter().product(), shape[0])), "filter of {}", network[id].name);
            }
        }
        Self(Arc::new(Trained::new(Variant::Bvlc, network, filters)))
    }

    /// What a device keeps of these weights, made by `make` when it is first asked for. It exists as long as
    /// the weights do, and longer only while the device still uses it.
    pub fn resident<T: Any + Send + Sync>(&self, device: DeviceId, make: impl FnOnce() -> T) -> Arc<T> {
        self.0.residents.get(device, make)
    }

    /// Whether the other is a handle to the same weights.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Which variant of GoogLeNet these weights belong to.
    pub fn variant(&self) -> Variant {
        self.0.variant
    }

    /// The graph these weights belong to.
    pub fn network(&self) -> &Network {
        &self.0.network
    }

    /// The filter of a convolution.
    ///
    /// # Panics
    /// If `id` is not a convolution of [`Weights::network`].
    pub fn filter(&self, id: LayerId) -> &Filter {
        &self.0.filters[&id]
    }

    /// The hash of the file's bytes in hexadecimal digits; `None` for weights that came from no file.
    pub fn sha256(&self) -> Option<&str> {
        match &self.0.origin {
            Origin::Embedded(hash) | Origin::File(hash) => Some(hash),
            Origin::Made => None,
        }
    }

    /// Class names in the order of the classifier's outputs; empty if the file has none.
    pub fn labels(&self) -> &[String] {
        &self.0.labels
    }

    /// The mean colour that is subtracted from a picture before the network sees it: blue, green, red.
    pub fn mean(&self) -> [f32; 3] {
        self.0.mean
    }

    /// Whether they are those inside the program.
    pub fn is_embedded(&self) -> bool {
        matches!(self.0.origin, Origin::Embedded(_))
    }

    /// The layer that gives the most popular dreams, used unless another is given.
    pub fn favourite_layer(&self) -> &str {
        if self.is_embedded() { EMBEDDED_FAVOURITE } else { self.0.variant.favourite_layer() }
    }

    /// Channels that have names: some of the embedded network's, none of any other's.
    pub fn named_channels(&self) -> impl Iterator<Item = NamedChannel> {
        named_channels().filter(|_| self.is_embedded())
    }

    /// How many classes the classifier distinguishes; `None` without a classifier.
    pub fn classes(&self) -> Option<usize> {
        self.0.network.find(CLASSIFIER).ok().map(|id| self.0.network[id].channels)
    }
}

impl Trained {
    fn new(variant: Variant, network: Network, filters: HashMap<LayerId, Filter>) -> Self {
        let (labels, residents) = (Vec::new(), Residents::default());
        Self { variant, network, filters, labels, mean: variant.mean(), origin: Origin::Made, residents }
    }
}

impl Fault for WeightsError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Foreign { .. } if cfg!(not(feature = "import")) => Some(Remedy::BuildWith("import")),
            Self::Foreign { .. } => Some(Remedy::ImportWeights),
            Self::Read { .. } | Self::Invalid { .. } => None,
        }
    }
}

fn read(name: &str, bytes: &[u8]) -> Result<Trained, WeightsError> {
    if let Some(what) = stand_in(bytes) {
        return Err(WeightsError::Invalid { name: name.to_owned(), reason: what.to_owned() });
    }
    let foreign = |source| WeightsError::Foreign { name: name.to_owned(), source };
    let tensors = SafeTensors::deserialize(bytes).map_err(foreign)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(foreign)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    parse(&tensors, &metadata).map_err(|reason| WeightsError::Invalid { name: name.to_owned(), reason })
}

fn parse(tensors: &SafeTensors<'_>, metadata: &HashMap<String, String>) -> Result<Trained, String> {
    let variant = read_variant(metadata.get("architecture"), tensors)?;
    check_input(metadata.get("input"))?;
    let mean = read_mean(metadata.get("mean_bgr"))?.unwrap_or(variant.mean());
    let network = variant.network(count_classes(tensors)?);
    let labels = read_labels(metadata.get("labels"), &network)?;
    let mut filters = HashMap::new();
    for id in network.ids() {
        if let Some(shape) = network.filter_shape(id) {
            filters.insert(id, read_filter(tensors, network[id].caffe_name(), shape)?);
        }
    }
    Ok(Trained { labels, mean, ..Trained::new(variant, network, filters) })
}

/// The variant that the file states. If it states none, the variant is recognised by what only that variant
/// has.
fn read_variant(architecture: Option<&String>, tensors: &SafeTensors<'_>) -> Result<Variant, String> {
    if let Some(found) = architecture {
        let names = Variant::ALL.map(Variant::name).join("', '");
        let unknown = || format!("its architecture is '{found}'; accepted: '{names}'");
        return Variant::from_name(found).ok_or_else(unknown);
    }
    let shape_of = |name: &str| tensors.tensor(name).map(|tensor| tensor.shape().to_vec());
    Ok(match (shape_of("inception_4a/3x3.weight"), shape_of("inception_3a/5x5.weight")) {
        (Ok(shape), _) if shape.first() == Some(&204) => Variant::Inception5h,
        (_, Ok(shape)) if shape.last() == Some(&3) => Variant::Torchvision,
        _ => Variant::Bvlc,
    })
}

/// The order of colours, perhaps followed by other words.
fn check_input(input: Option<&String>) -> Result<(), String> {
    match input.filter(|input| input.split([',', ' ']).next() != Some(INPUT)) {
        None => Ok(()),
        Some(found) => Err(format!("metadata 'input' is '{found}'; accepted: '{INPUT}'")),
    }
}

fn read_mean(mean: Option<&String>) -> Result<Option<[f32; 3]>, String> {
    let malformed = |mean| {
        format!("metadata 'mean_bgr' is '{mean}', expected three numbers from 0 to 255, like 104,116,122")
    };
    mean.map(|mean| parse_mean(mean).ok_or_else(|| malformed(mean))).transpose()
}

/// Three numbers from 0 to 255, with commas between them: blue, green, red.
pub(crate) fn parse_mean(text: &str) -> Option<[f32; 3]> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse::<f32>()).collect();
    let in_range = |mean: &[f32; 3]| mean.iter().all(|number| (0.0..=255.0).contains(number));
    <[f32; 3]>::try_from(numbers.ok()?).ok().filter(in_range)
}

/// As many classes as a weights file may have.
pub(crate) const MOST_CLASSES: usize = 1 << 20;

/// The classifier is optional and its width is the file's choice: its bias says how many classes there are.
fn count_classes(tensors: &SafeTensors<'_>) -> Result<Option<usize>, String> {
    let find = |part: &str| tensors.tensor(&format!("{CLASSIFIER}.{part}")).ok();
    match (find("weight"), find("bias")) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(format!("tensor '{CLASSIFIER}.bias' is missing, though '.weight' is there")),
        (None, Some(_)) => Err(format!("tensor '{CLASSIFIER}.weight' is missing, though '.bias' is there")),
        (Some(_), Some(bias)) => match *bias.shape() {
            [classes] if (1..=MOST_CLASSES).contains(&classes) => Ok(Some(classes)),
            ref other => Err(format!("tensor '{CLASSIFIER}.bias' has shape {other:?}, expected [classes]")),
        },
    }
}

fn read_filter(tensors: &SafeTensors<'_>, layer: &str, shape: [usize; 4]) -> Result<Filter, String> {
    let weight_shape: &[usize] = if layer == CLASSIFIER { &shape[..2] } else { &shape };
    Ok(Filter {
        weight: read_tensor(tensors, &format!("{layer}.weight"), weight_shape)?,
        bias: read_tensor(tensors, &format!("{layer}.bias"), &shape[..1])?,
    })
}

fn read_tensor(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let tensor = tensors.tensor(name).map_err(|_| format!("tensor '{name}' {shape:?} is missing"))?;
    if tensor.shape() != shape {
        return Err(format!("tensor '{name}' has shape {:?}, expected {shape:?}", tensor.shape()));
    }
    let values = floats(name, &tensor)?;
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(at) => {
            Err(format!("tensor '{name}' holds {} at position {at}, expected finite numbers", values[at]))
        }
    }
}

/// Any float type as f32; the file's bytes need not be aligned.
fn floats(name: &str, tensor: &TensorView<'_>) -> Result<Vec<f32>, String> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => Ok(bytemuck::pod_collect_to_vec(data)),
        Dtype::F16 => Ok(bytemuck::pod_collect_to_vec::<u8, half::f16>(data).to_f32_vec()),
        Dtype::BF16 => Ok(bytemuck::pod_collect_to_vec::<u8, half::bf16>(data).to_f32_vec()),
        other => Err(format!("tensor '{name}' is {other:?}, expected F32, F16 or BF16")),
    }
}

/// A thousand classes without names are those of ImageNet 2012: every such GoogLeNet was trained on it.
fn usual_labels(classes: usize) -> Option<&'static str> {
    (classes == 1000).then_some(include_str!("../../weights/imagenet1000.txt"))
}

fn read_labels(labels: Option<&String>, network: &Network) -> Result<Vec<String>, String> {
    let classes = network.find(CLASSIFIER).map_or(0, |id| network[id].channels);
    let Some(labels) = labels.map(String::as_str).or(usual_labels(classes)) else { return Ok(Vec::new()) };
    // Names are printed: what would steer a terminal is only shown.
    let shown = |label: &str| label.replace(char::is_control, "\u{fffd}");
    let labels: Vec<String> = labels.lines().map(shown).collect();
    if labels.len() != classes {
        return Err(format!(
            "metadata 'labels' names {} classes, and the classifier has {classes}",
            labels.len()
        ));
    }
    Ok(labels)
}
