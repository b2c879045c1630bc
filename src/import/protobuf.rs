//! Protocol buffers, as far as weights are written in them: a message is a walk over borrowed bytes.
//!
//! Our own, because the crates build a value for every message and of every field: a hostile file of empty
//! messages makes them take fifty times its size. A walk takes nothing at all.

use std::fmt;

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

/// The bytes are no message, or end within one.
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

/// The fields of a message, number and value, in the order of the file.
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
            // Groups are older than every format that is read here.
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

/// Seven bits a byte, lowest first, ten bytes at most.
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

/// A string.
pub(super) fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "it is damaged: a name is not text".to_owned())
}

/// Appends integers, packed or one at a time. No more than `most` in all.
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

/// Appends floats, packed or one at a time.
pub(super) fn push_floats(list: &mut Vec<f32>, value: Value<'_>) -> Result<(), Broken> {
    match value {
        Value::Four(bytes) => list.push(f32::from_le_bytes(bytes)),
        Value::Bytes(packed) => list.extend(f32s(packed)?),
        _ => return Err(Broken),
    }
    Ok(())
}

/// Appends doubles, rounded.
pub(super) fn push_doubles(list: &mut Vec<f32>, value: Value<'_>) -> Result<(), Broken> {
    match value {
        Value::Eight(bytes) => list.push(f64::from_le_bytes(bytes) as f32),
        Value::Bytes(packed) => list.extend(f64s(packed)?),
        _ => return Err(Broken),
    }
    Ok(())
}

/// Appends half floats that are stored as integers, packed or one at a time.
pub(super) fn push_halves(
    list: &mut Vec<f32>,
    value: Value<'_>,
    decode: fn(u16) -> f32,
) -> Result<(), Broken> {
    let number = |bits: u64| u16::try_from(bits).map(decode).map_err(|_| Broken);
    match value {
        Value::Varint(bits) => list.push(number(bits)?),
        Value::Bytes(mut packed) => {
            while !packed.is_empty() {
                list.push(number(varint(&mut packed)?)?);
            }
        }
        _ => return Err(Broken),
    }
    Ok(())
}

/// Little-endian floats, one after the other.
pub(super) fn f32s(bytes: &[u8]) -> Result<Vec<f32>, Broken> {
    numbers(bytes, f32::from_le_bytes)
}

/// Little-endian doubles, rounded.
pub(super) fn f64s(bytes: &[u8]) -> Result<Vec<f32>, Broken> {
    numbers(bytes, |bytes| f64::from_le_bytes(bytes) as f32)
}

/// Little-endian half floats.
pub(super) fn halves(bytes: &[u8], decode: fn(u16) -> f32) -> Result<Vec<f32>, Broken> {
    numbers(bytes, |bytes| decode(u16::from_le_bytes(bytes)))
}

fn numbers<const N: usize>(bytes: &[u8], decode: impl Fn([u8; N]) -> f32) -> Result<Vec<f32>, Broken> {
    let (numbers, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(Broken);
    }
    Ok(numbers.iter().map(|&bytes| decode(bytes)).collect())
}

/// IEEE half precision.
pub(super) fn f16(bits: u16) -> f32 {
    half::f16::from_bits(bits).to_f32()
}

/// The upper half of an f32.
pub(super) fn bf16(bits: u16) -> f32 {
    half::bf16::from_bits(bits).to_f32()
}

/// How many numbers a shape holds. More axes than any filter has, or a product beyond counting, are errors.
pub(super) fn count(name: &str, shape: &[u64]) -> Result<(Vec<usize>, usize), String> {
    let too_large = || format!("tensor {} has shape {shape:?}, which is beyond counting", quoted(name));
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
