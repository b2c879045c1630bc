//! Numbers of variable length: seven bits per byte, the highest first; the eighth bit says that more bytes follow.

/// Appends a number.
pub(super) fn put(bytes: &mut Vec<u8>, value: u64) {
    let groups = (1..10).find(|&groups| value >> (7 * groups) == 0).unwrap_or(10);
    for group in (0..groups).rev() {
        let more = if group > 0 { 0x80 } else { 0 };
        bytes.push((value >> (7 * group)) as u8 & 0x7F | more);
    }
}

/// Appends a number that may be negative: 0, 1, -1, 2, -2 become 0, 1, 2, 3, 4.
pub(super) fn put_signed(bytes: &mut Vec<u8>, value: i64) {
    put(bytes, if value > 0 { 2 * value.unsigned_abs() - 1 } else { 2 * value.unsigned_abs() });
}

/// Appends a byte string after its length.
pub(super) fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    put(to, bytes.len() as u64);
    to.extend(bytes);
}

/// Reads a number byte by byte; `None` if it has more than 64 bits.
pub(super) fn take<E>(mut next: impl FnMut() -> Result<u8, E>) -> Result<Option<u64>, E> {
    let mut value = 0u64;
    loop {
        let byte = next()?;
        if value >> 57 != 0 {
            return Ok(None);
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Ok(Some(value));
        }
    }
}

/// The number that [`put_signed`] encodes as this value.
pub(super) fn signed(value: u64) -> i64 {
    let half = (value / 2) as i64;
    if value % 2 == 1 { half + 1 } else { -half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 127, 128, 300, 1 << 35, u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut rest = bytes.iter();
            let next = || rest.next().copied().ok_or(());
            assert_eq!(take(next), Ok(Some(value)));
            assert_eq!(rest.next(), None);
        }
        assert_eq!(take(|| Ok::<_, ()>(0xFF)), Ok(None), "no end");
        for (value, code) in [(0, 0), (1, 1), (-1, 2), (2, 3), (-2, 4)] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, value);
            assert_eq!((bytes, signed(code)), (vec![code as u8], value));
        }
    }
}
