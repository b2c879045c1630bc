//! From what a pickle says to tensors: which of its dictionaries is the `state_dict`, and every storage once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::globals::Kind;
use super::pickle::{Object, Pickle, Storage, Tensor as View, Value};
use crate::import::allowance::Allowance;
use crate::import::floats::{ByteOrder, Float};
use crate::import::quote::quoted;
use crate::import::{Format, Raw, Tensor, push_tensor};

/// Where training scripts keep it, beside the optimiser and the number of epochs.
const WRAPPERS: [&str; 3] = ["state_dict", "model_state_dict", "model"];
const DEEPEST_WRAPPER: usize = 4;

/// The float tensors of a `state_dict`, in its order.
pub(super) struct Tensors<'a> {
    named: Vec<(&'a str, Float, &'a View<'a>)>,
}

impl<'a> Tensors<'a> {
    /// Finds them and makes sure that there is room for all.
    pub(super) fn of(pickle: &'a Pickle<'a>, file: usize) -> Result<Self, String> {
        let items = state_dict(pickle).ok_or(
            "it holds no state_dict: only a dictionary of names and tensors is read, as \
             torch.save(model.state_dict(), FILE) writes it",
        )?;
        let mut allowance = Allowance::of_file(file);
        let mut named = Vec::new();
        for &(key, value) in items {
            let (Value::Text(name), Some(Object::Tensor(view))) = (key, pickle.object(value)) else {
                continue;
            };
            let Kind::Float(float) = view.storage.kind else { continue };
            allowance.take_tensor(name, view.strided.count().unwrap_or(usize::MAX))?;
            named.push((name, float, view));
        }
        Ok(Self { named })
    }

    /// Reads their numbers; `memory` finds a storage, and is asked once for each.
    pub(super) fn read(
        self,
        order: ByteOrder,
        mut memory: impl FnMut(Storage) -> Result<Cow<'a, [u8]>, String>,
    ) -> Result<Raw, String> {
        let mut by_storage: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, (_, _, view)) in self.named.iter().enumerate() {
            by_storage.entry(view.storage.key).or_default().push(index);
        }
        let mut tensors = Vec::new();
        for (name, _, view) in &self.named {
            push_tensor(&mut tensors, empty(name, view))?;
        }
        for indices in by_storage.into_values() {
            let memory = memory(self.named[indices[0]].2.storage)?;
            for index in indices {
                let (name, float, view) = self.named[index];
                let in_tensor = |reason| format!("tensor {}: {reason}", quoted(name));
                tensors[index].data = view.strided.gather(float, order, &memory).map_err(in_tensor)?;
            }
        }
        Ok(Raw { format: Format::Torch, tensors, metadata: Vec::new() })
    }
}

fn empty(name: &str, view: &View) -> Tensor {
    Tensor { name: name.to_owned(), shape: view.strided.shape.clone(), data: Vec::new() }
}

/// The dictionary that holds tensors: the outermost, or one in it under a usual name.
fn state_dict<'a>(pickle: &'a Pickle<'a>) -> Option<&'a [(Value<'a>, Value<'a>)]> {
    let mut value = pickle.root;
    for _ in 0..DEEPEST_WRAPPER {
        let Some(Object::Dictionary(items)) = pickle.object(value) else { return None };
        if items.iter().any(|&(_, value)| matches!(pickle.object(value), Some(Object::Tensor(_)))) {
            return Some(items);
        }
        let wrapped = |name| items.iter().find(|&&(key, _)| key == Value::Text(name));
        value = WRAPPERS.into_iter().find_map(wrapped)?.1;
    }
    None
}
