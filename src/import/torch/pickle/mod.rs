//! A pickle, read as data. Python's own reader imports and calls whatever the file names; this one knows the
//! few instructions that `torch.save` writes, the few names of [`Global`], and can do nothing else. What is made by any
//! other name (the arguments of a training script, a scheduler) is a [`Object::Foreign`], whatever is done to it.
//!
//! Values refer to each other by index into one list, so nothing here recurses, however deep a file nests,
//! and no instruction copies more than it pays for out of a number of
//! steps that follows from the file's size.

mod calls;
mod machine;

use super::globals::{Global, Kind};
use crate::import::floats::Strided;
use machine::Machine;

/// Instructions that any pickle may have: some 40 for a tensor.
const STEPS: usize = 1 << 14;
/// And one more for so many bytes of the file.
const BYTES_A_STEP: usize = 16;
const NEWEST_PROTOCOL: u8 = 5;

/// What an instruction leaves on the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `None`, a float, bytes: what no tensor is made of.
    Other,
    Int(i64),
    /// An integer too long for `Int`, little-endian.
    Long(&'a [u8]),
    Text(&'a str),
    Global(Global),
    /// An index into [`Pickle::objects`].
    Object(usize),
}

/// What has parts.
#[derive(Clone, Debug)]
pub(super) enum Object<'a> {
    /// A tuple or a list.
    List(Vec<Value<'a>>),
    Dictionary(Vec<(Value<'a>, Value<'a>)>),
    Storage(Storage<'a>),
    Tensor(Tensor<'a>),
    /// What the file would have run, and what came of that: it was not run.
    Foreign {
        module: &'a str,
        name: &'a str,
    },
}

/// Numbers that lie elsewhere in the file.
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

/// What a pickle says.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    /// What it is as a whole.
    pub(super) root: Value<'a>,
    objects: Vec<Object<'a>>,
    /// Bytes that it takes.
    pub(super) length: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle that `bytes` begin with, in a file of `file` bytes.
    pub(super) fn read(bytes: &'a [u8], file: usize) -> Result<Self, String> {
        let mut machine = Machine::new(bytes, STEPS + file / BYTES_A_STEP);
        let root = loop {
            if let Some(root) = machine.step()? {
                break root;
            }
        };
        Ok(Self { root, length: bytes.len() - machine.rest.len(), objects: machine.objects })
    }

    /// The object that a value stands for.
    pub(super) fn object(&self, value: Value) -> Option<&Object<'a>> {
        match value {
            Value::Object(index) => self.objects.get(index),
            _ => None,
        }
    }

    /// The first name that would have been run.
    pub(super) fn first_foreign(&self) -> Option<(&'a str, &'a str)> {
        self.objects.iter().find_map(|object| match *object {
            Object::Foreign { module, name } => Some((module, name)),
            _ => None,
        })
    }

    /// Every storage that it names.
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
