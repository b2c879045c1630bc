//! NUT, the container in which pictures pass between this program and ffmpeg: raw pixels, each picture with its
//! exact time. A plain pipe of pixels has no times, so that a film of uneven pace would lose its sound.
//!
//! Only what one stream of raw pictures needs is here. A file is a line of text and then packets and frames:
//!
//! ```text
//! packet:  startcode (8 bytes), length, [checksum of these], content, checksum
//! frame:   a byte that says how the header goes on, header, pixels
//! ```

mod read;
mod varlen;
mod write;

pub(super) use read::Reader;
pub(super) use write::Writer;

use super::time::TimeBase;
use crate::extent::Extent;

/// What a file begins with.
const SIGNATURE: &[u8] = b"nut/multimedia container\0";

/// Startcodes, all of which begin with an `N`.
const MAIN: u64 = 0x4E4D_7A56_1F5F_04AD;
const STREAM: u64 = 0x4E53_1140_5BF2_F9DB;
const INFO: u64 = 0x4E49_AB68_B596_BA78;
const SYNCPOINT: u64 = 0x4E4B_E4AD_EECA_4569;

/// What the header of a frame holds.
mod flag {
    pub(super) const KEY: u64 = 1;
    pub(super) const CODED_PTS: u64 = 8;
    pub(super) const STREAM_ID: u64 = 16;
    pub(super) const SIZE_MSB: u64 = 32;
    pub(super) const CHECKSUM: u64 = 64;
    pub(super) const RESERVED: u64 = 128;
    pub(super) const SIDE_DATA: u64 = 256;
    pub(super) const HEADER_INDEX: u64 = 1 << 10;
    pub(super) const MATCH_TIME: u64 = 1 << 11;
    pub(super) const CODED: u64 = 1 << 12;
    pub(super) const INVALID: u64 = 1 << 13;
}

/// How pixels lie in a frame, red first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// A byte a sample.
    Rgb24,
    /// Two bytes a sample, the lower first.
    Rgb48,
}

impl Layout {
    const ALL: [Self; 2] = [Self::Rgb24, Self::Rgb48];

    /// Its mark in the header.
    fn tag(self) -> [u8; 4] {
        let bits = match self {
            Self::Rgb24 => 24,
            Self::Rgb48 => 48,
        };
        [b'R', b'G', b'B', bits]
    }

    /// Bytes a pixel.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Rgb24 => 3,
            Self::Rgb48 => 6,
        }
    }
}

/// What a stream of pictures is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    /// The size of every picture.
    pub(super) size: Extent,
    /// How its pixels lie.
    pub(super) layout: Layout,
    /// What its times are counted in.
    pub(super) time_base: TimeBase,
    /// How wide a pixel is, and how high; zeros if that is not known.
    pub(super) aspect: (u32, u32),
}

impl Stream {
    /// Bytes of a picture.
    pub(super) fn frame(&self) -> usize {
        self.size.plane() * self.layout.bytes()
    }
}

/// CRC-32 with the polynomial of Ethernet, highest bit first and begun at zero, as NUT has it.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u32, |sum, &byte| {
        (0..8).fold(sum ^ (u32::from(byte) << 24), |sum, _| {
            let carry = sum >> 31;
            (sum << 1) ^ (carry * 0x04C1_1DB7)
        })
    })
}

#[cfg(test)]
mod tests;
