//! The headers that come before the pictures in NUT: the main header, and one for each stream.

use std::io;

use super::packet::{LARGEST_PACKET, broken, bytes, foreign, number};
use super::varlen::signed;
use super::{Layout, Stream, flag};
use crate::extent::Extent;
use crate::film::time::TimeBase;
use crate::picture::check_size;

/// The class of a stream of pictures.
const PICTURES: u64 = 0;

/// The largest number of streams that is accepted; no film has more.
const MOST_STREAMS: u64 = 256;

/// How a frame's header continues after its first byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Code {
    pub(super) flags: u64,
    pub(super) step: i64,
    pub(super) factor: u64,
    pub(super) stream: u64,
    pub(super) rest: u64,
    pub(super) reserved: u64,
    pub(super) elided: usize,
}

/// The clock of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) time_base: TimeBase,
    /// How many of a time's lowest bits may be written instead of the whole time.
    pub(super) shift: u32,
    pub(super) last: i64,
}

/// The content of the main header: the number of streams, the time bases, the frame codes, and the elided
/// beginnings of frames.
pub(super) type MainHeader = (usize, Vec<TimeBase>, Box<[Code; 256]>, Vec<Vec<u8>>);

/// Reads the main header.
pub(super) fn main_header(from: &mut &[u8]) -> io::Result<MainHeader> {
    let version = number(from)?;
    if version > 3 {
        number(from)?; // the minor version
    }
    let streams = number(from)?;
    if streams > MOST_STREAMS {
        return Err(broken("there are too many streams in it"));
    }
    number(from)?; // distance of syncpoints
    let count = number(from)?;
    let mut time_bases = Vec::new();
    for _ in 0..count.min(LARGEST_PACKET) {
        let (numerator, denominator) = (number(from)?, number(from)?);
        let time_base = numerator.try_into().ok().zip(denominator.try_into().ok());
        let time_base = time_base.and_then(|(numerator, denominator)| TimeBase::new(numerator, denominator));
        time_bases.push(time_base.ok_or_else(|| broken("a time base is none"))?);
    }
    let codes = frame_codes(from)?;
    let mut elided = vec![Vec::new()];
    for _ in 0..number(from)?.min(128) {
        elided.push(bytes(from)?);
    }
    Ok((streams as usize, time_bases, codes, elided))
}

/// The table of frame codes, which is run-length encoded.
fn frame_codes(from: &mut &[u8]) -> io::Result<Box<[Code; 256]>> {
    let mut codes = Box::new([Code { flags: flag::INVALID, ..Code::default() }; 256]);
    let (mut at, mut code) = (0, Code { factor: 1, ..Code::default() });
    while at < 256 {
        code.flags = number(from)?;
        let fields = number(from)?;
        let mut optional =
            |place: u64, otherwise: u64| if fields > place { number(from) } else { Ok(otherwise) };
        if fields > 0 {
            code.step = signed(optional(0, 0)?);
        }
        code.factor = optional(1, code.factor)?;
        code.stream = optional(2, code.stream)?;
        code.rest = optional(3, 0)?;
        code.reserved = optional(4, 0)?;
        let count = optional(5, code.factor.saturating_sub(code.rest))?;
        optional(6, 0)?; // match time
        code.elided = optional(7, code.elided as u64)? as usize;
        for place in 8..fields {
            optional(place, 0)?;
        }
        if count == 0 || count > 256 {
            return Err(broken("its table of frames is wrong"));
        }
        for number in 0..count {
            if at == usize::from(b'N') {
                at += 1;
            }
            let Some(entry) = codes.get_mut(at) else {
                return Err(broken("its table of frames is too long"));
            };
            *entry = Code { rest: code.rest.saturating_add(number), ..code };
            at += 1;
        }
    }
    Ok(codes)
}

/// The clock of a stream and, if it is a stream of pictures, its properties.
pub(super) fn stream_header(
    from: &mut &[u8],
    expected: usize,
    time_bases: &[TimeBase],
) -> io::Result<(Clock, Option<Stream>)> {
    let (own, class) = (number(from)?, number(from)?);
    if own != expected as u64 {
        return Err(broken("its streams are not in order"));
    }
    let tag = bytes(from)?;
    let time_base = usize::try_from(number(from)?).ok().and_then(|number| time_bases.get(number));
    let time_base = *time_base.ok_or_else(|| broken("its time base is missing"))?;
    let shift = u32::try_from(number(from)?).ok().filter(|&shift| shift < 32);
    let shift = shift.ok_or_else(|| broken("its times are cut too short"))?;
    let clock = Clock { time_base, shift, last: 0 };
    if class != PICTURES {
        return Ok((clock, None));
    }
    let layout = Layout::ALL.into_iter().find(|layout| layout.tag() == tag[..]);
    let layout = layout.ok_or_else(|| foreign(format!("its pictures are '{}'", tag.escape_ascii())))?;
    for _ in 0..3 {
        number(from)?; // distance in time, delay, flags
    }
    bytes(from)?; // codec-specific data
    let mut side = || Ok::<_, io::Error>(usize::try_from(number(from)?).unwrap_or(usize::MAX));
    let (width, height) = (side()?, side()?);
    let size = Extent { height, width };
    check_size(size).map_err(|error| broken(error.to_string()))?;
    let (wide, high) = (number(from)?, number(from)?);
    let aspect = u32::try_from(wide).ok().zip(u32::try_from(high).ok()).unwrap_or_default();
    Ok((clock, Some(Stream { size, layout, time_base, aspect })))
}
