//! A pickle, read as data. Python's own reader imports and calls whatever the file names; this one knows the
//! few instructions that `torch.save` writes, the few names of [`Global`], and can do nothing else. What is made by any
//! other name (the arguments of a training script, a scheduler) is a [`Object::Foreign`], whatever is done to it.
//!
//! Values refer to each other by index into one list, so nothing here recurses, however deep a file nests,
//! and no instruction copies more than it pays for out of a number of
//! steps that follows from the file's size.

use std::collections::HashMap;

use super::globals::{Global, Kind};
use crate::import::MOST_AXES;
use crate::import::floats::Strided;

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
        let steps = STEPS + file / BYTES_A_STEP;
        let mut machine = Machine { rest: bytes, steps, ..Machine::default() };
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

#[derive(Debug, Default)]
struct Machine<'a> {
    rest: &'a [u8],
    steps: usize,
    stack: Vec<Value<'a>>,
    /// How high the stack was at each mark that is still open.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    objects: Vec<Object<'a>>,
}

type Done = Result<(), String>;

impl<'a> Machine<'a> {
    /// One instruction; the value of the whole when it was the last.
    fn step(&mut self) -> Result<Option<Value<'a>>, String> {
        self.pay(1)?;
        match self.byte()? {
            b'.' => return self.pop().map(Some),
            0x80 => self.protocol()?,
            0x95 => self.skip(8)?,
            // Numbers and texts.
            b'N' | 0x88 | 0x89 => self.push(Value::Other),
            b'G' => self.skip(8).map(|()| self.push(Value::Other))?,
            b'J' => self.array().map(|bytes| self.push(Value::Int(i32::from_le_bytes(bytes).into())))?,
            b'K' => self.length(1).and_then(|number| self.push_int(number))?,
            b'M' => self.length(2).and_then(|number| self.push_int(number))?,
            0x8a => self.long(1)?,
            0x8b => self.long(4)?,
            b'X' | b'T' => self.text(4)?,
            0x8c | b'U' => self.text(1)?,
            0x8d => self.text(8)?,
            b'B' => self.opaque(4)?,
            b'C' => self.opaque(1)?,
            0x8e | 0x96 => self.opaque(8)?,
            // Collections.
            b'(' => self.marks.push(self.stack.len()),
            b'}' => self.push_object(Object::Dictionary(Vec::new())),
            b']' | b')' | 0x8f => self.push_object(Object::List(Vec::new())),
            b't' | 0x91 => self.pop_to_mark().map(|values| self.push_object(Object::List(values)))?,
            count @ 0x85..=0x87 => self.tuple(usize::from(count - 0x84))?,
            b's' => self.pop_last(2).and_then(|values| self.set_items(&values))?,
            b'u' => self.pop_to_mark().and_then(|values| self.set_items(&values))?,
            b'a' => self.pop_last(1).and_then(|values| self.append(values))?,
            b'e' | 0x90 => self.pop_to_mark().and_then(|values| self.append(values))?,
            // The stack and the memo.
            b'0' => self.pop().map(|_| ())?,
            b'1' => self.pop_to_mark().map(|_| ())?,
            b'2' => self.top().map(|value| self.push(value))?,
            b'q' => self.length(1).and_then(|index| self.put(index))?,
            b'r' => self.length(4).and_then(|index| self.put(index))?,
            0x94 => self.put(self.memo.len())?,
            b'h' => self.length(1).and_then(|index| self.get(index))?,
            b'j' => self.length(4).and_then(|index| self.get(index))?,
            // What Python would import and call.
            b'c' => self.global()?,
            0x93 => self.stack_global()?,
            b'i' => self.pop_to_mark().and_then(|_| self.global()).and_then(|()| self.make(0))?,
            b'Q' => self.storage()?,
            b'R' => self.call()?,
            0x81 => self.make(1)?,
            0x92 => self.make(2)?,
            b'b' => self.build()?,
            other => {
                return Err(format!(
                    "its pickle has the instruction 0x{other:02x}, which torch.save does not write for a state_dict; \
                     it was not run"
                ));
            }
        }
        Ok(None)
    }

    fn pay(&mut self, steps: usize) -> Done {
        let left = self.steps.checked_sub(steps);
        self.steps = left.ok_or("its pickle is far longer than the tensors in the file need")?;
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or("its pickle is cut short")?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], String> {
        let bytes = self.take(LENGTH)?;
        bytes.try_into().map_err(|_| damaged())
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.array().map(|[byte]| byte)
    }

    fn skip(&mut self, length: usize) -> Done {
        self.take(length).map(|_| ())
    }

    /// An unsigned number of this many bytes.
    fn length(&mut self, width: usize) -> Result<usize, String> {
        let mut padded = [0; 8];
        padded[..width].copy_from_slice(self.take(width)?);
        usize::try_from(u64::from_le_bytes(padded)).map_err(|_| damaged())
    }

    fn protocol(&mut self) -> Done {
        match self.byte()? {
            2..=NEWEST_PROTOCOL => Ok(()),
            other => Err(format!("its pickle has protocol {other}; accepted: 2 to {NEWEST_PROTOCOL}")),
        }
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(value);
    }

    fn push_int(&mut self, number: usize) -> Done {
        self.push(Value::Int(i64::try_from(number).map_err(|_| damaged())?));
        Ok(())
    }

    fn push_object(&mut self, object: Object<'a>) {
        self.push(Value::Object(self.objects.len()));
        self.objects.push(object);
    }

    fn long(&mut self, width: usize) -> Done {
        let length = self.length(width)?;
        let bytes = self.take(length)?;
        let value = if length > 8 { Value::Long(bytes) } else { Value::Int(sign_extended(bytes)) };
        self.push(value);
        Ok(())
    }

    fn text(&mut self, width: usize) -> Done {
        let length = self.length(width)?;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| damaged())?;
        self.push(Value::Text(text));
        Ok(())
    }

    fn opaque(&mut self, width: usize) -> Done {
        let length = self.length(width)?;
        self.skip(length)?;
        self.push(Value::Other);
        Ok(())
    }

    /// How far down an instruction may reach.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop_last(&mut self, count: usize) -> Result<Vec<Value<'a>>, String> {
        let start = self.stack.len().checked_sub(count).filter(|&start| start >= self.floor());
        Ok(self.stack.split_off(start.ok_or_else(damaged)?))
    }

    fn pop(&mut self) -> Result<Value<'a>, String> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    fn top(&self) -> Result<Value<'a>, String> {
        self.stack[self.floor()..].last().copied().ok_or_else(damaged)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>, String> {
        let mark = self.marks.pop().ok_or_else(damaged)?;
        Ok(self.stack.split_off(mark))
    }

    fn tuple(&mut self, count: usize) -> Done {
        let values = self.pop_last(count)?;
        self.push_object(Object::List(values));
        Ok(())
    }

    fn put(&mut self, index: usize) -> Done {
        let index = u32::try_from(index).map_err(|_| damaged())?;
        self.memo.insert(index, self.top()?);
        Ok(())
    }

    fn get(&mut self, index: usize) -> Done {
        let value = u32::try_from(index).ok().and_then(|index| self.memo.get(&index).copied());
        self.push(value.ok_or_else(damaged)?);
        Ok(())
    }

    fn object(&self, value: Value) -> Option<&Object<'a>> {
        match value {
            Value::Object(index) => self.objects.get(index),
            _ => None,
        }
    }

    fn top_object(&mut self) -> Result<&mut Object<'a>, String> {
        match self.top()? {
            Value::Object(index) => self.objects.get_mut(index).ok_or_else(damaged),
            _ => Err(damaged()),
        }
    }

    fn list(&self, value: Value) -> Result<&[Value<'a>], String> {
        match self.object(value) {
            Some(Object::List(values)) => Ok(values),
            _ => Err(damaged()),
        }
    }

    fn set_items(&mut self, values: &[Value<'a>]) -> Done {
        let (pairs, rest) = values.as_chunks();
        match self.top_object()? {
            Object::Dictionary(items) if rest.is_empty() => {
                items.extend(pairs.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            Object::Foreign { .. } => Ok(()),
            _ => Err(damaged()),
        }
    }

    fn append(&mut self, values: Vec<Value<'a>>) -> Done {
        match self.top_object()? {
            Object::List(items) => {
                items.extend(values);
                Ok(())
            }
            Object::Foreign { .. } => Ok(()),
            _ => Err(damaged()),
        }
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let length = self.rest.iter().position(|&byte| byte == b'\n').ok_or("its pickle is cut short")?;
        let line = self.take(length)?;
        self.skip(1)?;
        std::str::from_utf8(line).map_err(|_| damaged())
    }

    fn global(&mut self) -> Done {
        let (module, name) = (self.line()?, self.line()?);
        self.push_named(module, name);
        Ok(())
    }

    fn push_named(&mut self, module: &'a str, name: &'a str) {
        match Global::named(module, name) {
            Some(global) => self.push(Value::Global(global)),
            None => self.push_object(Object::Foreign { module, name }),
        }
    }

    fn stack_global(&mut self) -> Done {
        match self.pop_last(2)?[..] {
            [Value::Text(module), Value::Text(name)] => {
                self.push_named(module, name);
                Ok(())
            }
            _ => Err(damaged()),
        }
    }

    /// The persistent name of a storage: `('storage', type, key, device, count)`, and where it is a part of
    /// another one in files before 0.4.
    fn storage(&mut self) -> Done {
        let id = self.pop()?;
        let storage = match *self.list(id)? {
            [
                Value::Text("storage"),
                Value::Global(Global::Storage(kind)),
                Value::Text(key),
                _,
                Value::Int(count),
            ]
            | [
                Value::Text("storage"),
                Value::Global(Global::Storage(kind)),
                Value::Text(key),
                _,
                Value::Int(count),
                Value::Other,
            ] => Storage { key, kind, count: usize::try_from(count).map_err(|_| damaged())? },
            // Numbers of a type that no network is made of, or a class with its source.
            [Value::Text(_), kind, ..] if self.is_foreign(kind) => {
                self.push(kind);
                return Ok(());
            }
            _ => return Err("its pickle refers to something that is not a storage of numbers".to_owned()),
        };
        self.push_object(Object::Storage(storage));
        Ok(())
    }

    fn call(&mut self) -> Done {
        let (arguments, called) = (self.pop()?, self.pop()?);
        if self.is_foreign(called) {
            self.push(called);
            return Ok(());
        }
        match (called, self.list(arguments)?) {
            (Value::Global(Global::Dictionary), []) => self.push_object(Object::Dictionary(Vec::new())),
            (Value::Global(Global::Dictionary), &[items]) => self.dictionary(items)?,
            (Value::Global(Global::Tensor), &[storage, ..]) if self.is_foreign(storage) => self.push(storage),
            (Value::Global(Global::Tensor), &[storage, Value::Int(offset), shape, strides, ..]) => {
                let tensor = self.tensor(storage, offset, shape, strides)?;
                self.push_object(Object::Tensor(tensor));
            }
            (Value::Global(Global::Parameter), &[tensor, ..]) => self.push(tensor),
            _ => return Err(damaged()),
        }
        Ok(())
    }

    /// An object of a class that lies below so many arguments: none is known of which there are objects.
    fn make(&mut self, arguments: usize) -> Done {
        self.pop_last(arguments)?;
        if self.is_foreign(self.top()?) { Ok(()) } else { Err(damaged()) }
    }

    fn is_foreign(&self, value: Value) -> bool {
        matches!(self.object(value), Some(Object::Foreign { .. }))
    }

    /// `OrderedDict([[key, value], ...])`, as Python 2 wrote it.
    fn dictionary(&mut self, items: Value<'a>) -> Done {
        let count = self.list(items)?.len();
        self.pay(count)?;
        let pair = |&item| match *self.list(item)? {
            [key, value] => Ok((key, value)),
            _ => Err(damaged()),
        };
        let items = self.list(items)?.iter().map(pair).collect::<Result<_, String>>()?;
        self.push_object(Object::Dictionary(items));
        Ok(())
    }

    fn tensor(
        &self,
        storage: Value,
        offset: i64,
        shape: Value,
        strides: Value,
    ) -> Result<Tensor<'a>, String> {
        let Some(&Object::Storage(storage)) = self.object(storage) else { return Err(damaged()) };
        let (shape, strides) = (self.lengths(shape)?, self.lengths(strides)?);
        let offset = usize::try_from(offset).map_err(|_| damaged())?;
        if shape.len() != strides.len() {
            return Err(damaged());
        }
        Ok(Tensor { storage, strided: Strided { shape, strides, offset } })
    }

    fn lengths(&self, value: Value) -> Result<Vec<usize>, String> {
        let values = self.list(value)?;
        if values.len() > MOST_AXES {
            return Err(format!("a tensor has {} axes; at most {MOST_AXES} are accepted", values.len()));
        }
        let length = |&value| match value {
            Value::Int(length) => usize::try_from(length).map_err(|_| damaged()),
            _ => Err(damaged()),
        };
        values.iter().map(length).collect()
    }

    /// Attributes. A `state_dict` has one, with versions of its layers.
    fn build(&mut self) -> Done {
        self.pop()?;
        match self.top_object()? {
            Object::Dictionary(_) | Object::Foreign { .. } => Ok(()),
            _ => Err(damaged()),
        }
    }
}

fn sign_extended(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut padded = [if negative { 0xff } else { 0 }; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    i64::from_le_bytes(padded)
}

fn damaged() -> String {
    "its pickle is damaged, or not one of a state_dict".to_owned()
}
