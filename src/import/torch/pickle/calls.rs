//! The instructions at which Python would import and call things. Here a few names have a meaning, and nothing is
//! run.

use super::machine::{Done, Machine, damaged};
use super::{Object, Storage, Tensor, Value};
use crate::import::MOST_AXES;
use crate::import::floats::Strided;
use crate::import::torch::globals::Global;

impl<'a> Machine<'a> {
    pub(super) fn global(&mut self) -> Done {
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

    pub(super) fn stack_global(&mut self) -> Done {
        match self.pop_last(2)?[..] {
            [Value::Text(module), Value::Text(name)] => {
                self.push_named(module, name);
                Ok(())
            }
            _ => Err(damaged()),
        }
    }

    /// Reads the persistent id of a storage: `('storage', type, key, device, count)`. Files before version 0.4 add
    /// a sixth element for a storage that is part of another one; only `None` is accepted there.
    pub(super) fn storage(&mut self) -> Done {
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
            // Numbers of a type that no network uses, or a class with its source code.
            [Value::Text(_), kind, ..] if self.is_foreign(kind) => {
                self.push(kind);
                return Ok(());
            }
            _ => return Err("its pickle refers to something that is not a storage of numbers".to_owned()),
        };
        self.push_object(Object::Storage(storage));
        Ok(())
    }

    pub(super) fn call(&mut self) -> Done {
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

    /// Makes an object of the class that lies on the stack below this many arguments. No class is known of which
    /// objects can be made, so only foreign ones are accepted.
    pub(super) fn make(&mut self, arguments: usize) -> Done {
        self.pop_last(arguments)?;
        if self.is_foreign(self.top()?) { Ok(()) } else { Err(damaged()) }
    }

    fn is_foreign(&self, value: Value) -> bool {
        matches!(self.object(value), Some(Object::Foreign { .. }))
    }

    /// Reads `OrderedDict([[key, value], ...])`, as Python 2 wrote it.
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

    /// Drops the attributes of an object. A `state_dict` has one, with the versions of its layers.
    pub(super) fn build(&mut self) -> Done {
        self.pop()?;
        match self.top_object()? {
            Object::Dictionary(_) | Object::Foreign { .. } => Ok(()),
            _ => Err(damaged()),
        }
    }
}
