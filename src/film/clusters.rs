//! The part of Matroska before the clusters, which hold the frames. It consists of elements, each of which has an
//! identifier, a size and a content.

use std::io::{self, Read};

/// The identifier that Matroska begins with.
pub(super) const EBML: [u8; 4] = [0x1A, 0x45, 0xDF, 0xA3];
const SEGMENT: &[u8] = &[0x18, 0x53, 0x80, 0x67];
const CLUSTER: &[u8] = &[0x1F, 0x43, 0xB6, 0x75];

/// Skips everything before the first cluster. Returns the identifier of the cluster, which has been read by then.
pub(super) fn first(from: &mut impl Read) -> io::Result<&'static [u8]> {
    loop {
        let id = field(from)?;
        if id == CLUSTER {
            return Ok(CLUSTER);
        }
        let mut size = field(from)?;
        // A segment, whose size may be unknown, is not skipped; its elements follow.
        if id == SEGMENT {
            continue;
        }
        // The highest set bit only gives the length of the field.
        size[0] &= 0xFF_u8.checked_shr(size.len() as u32).unwrap_or(0);
        let size = size.iter().fold(0, |size, &byte| size << 8 | u64::from(byte));
        if io::copy(&mut from.take(size), &mut io::sink())? != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The bytes of an identifier or a size. Their number is one more than the zeros before the highest set bit.
fn field(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0];
    from.read_exact(&mut bytes)?;
    let more = bytes[0].leading_zeros() as usize;
    if more > 7 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    bytes.resize(1 + more, 0);
    from.read_exact(&mut bytes[1..])?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_before_the_first_cluster_is_passed_over() {
        let header =
            [&EBML[..], &[0x40, 3, 1, 2, 3], SEGMENT, &[1, 255, 255, 255, 255, 255, 255, 255]].concat();
        // An element whose content looks like a cluster.
        let file = [&header[..], &[0xEC, 0x84], CLUSTER, CLUSTER, b"frames"].concat();
        let mut rest = &file[..];
        assert_eq!(first(&mut rest).expect("a cluster"), CLUSTER);
        assert_eq!(rest, b"frames");
        for cut in 0..file.len() - 6 {
            first(&mut &file[..cut]).expect_err("no cluster");
        }
        first(&mut &[0_u8; 9][..]).expect_err("no element");
    }
}
