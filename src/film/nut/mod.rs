//! NUT, the container in which pictures pass between this program and ffmpeg, or whatever is at the other end of a
//! pipe: raw pixels, and the exact time of each picture. A plain pipe of pixels carries no times, so that a film
//! with a variable frame rate would lose synchronisation with its sound.
//!
//! Only what a stream of raw pictures needs is implemented; other streams are skipped. A file is a line of text
//! followed by packets and frames:
//!
//! ```text
//! packet:  startcode (8 bytes), length, [checksum of these], content, checksum
//! frame:   a byte that says how the header continues, header, pixels
//! ```

mod headers;
mod packet;
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

/// The layout of the pixels in a frame, red first; 16-bit samples are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// One byte per sample.
    Rgb24,
    /// Two bytes per sample.
    Rgb48,
    /// One byte per sample, transparency last.
    Rgba32,
    /// Two bytes per sample, transparency last.
    Rgba64,
}

impl Layout {
    const ALL: [Self; 4] = [Self::Rgb24, Self::Rgb48, Self::Rgba32, Self::Rgba64];

    /// The layout with one or (`deep`) two bytes per sample, with or without transparency.
    pub(super) fn of(deep: bool, alpha: bool) -> Self {
        match (deep, alpha) {
            (false, false) => Self::Rgb24,
            (true, false) => Self::Rgb48,
            (false, true) => Self::Rgba32,
            (true, true) => Self::Rgba64,
        }
    }

    /// Its code in the header.
    fn tag(self) -> [u8; 4] {
        match self {
            Self::Rgb24 => *b"RGB\x18",
            Self::Rgb48 => *b"RGB\x30",
            Self::Rgba32 => *b"RGBA",
            Self::Rgba64 => *b"RBA\x40",
        }
    }

    /// ffmpeg's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rgb24 => "rgb24",
            Self::Rgb48 => "rgb48le",
            Self::Rgba32 => "rgba",
            Self::Rgba64 => "rgba64le",
        }
    }

    /// Whether a sample has two bytes.
    pub(super) fn is_deep(self) -> bool {
        matches!(self, Self::Rgb48 | Self::Rgba64)
    }

    /// Samples per pixel.
    pub(super) fn channels(self) -> usize {
        if matches!(self, Self::Rgba32 | Self::Rgba64) { 4 } else { 3 }
    }

    /// Bytes per pixel.
    pub(super) fn bytes(self) -> usize {
        self.channels() * if self.is_deep() { 2 } else { 1 }
    }
}

/// The properties of a stream of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    /// The size of every picture.
    pub(super) size: Extent,
    /// The layout of its pixels.
    pub(super) layout: Layout,
    /// The unit of its times.
    pub(super) time_base: TimeBase,
    /// The width and height of a pixel, as a ratio; zeros if unknown.
    pub(super) aspect: (u32, u32),
}

impl Stream {
    /// Bytes per picture.
    pub(super) fn frame(&self) -> usize {
        self.size.plane() * self.layout.bytes()
    }
}

/// CRC-32 with the polynomial of Ethernet, highest bit first and starting from zero, as specified for NUT.
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
