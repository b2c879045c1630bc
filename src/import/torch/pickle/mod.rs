//! Reads a pickle as data. Python's own reader imports and calls whatever the file names; this one knows only the
//! few instructions that `torch.save` writes and the few names of [`Global`]. Anything made with another name (the
//! arguments of a training script, a scheduler) is an [`Object::Foreign`], whatever is done to it.
//!
//! Values refer to each other by index into one list, so nothing here recurses, however deeply a file nests. The
//! number of steps is limited in proportion to the file's size, and every instruction pays in steps for what it
//! copies.

mod calls;
mod machine;

use super::globals::{Global, Kind};
use crate::import::floats::Strided;
use machine::Machine;

/// The steps that any pickle may take. A tensor takes about 40 instructions.
const STEPS: usize = 1 << 14;
/// One more step is allowed for every this many bytes of the file.
const BYTES_A_STEP: usize = 16;
const NEWEST_PROTOCOL: u8 = 5;

/// A value on the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// Anything that no tensor is made of: `None`, a float, bytes.
    Other,
    Int(i64),
    /// An integer too long for `Int`, little-endian.
    Long(&'a [u8]),
    Text(&'a str),
    Global(Global),
    /// An index into [`Pickle::objects`].
    Object(usize),
}

/// A value that has parts.
#[derive(Clone, Debug)]
pub(super) enum Object<'a> {
    /// A tuple or a list.
    List(Vec<Value<'a>>),
    Dictionary(Vec<(Value<'a>, Value<'a>)>),
    Storage(Storage<'a>),
    Tensor(Tensor<'a>),
    /// Something that the file asks to run, or its result. It was not run.
    Foreign {
        module: &'a str,
        name: &'a str,
    },
}

/// Numbers stored elsewhere in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage<'a> {
    pub(super) key: &'a str,
    pub(super) kind: Kind,
    pub(super) count: usize,
}

/// A view of a storage.
#[derive(Clone, Debug)]
pub(super) struct Tensor<'a> {
    pub(super) storage: Storage<'a>,
    pub(super) strided: Strided,
}

/// The contents of a pickle.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    /// The value of the whole pickle.
    pub(super) root: Value<'a>,
    objects: Vec<Object<'a>>,
    /// Its length in bytes.
    pub(super) length: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle at the beginning of `bytes`, in a file of `file` bytes.
    pub(super) fn read(bytes: &'a [u8], file: usize) -> Result<Self, String> {
        let mut machine = Machine::new(bytes, STEPS + file / BYTES_A_STEP);
        let root = loop {
            if let Some(root) = machine.step()? {
                break root;
            }
        };
        Ok(Self { root, length: bytes.len() - machine.rest.len(), objects: machine.objects })
    }

    /// The object to which a value refers.
    pub(super) fn object(&self, value: Value) -> Option<&Object<'a>> {
        match value {
            Value::Object(index) => self.objects.get(index),
            _ => None,
        }
    }

    /// The first foreign name, which Python would have run.
    pub(super) fn first_foreign(&self) -> Option<(&'a str, &'a str)> {
        self.objects.iter().find_map(|object| match *object {
            Object::Foreign { module, name } => Some((module, name)),
            _ => None,
        })
    }

    /// All storages that it names.
    pub(super) fn storages(&self) -> impl Iterator<Item = Storage<'a>> {
        self.objects.iter().filter_map(|object| match object {
            Object::Storage(storage) => Some(*storage),
            _ => None,
        })
    }
}

/// Whether the bytes begin as a pickle of protocol 2 or later does.
pub(super) fn is(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=NEWEST_PROTOCOL, ..])
}
