//! GoogLeNets in foreign formats: what the formats' own libraries wrote is read as it is, and whole networks
//! come back bit by bit.

mod whole;

use puppyslug::import::{Format, Raw, Tensor, import, read};
use testkit::Random;

/// A file that `make.py` wrote.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("the fixture is there")
}

const PROTOBUFS: [&str; 9] = [
    "v1.caffemodel",
    "v1_unpacked.caffemodel",
    "v2.caffemodel",
    "v2_double.caffemodel",
    "raw.onnx",
    "lists.onnx",
    "external.onnx",
    "quantised.onnx",
    "tiny.pb",
];

/// The numbers of `make.py`.
fn numbers(name: &str, shape: &[usize]) -> Tensor {
    let data = (0..shape.iter().product()).map(|index: usize| index as f32 / 8.0 - 1.0).collect();
    Tensor { name: name.to_owned(), shape: shape.to_vec(), data }
}

fn raw(format: Format, tensors: Vec<Tensor>) -> Raw {
    Raw { format, tensors, metadata: Vec::new() }
}

#[test]
fn caffe_is_read_as_written() {
    let weight = numbers("conv/a.weight", &[2, 3, 1, 2]);
    let old = raw(Format::Caffe, vec![weight.clone(), numbers("conv/a.bias", &[1, 1, 1, 2])]);
    let new = raw(Format::Caffe, vec![weight, numbers("conv/a.bias", &[2])]);
    assert_eq!(read(&fixture("v1.caffemodel")), Ok(old.clone()));
    assert_eq!(read(&fixture("v1_unpacked.caffemodel")), Ok(old));
    assert_eq!(read(&fixture("v2.caffemodel")), Ok(new.clone()));
    assert_eq!(read(&fixture("v2_double.caffemodel")), Ok(new));
}

#[test]
fn onnx_is_read_as_written() {
    let tensors = ["f32", "f16", "bf16", "f64"].map(|name| numbers(name, &[2, 3, 1, 2])).to_vec();
    assert_eq!(read(&fixture("raw.onnx")), Ok(raw(Format::Onnx, tensors.clone())));
    assert_eq!(read(&fixture("lists.onnx")), Ok(raw(Format::Onnx, tensors)));
}

#[test]
fn onnx_that_lies_elsewhere_or_is_rounded_is_refused() {
    let refusal = |name| read(&fixture(name)).expect_err("refused");
    assert!(refusal("external.onnx").contains("'conv/a_w_0' lies in another file"));
    assert!(refusal("quantised.onnx").contains("quantised model ('QLinearConv')"));
}

#[test]
fn tensorflow_is_read_as_written() {
    let names = ["content", "values", "halves", "half_content"];
    let mut tensors: Vec<Tensor> = names.iter().map(|name| numbers(name, &[2, 3, 1, 2])).collect();
    let repeated = vec![0.5, 0.25, 0.25, 0.25];
    tensors.push(Tensor { name: "repeated".to_owned(), shape: vec![4], data: repeated });
    assert_eq!(read(&fixture("tiny.pb")), Ok(raw(Format::TensorFlow, tensors)));
}

/// A cut file may still be a whole message of fewer tensors; it never says anything else than the whole one.
#[test]
fn cut_files_bring_nothing_down() {
    for name in PROTOBUFS {
        let whole = fixture(name);
        let tensors = read(&whole).map_or_else(|_| Vec::new(), |raw| raw.tensors);
        for end in 0..whole.len() {
            if let Ok(cut) = read(&whole[..end]) {
                assert!(tensors.starts_with(&cut.tensors), "{name} cut to {end}");
            }
            assert!(import(&whole[..end]).is_err());
        }
    }
}

#[test]
fn damaged_files_bring_nothing_down() {
    let mut random = Random::named("damaged files");
    for name in PROTOBUFS {
        let whole = fixture(name);
        for _ in 0..2_000 {
            let mut bytes = whole.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = random.below(256) as u8;
            }
            if let Ok(raw) = read(&bytes) {
                let cells: usize = raw.tensors.iter().map(|tensor| tensor.data.len()).sum();
                // A number takes two bytes at least, unless it is repeated.
                assert!(cells <= 2 * bytes.len(), "{name}: {cells} numbers from {} bytes", bytes.len());
            }
            assert!(import(&bytes).is_err());
        }
    }
}
