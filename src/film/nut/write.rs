//! Writes pictures to NUT.

use std::io::{self, Write};

use super::varlen::{put, put_bytes, put_signed};
use super::{INFO, MAIN, SIGNATURE, STREAM, SYNCPOINT, Stream, checksum, flag};

/// The content of every frame's header: its time, its length, and a checksum. Without the checksum, readers refuse
/// a frame that is larger than they expect between two syncpoints.
const FRAME: u64 = flag::KEY | flag::CODED_PTS | flag::SIZE_MSB | flag::CHECKSUM;

/// The first byte of every frame.
const CODE: u8 = 0;

/// Writes one stream of pictures.
#[derive(Debug)]
pub(crate) struct Writer<W> {
    to: W,
    stream: Stream,
}

impl<W: Write> Writer<W> {
    /// Writes the headers, with the usual frame rate as frames and seconds, if it is known. A reader that has to
    /// guess the rate from the times of one or two pictures guesses thousands of frames per second.
    pub(crate) fn begin(mut to: W, stream: Stream, rate: Option<(u32, u32)>) -> io::Result<Self> {
        to.write_all(SIGNATURE)?;
        to.write_all(&packet(MAIN, &main_header(&stream)))?;
        to.write_all(&packet(STREAM, &stream_header(&stream)))?;
        if let Some((frames, seconds)) = rate {
            to.write_all(&packet(INFO, &info("r_frame_rate", &format!("{frames}/{seconds}"))))?;
        }
        Ok(Self { to, stream })
    }

    /// Writes a picture that is shown at this tick, which must not be negative.
    pub(crate) fn frame(&mut self, time: u64, pixels: &[u8]) -> io::Result<()> {
        debug_assert_eq!(pixels.len(), self.stream.frame());
        let mut sync = Vec::new();
        put(&mut sync, time); // in the only time base
        put(&mut sync, 0); // decoding can begin at every picture
        self.to.write_all(&packet(SYNCPOINT, &sync))?;
        let mut header = vec![CODE];
        put(&mut header, time + 1); // the complete time, not its lowest bits, of which this stream uses none
        put(&mut header, pixels.len() as u64);
        header.extend(checksum(&header).to_be_bytes());
        self.to.write_all(&header)?;
        self.to.write_all(pixels)
    }

    /// Hands over what is still buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn main_header(stream: &Stream) -> Vec<u8> {
    let mut header = Vec::new();
    let (numerator, denominator) = stream.time_base.parts();
    for value in [3, 1, 65_536, 1, numerator.into(), denominator.into()] {
        put(&mut header, value); // version, streams, distance of syncpoints, number of time bases, the time base
    }
    // Only the code `CODE` begins frames. `N` never does, so it is not counted.
    for (flags, count) in [(FRAME, 1), (flag::INVALID, 254)] {
        put(&mut header, flags);
        put(&mut header, 6);
        put_signed(&mut header, 0); // step in time
        for value in [1, 0, 0, 0, count] {
            put(&mut header, value); // factor of the length, stream, rest of the length, reserved, codes
        }
    }
    put(&mut header, 0); // number of elided beginnings
    header
}

fn stream_header(stream: &Stream) -> Vec<u8> {
    let mut header = vec![0, 0]; // stream number; class: pictures
    put_bytes(&mut header, &stream.layout.tag());
    for value in [0, 0, 0, 0, 0] {
        put(&mut header, value); // time base, bits of shortened times, distance in time, delay, flags
    }
    put_bytes(&mut header, &[]); // codec-specific data
    let (wide, high) = stream.aspect;
    for value in [stream.size.width as u64, stream.size.height as u64, wide.into(), high.into(), 0] {
        put(&mut header, value);
    }
    header
}

/// Metadata for the only stream.
fn info(name: &str, text: &str) -> Vec<u8> {
    let mut info = Vec::new();
    put(&mut info, 1); // of the first stream
    put_signed(&mut info, 0); // not of a chapter, so start and length are zero
    for value in [0, 0, 1] {
        put(&mut info, value); // start, length, number of entries
    }
    put_bytes(&mut info, name.as_bytes());
    put_signed(&mut info, -1); // a text
    put_bytes(&mut info, text.as_bytes());
    info
}

fn packet(startcode: u64, content: &[u8]) -> Vec<u8> {
    let mut packet = startcode.to_be_bytes().to_vec();
    put(&mut packet, content.len() as u64 + 4);
    packet.extend(content);
    packet.extend(checksum(content).to_be_bytes());
    packet
}
