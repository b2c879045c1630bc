//! `state_dict`s of whole networks, as `torch.save` would write them.

use crate::pickle::Pickle;
use crate::zip::zip;

/// A tensor and its storage.
#[derive(Clone)]
pub struct Stored {
    pub name: String,
    pub shape: Vec<usize>,
    /// `Float`, `Half` and so on.
    pub kind: &'static str,
    pub bytes: Vec<u8>,
}

pub fn state_dict(tensors: &[Stored]) -> Vec<u8> {
    let mut pickle = Pickle::begin().then(b"}(");
    let keys: Vec<String> = (0..tensors.len()).map(|index| format!("x/data/{index}")).collect();
    for (tensor, key) in tensors.iter().zip(&keys) {
        let shape: Vec<u64> = tensor.shape.iter().map(|&length| length as u64).collect();
        let strides: Vec<u64> = (1..=shape.len()).map(|axis| shape[axis..].iter().product()).collect();
        let key = key.trim_start_matches("x/data/");
        pickle = pickle.text(&tensor.name).stored(tensor.kind, key, shape.iter().product());
        pickle = pickle.view(0, &shape, &strides);
    }
    let pickle = pickle.then(b"u").end();
    let storages = keys.iter().zip(tensors).map(|(key, tensor)| (key.as_str(), &tensor.bytes[..]));
    zip([("x/data.pkl", &pickle[..])].into_iter().chain(storages))
}

/// Names and shapes of torchvision's own module, auxiliary heads and all.
pub fn torchvision() -> impl Iterator<Item = (&'static str, Vec<usize>)> {
    include_str!("../../fixtures/import/torchvision.txt").lines().map(|line| {
        let (name, shape) = line.split_once(' ').expect("a name and a shape");
        (name, shape.split(',').map(|length| length.parse().expect("a length")).collect())
    })
}
