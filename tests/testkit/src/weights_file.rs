//! Weights files made in memory: whole ones, and ones with a single thing wrong.

use std::collections::{BTreeMap, HashMap};

use puppyslug::net::googlenet::googlenet;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// A tensor as it lies in the file.
#[derive(Clone)]
pub struct Tensor {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Tensor {
    pub fn f32(shape: &[usize], values: &[f32]) -> Self {
        Self { dtype: Dtype::F32, shape: shape.to_vec(), bytes: bytemuck::cast_slice(values).to_vec() }
    }

    /// Two bytes a number, all of them zero.
    pub fn zeros(shape: &[usize]) -> Self {
        Self { dtype: Dtype::F16, shape: shape.to_vec(), bytes: vec![0; 2 * shape.iter().product::<usize>()] }
    }
}

/// What a file is made of.
pub struct WeightsFile {
    pub tensors: BTreeMap<String, Tensor>,
    pub metadata: HashMap<String, String>,
}

impl WeightsFile {
    /// A whole file with tensors that `make` makes of their names and shapes.
    pub fn new(classes: Option<usize>, make: impl Fn(&str, &[usize]) -> Tensor) -> Self {
        let network = googlenet(classes);
        let mut tensors = BTreeMap::new();
        for id in network.ids() {
            let Some(shape) = network.filter_shape(id) else { continue };
            let layer = &network[id].name;
            let shape = if layer == "loss3/classifier" { &shape[..2] } else { &shape[..] };
            for (part, shape) in [("weight", shape), ("bias", &shape[..1])] {
                let name = format!("{layer}.{part}");
                let tensor = make(&name, shape);
                tensors.insert(name, tensor);
            }
        }
        Self { tensors, metadata: HashMap::from([("architecture".into(), "bvlc_googlenet".into())]) }
    }

    /// A whole file of zeros.
    pub fn zeros(classes: Option<usize>) -> Self {
        Self::new(classes, |_, shape| Tensor::zeros(shape))
    }

    /// The first convolution and the bias of three classes. What is wrong with these is found before it is
    /// missed that there is no more, so that a file to spoil need not be large.
    fn beginning() -> Self {
        let mut file =
            Self { tensors: BTreeMap::new(), metadata: HashMap::from([("labels".into(), "a\nb\nc".into())]) };
        for (name, shape) in [
            ("conv1/7x7_s2.weight", &[64, 3, 7, 7][..]),
            ("conv1/7x7_s2.bias", &[64]),
            ("loss3/classifier.weight", &[3, 1024]),
            ("loss3/classifier.bias", &[3]),
        ] {
            file.put(name, Tensor::zeros(shape));
        }
        file
    }

    pub fn put(&mut self, name: &str, tensor: Tensor) {
        self.tensors.insert(name.to_owned(), tensor);
    }

    pub fn take(&mut self, name: &str) {
        self.tensors.remove(name).expect("a tensor of the file");
    }

    pub fn bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
            (name, view.expect("a tensor has the bytes of its shape"))
        });
        serialize(views, Some(self.metadata.clone())).expect("a file in memory")
    }
}

/// Files that must be refused: a name, the bytes, and words of the reason.
pub fn hostile_weights() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let spoilt = |spoil: &dyn Fn(&mut WeightsFile)| {
        let mut file = WeightsFile::beginning();
        spoil(&mut file);
        file.bytes()
    };
    let whole = spoilt(&|_| ());
    let tensor = |file: &mut WeightsFile, name: &str, change: &dyn Fn(&mut Tensor)| {
        change(file.tensors.get_mut(name).expect("a tensor of the file"));
    };
    let mut huge = whole.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut longer = whole.clone();
    longer.push(0);
    let not_safetensors = "not a complete safetensors file";
    vec![
        ("empty", Vec::new(), not_safetensors),
        ("cut", whole[..whole.len() - 1].to_vec(), not_safetensors),
        ("cut in the header", whole[..100].to_vec(), not_safetensors),
        ("longer than it says", longer, not_safetensors),
        ("a huge header", huge, not_safetensors),
        ("no JSON", with_header("a picture, perhaps", 0), not_safetensors),
        ("bare JSON", with_header("[1, 2, 3]", 0), not_safetensors),
        ("deep JSON", with_header(&"[".repeat(100_000), 0), not_safetensors),
        ("overlapping tensors", with_header(OVERLAPPING, 8), not_safetensors),
        ("a size that overflows", with_header(OVERFLOWING, 8), not_safetensors),
        ("nothing in it", with_header("{}", 0), "tensor 'conv1/7x7_s2.weight' [64, 3, 7, 7] is missing"),
        ("half a network", whole, "tensor 'conv2/3x3_reduce.weight' [64, 64, 1, 1] is missing"),
        (
            "no bias",
            spoilt(&|file| file.take("conv1/7x7_s2.bias")),
            "tensor 'conv1/7x7_s2.bias' [64] is missing",
        ),
        (
            "turned shape",
            spoilt(&|file| {
                tensor(file, "conv1/7x7_s2.weight", &|tensor| tensor.shape = vec![7, 7, 3, 64]);
            }),
            "has shape [7, 7, 3, 64], expected [64, 3, 7, 7]",
        ),
        (
            "whole numbers",
            spoilt(&|file| tensor(file, "conv1/7x7_s2.bias", &|tensor| tensor.dtype = Dtype::I16)),
            "is I16, expected F32, F16 or BF16",
        ),
        (
            "not a number",
            spoilt(&|file| {
                let mut values = [0.0; 64];
                values[7] = f32::NAN;
                file.put("conv1/7x7_s2.bias", Tensor::f32(&[64], &values));
            }),
            "holds NaN at position 7",
        ),
        (
            "infinite",
            spoilt(&|file| {
                // Infinity in half precision.
                tensor(file, "conv1/7x7_s2.bias", &|tensor| tensor.bytes[..2].copy_from_slice(&[0x00, 0x7C]));
            }),
            "holds inf at position 0",
        ),
        (
            "another architecture",
            spoilt(&|file| drop(file.metadata.insert("architecture".into(), "resnet\n50".into()))),
            "architecture is 'resnet",
        ),
        (
            "other colours",
            spoilt(&|file| drop(file.metadata.insert("input".into(), "RGB".into()))),
            "'input' is 'RGB'; accepted: 'BGR'",
        ),
        (
            "two thirds of a mean",
            spoilt(&|file| drop(file.metadata.insert("mean_bgr".into(), "104,117".into()))),
            "'mean_bgr' is '104,117', expected three numbers",
        ),
        (
            "a mean beyond white",
            spoilt(&|file| drop(file.metadata.insert("mean_bgr".into(), "104,117,256".into()))),
            "'mean_bgr' is '104,117,256', expected three numbers",
        ),
        (
            "too few labels",
            spoilt(&|file| drop(file.metadata.insert("labels".into(), "a\nb".into()))),
            "names 2 classes, and the classifier has 3",
        ),
        (
            "labels without a classifier",
            spoilt(&|file| {
                file.take("loss3/classifier.weight");
                file.take("loss3/classifier.bias");
            }),
            "names 3 classes, and the classifier has 0",
        ),
        (
            "classifier without bias",
            spoilt(&|file| file.take("loss3/classifier.bias")),
            "'loss3/classifier.bias' is missing",
        ),
        (
            "classifier without weight",
            spoilt(&|file| file.take("loss3/classifier.weight")),
            "'loss3/classifier.weight' is missing",
        ),
        (
            "no class",
            spoilt(&|file| file.put("loss3/classifier.bias", Tensor::zeros(&[0]))),
            "has shape [0], expected [classes]",
        ),
        (
            "square classes",
            spoilt(&|file| file.put("loss3/classifier.bias", Tensor::zeros(&[3, 1]))),
            "has shape [3, 1], expected [classes]",
        ),
    ]
}

const OVERLAPPING: &str = r#"{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},
    "b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}}"#;
const OVERFLOWING: &str = r#"{"a":{"dtype":"F16","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}}"#;

/// A file with this header and some bytes of data.
fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}
