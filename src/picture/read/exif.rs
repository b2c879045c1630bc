//! Which way up the camera was held: the one entry of Exif that affects the picture.

use image::metadata::Orientation;

const ORIENTATION: u16 = 0x0112;

/// The orientation in a block of Exif. It should be a short number; some programs write a byte or a long one.
pub(super) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let numbers = Numbers { bytes: exif, little: exif.starts_with(b"II") };
    if !matches!(exif.get(..4)?, b"II*\0" | b"MM\0*") {
        return None;
    }
    let directory = numbers.number(4, 4)? as usize;
    let entries = numbers.number(directory, 2)? as usize;
    let entry = (0..entries)
        .map(|index| directory + 2 + 12 * index)
        .find(|&entry| numbers.number(entry, 2) == Some(u32::from(ORIENTATION)))?;
    // A single value of up to four bytes stands in the entry itself.
    let size = match numbers.number(entry + 2, 2)? {
        1 => 1,
        3 => 2,
        4 => 4,
        _ => return None,
    };
    let value = numbers.number(entry + 8, size)?;
    Orientation::from_exif(u8::try_from(value).ok()?)
}

/// Numbers in the byte order of the block.
struct Numbers<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Numbers<'_> {
    fn number(&self, at: usize, size: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        let join = |number: u32, &byte: &u8| number << 8 | u32::from(byte);
        Some(if self.little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block with one other entry and an orientation of this type and value.
    fn block(little: bool, kind: u16, value: &[u8]) -> Vec<u8> {
        let short = |number: u16| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let long = |number: u32| if little { number.to_le_bytes() } else { number.to_be_bytes() };
        let mut block = if little { b"II".to_vec() } else { b"MM".to_vec() };
        block.extend([&short(42)[..], &long(8), &short(2)].concat());
        block.extend([&short(0x0100)[..], &short(4), &long(1), &long(99)].concat());
        block.extend([&short(ORIENTATION)[..], &short(kind), &long(1), value].concat());
        block.resize(8 + 2 + 24, 0);
        block
    }

    #[test]
    fn an_orientation_may_be_a_byte_a_short_or_a_long() {
        let turned = Some(Orientation::Rotate90);
        for (little, kind, value) in [
            (true, 1, &[6][..]),
            (true, 3, &[6, 0]),
            (true, 4, &[6, 0, 0, 0]),
            (false, 1, &[6]),
            (false, 3, &[0, 6]),
            (false, 4, &[0, 0, 0, 6]),
        ] {
            let block = block(little, kind, value);
            assert_eq!(orientation(&block), turned, "{little} {kind}");
            assert_eq!(orientation(&[b"Exif\0\0", &block[..]].concat()), turned, "{little} {kind}");
        }
    }

    #[test]
    fn what_is_no_orientation_is_none() {
        let whole = block(true, 4, &[6, 0, 0, 0]);
        for length in 0..whole.len() - 4 {
            assert_eq!(orientation(&whole[..length]), None, "{length}");
        }
        for (kind, value) in [(2, &[6][..]), (3, &[9, 0]), (4, &[6, 1, 0, 0]), (4, &[0, 0, 0, 6])] {
            assert_eq!(orientation(&block(true, kind, value)), None, "{kind} {value:?}");
        }
    }
}
