use std::io::BufReader;

use super::*;

fn stream() -> Stream {
    let time_base = TimeBase::new(1, 90_000).expect("a length");
    Stream { size: Extent::new(2, 3), layout: Layout::Rgb24, time_base, aspect: (16, 15) }
}

fn written(frames: &[(u64, [u8; 18])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::begin(&mut bytes, stream(), Some((30_000, 1001))).expect("memory takes it");
    for (time, pixels) in frames {
        writer.frame(*time, pixels).expect("memory takes it");
    }
    writer.flush().expect("memory takes it");
    bytes
}

#[test]
fn pictures_come_back_with_their_times() {
    let frames = [(0, [1; 18]), (3003, [2; 18]), (1 << 40, [3; 18])];
    let bytes = written(&frames);
    let mut reader = Reader::begin(&bytes[..]).expect("sound").expect("not empty");
    assert_eq!(reader.stream(), stream());
    for (time, pixels) in frames {
        assert_eq!(reader.next().expect("sound"), Some((time as i64, pixels.to_vec())));
    }
    assert_eq!(reader.next().expect("sound"), None);
}

#[test]
fn nothing_is_nothing() {
    assert!(Reader::begin(&b""[..]).expect("no error").is_none());
}

/// Every file that is truncated or has one bit flipped is either read or refused, and never yields more than it
/// contains.
#[test]
fn damage_is_no_panic() {
    let sound = written(&[(0, [1; 18]), (3003, [2; 18])]);
    let read = |bytes: &[u8]| {
        let Ok(Some(mut reader)) = Reader::begin(BufReader::new(bytes)) else { return 0 };
        let mut frames = 0;
        while let Ok(Some((_, pixels))) = reader.next() {
            assert!(pixels.len() <= bytes.len());
            frames += 1;
        }
        frames
    };
    assert_eq!(read(&sound), 2);
    for length in 0..sound.len() {
        assert!(read(&sound[..length]) < 2, "{length}");
    }
    for bit in 0..8 * sound.len() {
        let mut damaged = sound.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        read(&damaged);
    }
}

#[test]
fn the_checksum_is_that_of_the_format() {
    // CRC-32/MPEG-2 except for its initial value: the checksum of nothing is 0, and that of a single 1 is the
    // polynomial.
    assert_eq!((checksum(b""), checksum(&[1])), (0, 0x04C1_1DB7));
}
