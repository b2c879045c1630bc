//! Makes tensors from a pickle: finds the dictionary that is the `state_dict`, and reads every storage once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::globals::Kind;
use super::pickle::{Object, Pickle, Storage, Tensor as View, Value};
use crate::import::allowance::Allowance;
use crate::import::floats::{ByteOrder, Float};
use crate::import::quote::quoted;
use crate::import::{Format, Raw, Tensor, push_tensor};

/// How many levels of dictionaries are searched: training scripts wrap the `state_dict` in others.
const DEEPEST_WRAPPER: usize = 4;
const REMEDY: &str = "in PyTorch, torch.save(model.state_dict(), FILE) writes one";

/// The float tensors of a `state_dict`, in its order.
pub(super) struct Tensors<'a> {
    named: Vec<(&'a str, Float, &'a View<'a>)>,
}

impl<'a> Tensors<'a> {
    /// Finds the tensors, and checks that there is memory for all.
    pub(super) fn of(pickle: &'a Pickle<'a>, file: usize) -> Result<Self, String> {
        let items = state_dict(pickle).ok_or_else(|| refusal(pickle))?;
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

    /// Reads their numbers. `memory` finds a storage, and is called once for each.
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

/// The dictionary that holds the most tensors by name; the first of several with as many. It is the outermost one
/// or is nested in it, beside an optimiser, the number of epochs and whatever else a training script saves.
fn state_dict<'a>(pickle: &'a Pickle<'a>) -> Option<&'a [(Value<'a>, Value<'a>)]> {
    let (mut best, mut most) = (None, 0);
    let mut seen = HashSet::new();
    let mut level = vec![pickle.root];
    for _ in 0..DEEPEST_WRAPPER {
        let mut below = Vec::new();
        for value in level {
            let Some(Object::Dictionary(items)) = pickle.object(value) else { continue };
            let Value::Object(index) = value else { continue };
            // A dictionary may be contained in many others, and in itself.
            if !seen.insert(index) {
                continue;
            }
            let named = || items.iter().filter(|(key, _)| matches!(key, Value::Text(_)));
            let tensors = named().filter(|&&(_, value)| is_tensor(pickle, value)).count();
            if tensors > most {
                (best, most) = (Some(&items[..]), tensors);
            }
            below.extend(named().map(|&(_, value)| value));
        }
        level = below;
    }
    best
}

fn is_tensor(pickle: &Pickle, value: Value) -> bool {
    matches!(pickle.object(value), Some(Object::Tensor(_)))
}

/// The error for a file without tensors, which says what it holds instead.
fn refusal(pickle: &Pickle) -> String {
    asks_to_run(pickle).unwrap_or_else(|| {
        format!("it holds no state_dict, which is a dictionary of names and tensors: {REMEDY}")
    })
}

/// The error that names the first thing that the file asks to run, if there is any.
pub(super) fn asks_to_run(pickle: &Pickle) -> Option<String> {
    let (module, name) = pickle.first_foreign()?;
    let name = quoted(&format!("{module}.{name}"));
    Some(format!("the file asks to run {name}; it was not run. Only a state_dict is read: {REMEDY}"))
}
