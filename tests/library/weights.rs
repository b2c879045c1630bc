//! Weights files: what is read is what was written, and nothing hostile gets through.

use puppyslug::net::{Variant, Weights, WeightsError};
use safetensors::tensor::Dtype;
use testkit::{Random, Tensor, WeightsFile, hostile_weights};

fn read(bytes: &[u8]) -> Result<Weights, WeightsError> {
    Weights::from_bytes("under test", bytes)
}

#[test]
fn the_embedded_network_is_whole() {
    let weights = Weights::embedded();
    assert_eq!(weights.classes(), Some(1000));
    assert_eq!(weights.labels().len(), 1000);
    assert_eq!(weights.labels()[..3], ["monkey face", "monkey", "gorilla"]);
    assert!(weights.network().find(weights.favourite_layer()).is_ok());
}

/// Few enough digits for every float type.
fn value(index: usize) -> f32 {
    (index % 255) as f32 / 64.0 - 2.0
}

fn encode(dtype: Dtype, value: f32) -> Vec<u8> {
    match dtype {
        Dtype::F16 => half::f16::from_f32(value).to_le_bytes().to_vec(),
        Dtype::BF16 => half::bf16::from_f32(value).to_le_bytes().to_vec(),
        _ => value.to_le_bytes().to_vec(),
    }
}

#[test]
fn every_float_type_is_read_as_written() {
    for dtype in [Dtype::F32, Dtype::F16, Dtype::BF16] {
        let file = WeightsFile::new(Some(5), |_, shape| Tensor {
            dtype,
            shape: shape.to_vec(),
            bytes: (0..shape.iter().product()).flat_map(|index| encode(dtype, value(index))).collect(),
        });
        let weights = read(&file.bytes()).expect("a good file");
        assert_eq!(weights.classes(), Some(5));
        let network = weights.network();
        for id in network.ids().filter(|&id| network.filter_shape(id).is_some()) {
            let filter = weights.filter(id);
            for values in [&filter.weight, &filter.bias] {
                let right = values.iter().enumerate().all(|(index, &found)| found == value(index));
                assert!(right, "{dtype:?} {}", network[id].name);
            }
        }
    }
}

#[test]
fn the_classifier_and_the_metadata_may_be_left_out() {
    let mut file = WeightsFile::zeros(None);
    file.metadata.clear();
    let weights = read(&file.bytes()).expect("a good file");
    assert_eq!(weights.classes(), None);
    assert!(weights.labels().is_empty());
}

#[test]
fn the_mean_is_the_files_or_else_the_variants() {
    let mut file = WeightsFile::zeros(None);
    assert_eq!(read(&file.bytes()).expect("a good file").mean(), Variant::Bvlc.mean());
    file.metadata.insert("mean_bgr".into(), "105.417, 113.753,116.047".into());
    for input in ["BGR", "BGR, 0..255 minus mean"] {
        file.metadata.insert("input".into(), input.into());
        assert_eq!(read(&file.bytes()).expect("a good file").mean(), [105.417, 113.753, 116.047]);
    }
}

/// What is called by one variant's name must have that variant's shapes.
#[test]
fn a_file_is_the_variant_that_it_says() {
    let mut file = WeightsFile::zeros(None);
    file.metadata.insert("architecture".into(), "inception5h".into());
    let message = read(&file.bytes()).expect_err("BVLC's widths").to_string();
    assert!(message.contains("'inception_4a/3x3.weight' has shape [208, 96, 3, 3]"), "{message}");
}

#[test]
fn tensors_of_no_use_do_no_harm() {
    let mut file = WeightsFile::zeros(Some(2));
    file.put("optimizer.step", Tensor { dtype: Dtype::I64, shape: vec![], bytes: vec![0; 8] });
    // One that moves all others off their alignment.
    file.put("a", Tensor { dtype: Dtype::U8, shape: vec![3], bytes: vec![0; 3] });
    assert!(read(&file.bytes()).is_ok());
}

#[test]
fn what_is_wrong_is_said() {
    for (name, bytes, words) in hostile_weights() {
        let message = read(&bytes).expect_err(name).to_string();
        assert!(message.starts_with("weights under test cannot be used: "), "{name}: {message}");
        assert!(message.contains(words), "{name}: no {words:?} in: {message}");
    }
}

#[test]
fn cut_files_are_refused_wherever_they_end() {
    let bytes = WeightsFile::zeros(None).bytes();
    let ends = (0..200).chain((200..bytes.len()).step_by(1000));
    for end in ends {
        assert!(read(&bytes[..end]).is_err(), "{end} of {} bytes", bytes.len());
    }
}

/// A header with one to three bits flipped is refused or means the same; it never brings the program down.
#[test]
fn flipped_bits_in_the_header_do_no_harm() {
    let mut file = WeightsFile::zeros(None);
    file.metadata.insert("source".into(), "somewhere".into());
    // One of the last to be looked for: everything before it is read, and a file is not read for long.
    file.take("inception_5b/pool_proj.bias");
    let whole = file.bytes();
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().expect("eight bytes")) as usize;
    let mut random = Random::named("flipped bits");
    let mut bytes = whole.clone();
    for _ in 0..3000 {
        for _ in 0..=random.below(3) {
            bytes[random.below(header)] ^= 1 << random.below(8);
        }
        assert!(read(&bytes).is_err());
        bytes[..header].copy_from_slice(&whole[..header]);
    }
}
