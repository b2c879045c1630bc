//! Reads the stream that `torch.save` wrote before version 1.6: pickles, then the storages, always little-endian.

use std::borrow::Cow;
use std::collections::HashMap;

use super::pickle::{Object, Pickle, Value};
use super::state::{Tensors, asks_to_run};
use crate::import::Raw;
use crate::import::floats::ByteOrder;
use crate::import::quote::quoted;

/// The magic number 0x1950a86a20f9469cfc6c, as stored in a pickle.
const MAGIC: Value = Value::Long(b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
const VERSION: Value = Value::Int(1001);
const CUT_SHORT: &str = "the file ends before its last storage does";

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let mut rest = bytes;
    let mut next = || {
        let pickle = Pickle::read(rest, bytes.len())?;
        rest = &rest[pickle.length..];
        Ok::<_, String>(pickle)
    };
    let first = next()?;
    if first.root != MAGIC {
        let other = || "it is a pickle, but not one by torch.save; accepted: a state_dict".to_owned();
        return Err(asks_to_run(&first).unwrap_or_else(other));
    }
    if next()?.root != VERSION {
        return Err("it comes from an unknown version of torch.save: save it again with today's".to_owned());
    }
    let _about_the_computer = next()?;
    let state = next()?;
    let keys = next()?;
    let storages = storages(&state, &keys, rest)?;
    Tensors::of(&state, bytes.len())?.read(ByteOrder::Little, |storage| {
        let memory = storages.get(storage.key).copied().map(Cow::Borrowed);
        memory.ok_or_else(|| format!("storage {} is missing", quoted(storage.key)))
    })
}

/// The bytes of each storage by its key: they are stored in the order of the list of keys.
fn storages<'a>(
    state: &Pickle<'a>,
    keys: &Pickle<'a>,
    mut rest: &'a [u8],
) -> Result<HashMap<&'a str, &'a [u8]>, String> {
    let widths: HashMap<&str, usize> =
        state.storages().map(|storage| (storage.key, storage.kind.width())).collect();
    let Some(Object::List(keys)) = keys.object(keys.root) else {
        return Err("its list of storages is damaged".to_owned());
    };
    let mut storages = HashMap::new();
    for &key in keys {
        let Value::Text(key) = key else { return Err("its list of storages is damaged".to_owned()) };
        let width = widths.get(key).ok_or_else(|| format!("storage {} has no type", quoted(key)))?;
        let (count, numbers) = rest.split_first_chunk().ok_or(CUT_SHORT)?;
        let length =
            usize::try_from(u64::from_le_bytes(*count)).ok().and_then(|count| count.checked_mul(*width));
        let (numbers, after) = numbers.split_at_checked(length.unwrap_or(usize::MAX)).ok_or(CUT_SHORT)?;
        storages.insert(key, numbers);
        rest = after;
    }
    Ok(storages)
}
