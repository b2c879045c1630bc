//! The pickle machine: its stack, its memo, and the instructions that put texts, numbers and collections there.

use std::collections::HashMap;

use super::{NEWEST_PROTOCOL, Object, Value};

/// The state of a running pickle: the rest of its bytes, and what it has made so far.
#[derive(Debug, Default)]
pub(super) struct Machine<'a> {
    pub(super) rest: &'a [u8],
    /// How many more steps it may take.
    steps: usize,
    stack: Vec<Value<'a>>,
    /// The height of the stack at each mark that is still open.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    pub(super) objects: Vec<Object<'a>>,
}

pub(super) type Done = Result<(), String>;

impl<'a> Machine<'a> {
    /// The machine before the first instruction, limited to this many steps.
    pub(super) fn new(rest: &'a [u8], steps: usize) -> Self {
        Self { rest, steps, ..Self::default() }
    }

    /// Runs one instruction. Returns the value of the whole pickle if it was the last.
    pub(super) fn step(&mut self) -> Result<Option<Value<'a>>, String> {
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
            // Instructions at which Python would import and call things.
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

    pub(super) fn pay(&mut self, steps: usize) -> Done {
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

    /// Reads an unsigned number of this many bytes.
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

    pub(super) fn push(&mut self, value: Value<'a>) {
        self.stack.push(value);
    }

    fn push_int(&mut self, number: usize) -> Done {
        self.push(Value::Int(i64::try_from(number).map_err(|_| damaged())?));
        Ok(())
    }

    pub(super) fn push_object(&mut self, object: Object<'a>) {
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

    /// How far down the stack an instruction may reach: to the last open mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn pop_last(&mut self, count: usize) -> Result<Vec<Value<'a>>, String> {
        let start = self.stack.len().checked_sub(count).filter(|&start| start >= self.floor());
        Ok(self.stack.split_off(start.ok_or_else(damaged)?))
    }

    pub(super) fn pop(&mut self) -> Result<Value<'a>, String> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    pub(super) fn top(&self) -> Result<Value<'a>, String> {
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

    pub(super) fn object(&self, value: Value) -> Option<&Object<'a>> {
        match value {
            Value::Object(index) => self.objects.get(index),
            _ => None,
        }
    }

    pub(super) fn top_object(&mut self) -> Result<&mut Object<'a>, String> {
        match self.top()? {
            Value::Object(index) => self.objects.get_mut(index).ok_or_else(damaged),
            _ => Err(damaged()),
        }
    }

    pub(super) fn list(&self, value: Value) -> Result<&[Value<'a>], String> {
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

    pub(super) fn line(&mut self) -> Result<&'a str, String> {
        let length = self.rest.iter().position(|&byte| byte == b'\n').ok_or("its pickle is cut short")?;
        let line = self.take(length)?;
        self.skip(1)?;
        std::str::from_utf8(line).map_err(|_| damaged())
    }
}

fn sign_extended(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut padded = [if negative { 0xff } else { 0 }; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    i64::from_le_bytes(padded)
}

pub(super) fn damaged() -> String {
    "its pickle is damaged, or not one of a state_dict".to_owned()
}
