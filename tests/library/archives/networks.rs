//! Whole networks as `state_dict`s: torchvision's with its batch normalisation folded as PyTorch folds it,
//! and Caffe's in the naming of those who converted it for PyTorch.

use half::f16;
use puppyslug::import::{Format, Imported, import};
use puppyslug::net::Variant;
use serde_json::Value;
use testkit::{
    state_dict::{Stored, state_dict, torchvision},
    zip::zip,
};

/// Number `at` of tensor `index`, as `make.py` makes it.
fn seeded(index: usize, name: &str, at: usize) -> f16 {
    let least = if name.ends_with("running_var") { 0.25 } else { -2.0 };
    f16::from_f32(((at * 31 + index * 17) % 255) as f32 / 64.0 + least)
}

/// In halves, to be quick.
fn stored(name: &str, shape: &[usize], index: usize) -> Stored {
    let numbers = (0..shape.iter().product()).map(|at| seeded(index, name, at));
    let bytes = numbers.flat_map(f16::to_le_bytes).collect();
    Stored { name: name.to_owned(), shape: shape.to_vec(), kind: "Half", bytes }
}

fn data<'a>(imported: &'a Imported, name: &str) -> &'a [f32] {
    let tensor = imported.tensors.iter().find(|tensor| tensor.name == name);
    &tensor.unwrap_or_else(|| panic!("{name} is missing")).data
}

/// Computed in f64 and rounded to f32: half a unit in the last place, and f64's own errors beside it.
#[track_caller]
fn near(what: &str, found: &[f32], expected: &Value) {
    let expected: Vec<f64> = expected.as_array().expect("numbers").iter().filter_map(Value::as_f64).collect();
    let side = expected.len() / 2;
    let found = found[..side].iter().chain(&found[found.len() - side..]);
    for (&found, &expected) in found.zip(&expected) {
        let error = (f64::from(found) - expected).abs();
        let most = (expected.abs() * f64::from(f32::EPSILON)).max(1e-12);
        assert!(error <= most, "{what}: {found}, expected {expected}");
    }
}

#[test]
fn torchvisions_normalisation_is_folded_as_pytorch_folds_it() {
    let tensors = torchvision().enumerate().map(|(index, (name, shape))| stored(name, &shape, index));
    let imported = import(&state_dict(&tensors.collect::<Vec<_>>())).expect("a good file");
    assert_eq!(imported.variant, Variant::Torchvision);
    let folded: Value =
        serde_json::from_str(include_str!("../../fixtures/pickles/torchvision_folded.json")).expect("JSON");
    let folded = folded.as_object().expect("an object");
    assert_eq!(folded.len(), 57);
    for (layer, expected) in folded {
        for part in ["weight", "bias"] {
            let name = format!("{layer}.{part}");
            near(&name, data(&imported, &name), &expected[part]);
        }
    }
    assert_eq!(data(&imported, "loss3/classifier.bias").len(), 1000);
}

/// MLX has a filter's input channels last, and saves with NumPy's format.
#[test]
fn mlx_keeps_the_numbers_in_another_order() {
    let tensors = torchvision().enumerate().map(|(index, (name, shape))| stored(name, &shape, index));
    let tensors: Vec<Stored> = tensors.collect();
    let arrays: Vec<(String, Vec<u8>)> = tensors.iter().map(|tensor| array(&inputs_last(tensor))).collect();
    let npz = zip(arrays.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
    let found = import(&npz).expect("a good file");
    let expected = import(&state_dict(&tensors)).expect("a good file");
    assert_eq!((found.variant, found.format), (Variant::Torchvision, Format::Npz));
    assert_eq!(found.tensors, expected.tensors);
}

fn inputs_last(tensor: &Stored) -> Stored {
    let &[o, i, h, w] = &tensor.shape[..] else { return tensor.clone() };
    let number = |at: usize| {
        let (output, tap, input) = (at / i / h / w, at / i % (h * w), at % i);
        let from = (output * i + input) * h * w + tap;
        &tensor.bytes[2 * from..2 * from + 2]
    };
    let bytes = (0..o * i * h * w).flat_map(number).copied().collect();
    Stored { shape: vec![o, h, w, i], bytes, ..tensor.clone() }
}

fn array(tensor: &Stored) -> (String, Vec<u8>) {
    let shape: Vec<String> = tensor.shape.iter().map(usize::to_string).collect();
    let header = format!("{{'descr': '<f2', 'fortran_order': False, 'shape': ({},), }}\n", shape.join(", "));
    let length = (header.len() as u16).to_le_bytes();
    let bytes = [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), &tensor.bytes].concat();
    (format!("{}.npy", tensor.name), bytes)
}

#[test]
fn caffes_networks_converted_for_pytorch_need_no_classifier() {
    let network = Variant::Bvlc.network(None);
    let mut tensors: Vec<Stored> = Vec::new();
    for id in network.ids() {
        let Some(shape) = network.filter_shape(id) else { continue };
        let stem = network[id].name.replace('/', "_");
        for (part, shape) in [("weight", &shape[..]), ("bias", &shape[..1])] {
            tensors.push(stored(&format!("{stem}.{part}"), shape, tensors.len()));
        }
    }
    // An auxiliary head, as those files have them.
    let head = stored("loss1_fc_1.bias", &[1024], tensors.len());
    let imported = import(&state_dict(&[&tensors[..], &[head]].concat())).expect("a good file");
    assert_eq!((imported.variant, imported.classes()), (Variant::Bvlc, None));
    assert_eq!(imported.tensors.len(), tensors.len());
    for (index, stored) in tensors.iter().enumerate() {
        let ours = imported.tensors.iter().find(|tensor| tensor.name.replace('/', "_") == stored.name);
        let ours = ours.unwrap_or_else(|| panic!("{} is missing", stored.name));
        assert_eq!(ours.shape, stored.shape, "{}", stored.name);
        let seeded = (0..ours.data.len()).map(|at| seeded(index, &stored.name, at).to_f32());
        assert!(ours.data.iter().copied().eq(seeded), "{}", stored.name);
    }
}
