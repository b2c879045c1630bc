//! Reads protocol buffers, as far as files of weights need it: a message is an iterator over borrowed bytes.
//!
//! We have our own reader because the existing crates build a value for every message and every field: a hostile
//! file of empty messages makes them allocate fifty times its size. Iterating allocates nothing.

use std::fmt;

use super::floats::{ByteOrder, Float};
use super::quote::quoted;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Integers and enums.
    Varint(u64),
    /// Four bytes: a float.
    Four([u8; 4]),
    /// Eight bytes: a double.
    Eight([u8; 8]),
    /// A string, a message, or packed numbers.
    Bytes(&'a [u8]),
}

/// The bytes are not a message, or end inside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is cut off or damaged: a field reaches beyond its end")
    }
}

impl From<Broken> for String {
    fn from(broken: Broken) -> Self {
        broken.to_string()
    }
}

/// The fields of a message, as number and value, in file order.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn next_field(&mut self) -> Result<(u64, Value<'a>), Broken> {
        let key = varint(&mut self.rest)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.rest)?),
            1 => Value::Eight(self.array()?),
            2 => {
                let length = usize::try_from(varint(&mut self.rest)?).map_err(|_| Broken)?;
                Value::Bytes(self.split(length)?)
            }
            5 => Value::Four(self.array()?),
            // Groups are an older feature than any format read here, and none of them uses it.
            _ => return Err(Broken),
        };
        Ok((key >> 3, value))
    }

    fn split(&mut self, length: usize) -> Result<&'a [u8], Broken> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Broken)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        self.split(N)?.try_into().map_err(|_| Broken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.next_field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Reads a varint: seven bits per byte, lowest first, at most ten bytes.
fn varint(rest: &mut &[u8]) -> Result<u64, Broken> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, tail) = rest.split_first().ok_or(Broken)?;
        *rest = tail;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Broken)
}

/// Decodes a string.
pub(super) fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "it is damaged: a name is not text".to_owned())
}

/// Appends integers, packed or one at a time, to at most `most` in total.
pub(super) fn push_integers(list: &mut Vec<u64>, value: Value<'_>, most: usize) -> Result<(), String> {
    let mut push = |value| {
        if list.len() == most {
            return Err(format!("it is damaged: a list of lengths has more than {most}"));
        }
        list.push(value);
        Ok(())
    };
    match value {
        Value::Varint(value) => push(value),
        Value::Bytes(mut packed) => {
            while !packed.is_empty() {
                push(varint(&mut packed)?)?;
            }
            Ok(())
        }
        _ => Err(Broken.into()),
    }
}

/// Appends numbers, packed or one at a time. Half floats are stored as integers.
pub(super) fn push_numbers(list: &mut Vec<f32>, float: Float, value: Value<'_>) -> Result<(), Broken> {
    let half = |bits: u64| {
        let bits = u16::try_from(bits).map_err(|_| Broken)?;
        Ok(float.number(ByteOrder::Little, &bits.to_le_bytes()))
    };
    match (value, float) {
        (Value::Four(bytes), Float::F32) => list.push(float.number(ByteOrder::Little, &bytes)),
        (Value::Eight(bytes), Float::F64) => list.push(float.number(ByteOrder::Little, &bytes)),
        (Value::Bytes(packed), Float::F32 | Float::F64) => list.extend(numbers(float, packed)?),
        (Value::Varint(bits), Float::F16 | Float::Bf16) => list.push(half(bits)?),
        (Value::Bytes(mut packed), Float::F16 | Float::Bf16) => {
            while !packed.is_empty() {
                list.push(half(varint(&mut packed)?)?);
            }
        }
        _ => return Err(Broken),
    }
    Ok(())
}

/// Decodes consecutive little-endian numbers.
pub(super) fn numbers(float: Float, bytes: &[u8]) -> Result<Vec<f32>, Broken> {
    match bytes.len() % float.width() {
        0 => Ok(float.decode(ByteOrder::Little, bytes)),
        _ => Err(Broken),
    }
}

/// Converts a shape, and counts its numbers. It is an error if there are more axes than any filter has, or if the
/// product overflows.
pub(super) fn count(name: &str, shape: &[u64]) -> Result<(Vec<usize>, usize), String> {
    let too_large = || format!("tensor {} has shape {shape:?}, which is too large to count", quoted(name));
    let lengths: Vec<usize> = shape
        .iter()
        .map(|&length| usize::try_from(length))
        .collect::<Result<_, _>>()
        .map_err(|_| too_large())?;
    let product = lengths.iter().try_fold(1usize, |product, &length| product.checked_mul(length));
    Ok((lengths, product.ok_or_else(too_large)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_the_end_and_endless_numbers_are_broken() {
        for bytes in [&[0x0A, 5, 1][..], &[0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]] {
            assert_eq!(Fields::of(bytes).collect::<Vec<_>>(), [Err(Broken)]);
        }
        let endless = [0x80; 12];
        assert_eq!(Fields::of(&endless).collect::<Vec<_>>(), [Err(Broken)]);
        assert_eq!(Fields::of(&[0x0B]).collect::<Vec<_>>(), [Err(Broken)]);
    }

    #[test]
    fn a_shape_that_overflows_is_refused() {
        assert!(count("x", &[1 << 32, 1 << 32]).is_err());
        assert_eq!(count("x", &[2, 3]), Ok((vec![2, 3], 6)));
    }
}
