//! The elements of NUT: numbers, byte strings with their length, and packets.

use std::io::{self, Read};

use super::varlen::take;
use super::{SYNCPOINT, checksum};

/// A limit that no packet between pictures exceeds.
pub(super) const LARGEST_PACKET: u64 = 1 << 20;

/// An error for data that is not valid NUT.
pub(super) fn broken(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// An error for valid NUT that is not supported here.
pub(super) fn foreign(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, reason.into())
}

/// The content of the next packet with this startcode.
pub(super) fn expect(from: &mut impl Read, startcode: u64) -> io::Result<Vec<u8>> {
    loop {
        let (found, content) = packet(from)?;
        match found {
            _ if found == startcode => return Ok(content),
            SYNCPOINT => return Err(broken("its header is not complete")),
            _ => {}
        }
    }
}

/// A packet's startcode and content.
pub(super) fn packet(from: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
    let mut startcode = [0; 8];
    from.read_exact(&mut startcode)?;
    let length = number(from)?;
    if !(4..=LARGEST_PACKET).contains(&length) {
        return Err(broken("a packet is too long"));
    }
    if length > 4096 {
        from.read_exact(&mut [0; 4])?;
    }
    let mut content = vec![0; length as usize];
    from.read_exact(&mut content)?;
    let sum = content.split_off(content.len() - 4);
    if checksum(&content).to_be_bytes() != sum[..] {
        return Err(broken("a packet's checksum is wrong"));
    }
    Ok((u64::from_be_bytes(startcode), content))
}

/// A byte.
pub(super) fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// A number of variable length.
pub(super) fn number(from: &mut impl Read) -> io::Result<u64> {
    take(|| byte(from))?.ok_or_else(|| broken("a number is too long"))
}

/// A byte string after its length.
pub(super) fn bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = number(from)?;
    let mut bytes = Vec::new();
    from.take(length.min(LARGEST_PACKET)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
