//! Pictures from NUT.

use std::io::{self, BufRead, Read};

use super::varlen::{signed, take};
use super::{Layout, MAIN, SIGNATURE, STREAM, SYNCPOINT, Stream, checksum, flag};
use crate::extent::Extent;
use crate::film::time::TimeBase;
use crate::picture::check_size;

/// More than any packet takes that lies between pictures.
const LARGEST_PACKET: u64 = 1 << 20;

/// The most memory that is taken for a picture of which nothing has come yet.
const MOST_UNSEEN: usize = 1 << 24;

/// Reads one stream of pictures.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    from: R,
    codes: Box<[Code; 256]>,
    /// What frames of each number leave out at their beginning.
    elided: Vec<Vec<u8>>,
    stream: Stream,
    /// How many of the lowest bits of a time may stand for the whole.
    shift: u32,
    last: i64,
}

/// How the header of a frame goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Code {
    flags: u64,
    step: i64,
    factor: u64,
    rest: u64,
    reserved: u64,
    elided: usize,
}

/// A picture and its tick.
type TimedPixels = (i64, Vec<u8>);

fn broken(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}

impl<R: BufRead> Reader<R> {
    /// Reads what comes before the pictures; `None` if nothing at all comes.
    pub(crate) fn begin(mut from: R) -> io::Result<Option<Self>> {
        if from.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut signature = [0; SIGNATURE.len()];
        from.read_exact(&mut signature)?;
        if signature != SIGNATURE {
            return Err(broken("this is not NUT"));
        }
        let main = expect(&mut from, MAIN)?;
        let (time_bases, codes, elided) = main_header(&mut &main[..])?;
        let header = expect(&mut from, STREAM)?;
        let (stream, shift) = stream_header(&mut &header[..], &time_bases)?;
        Ok(Some(Self { from, codes, elided, stream, shift, last: 0 }))
    }

    /// What the pictures are.
    pub(crate) fn stream(&self) -> Stream {
        self.stream
    }

    /// The next picture; `None` after the last.
    pub(crate) fn next(&mut self) -> io::Result<Option<TimedPixels>> {
        loop {
            let Some(&first) = self.from.fill_buf()?.first() else { return Ok(None) };
            if first != b'N' {
                return self.frame().map(Some);
            }
            if let (SYNCPOINT, content) = packet(&mut self.from)? {
                // There is one stream and one time base, whose number the time is mixed with.
                self.last = number(&mut &content[..])? as i64;
            }
        }
    }

    fn frame(&mut self) -> io::Result<TimedPixels> {
        let from = &mut self.from;
        let Code { mut flags, step, factor, rest, mut reserved, mut elided } =
            self.codes[usize::from(byte(from)?)];
        if flags & flag::INVALID != 0 {
            return Err(broken("a frame begins with a byte that stands for none"));
        }
        if flags & flag::CODED != 0 {
            flags ^= number(from)?;
        }
        if flags & flag::STREAM_ID != 0 && number(from)? != 0 {
            return Err(broken("a frame is of a stream that there is not"));
        }
        let time = match flags & flag::CODED_PTS {
            0 => self.last.wrapping_add(step),
            _ => whole_time(number(from)?, self.shift, self.last),
        };
        let more = if flags & flag::SIZE_MSB != 0 { number(from)? } else { 0 };
        let length = more.checked_mul(factor).and_then(|more| more.checked_add(rest));
        if flags & flag::MATCH_TIME != 0 {
            number(from)?;
        }
        if flags & flag::HEADER_INDEX != 0 {
            elided = number(from)? as usize;
        }
        if flags & flag::RESERVED != 0 {
            reserved = number(from)?;
        }
        if reserved > 256 || flags & flag::SIDE_DATA != 0 {
            return Err(broken("a frame has notes beside its pixels"));
        }
        for _ in 0..reserved {
            number(from)?;
        }
        if flags & flag::CHECKSUM != 0 {
            from.read_exact(&mut [0; 4])?;
        }
        let expected = self.stream.frame();
        if length != Some(expected as u64) {
            return Err(broken("the size of the pictures changes"));
        }
        let mut pixels =
            self.elided.get(elided).ok_or_else(|| broken("a frame leaves out what is not known"))?.clone();
        let coded = expected.checked_sub(pixels.len()).ok_or_else(|| broken("a frame is too short"))?;
        pixels.reserve_exact(coded.min(MOST_UNSEEN));
        self.from.by_ref().take(coded as u64).read_to_end(&mut pixels)?;
        if pixels.len() != expected {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.last = time;
        Ok((time, pixels))
    }
}

/// The time that a frame notes: in whole, or by its lowest bits, as near to the last as may be.
fn whole_time(coded: u64, shift: u32, last: i64) -> i64 {
    let lowest = 1u64 << shift;
    if coded >= lowest {
        return (coded - lowest) as i64;
    }
    let mask = lowest as i64 - 1;
    let base = last.wrapping_sub(mask / 2);
    ((coded as i64).wrapping_sub(base) & mask).wrapping_add(base)
}

/// What a header says of times, of frames, and of what these leave out.
type MainHeader = (Vec<TimeBase>, Box<[Code; 256]>, Vec<Vec<u8>>);

fn main_header(from: &mut &[u8]) -> io::Result<MainHeader> {
    let version = number(from)?;
    if version > 3 {
        number(from)?; // the minor one
    }
    if number(from)? != 1 {
        return Err(broken("there is not one stream"));
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
    Ok((time_bases, codes, elided))
}

/// The table of what begins a frame, which is written in runs.
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
        let factor = code.factor;
        code.factor = optional(1, factor)?;
        optional(2, 0)?; // the stream
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

fn stream_header(from: &mut &[u8], time_bases: &[TimeBase]) -> io::Result<(Stream, u32)> {
    if (number(from)?, number(from)?) != (0, 0) {
        return Err(broken("its stream is not one of pictures"));
    }
    let tag = bytes(from)?;
    let layout = Layout::ALL.into_iter().find(|layout| layout.tag() == tag[..]);
    let layout = layout.ok_or_else(|| broken("its pixels lie in a way that is not known"))?;
    let time_base = usize::try_from(number(from)?).ok().and_then(|number| time_bases.get(number));
    let time_base = *time_base.ok_or_else(|| broken("its time base is not there"))?;
    let shift = u32::try_from(number(from)?).ok().filter(|&shift| shift < 32);
    let shift = shift.ok_or_else(|| broken("its times are cut too short"))?;
    for _ in 0..3 {
        number(from)?; // distance in time, delay, flags
    }
    bytes(from)?; // of the codec
    let mut side = || Ok::<_, io::Error>(usize::try_from(number(from)?).unwrap_or(usize::MAX));
    let (width, height) = (side()?, side()?);
    let size = Extent { height, width };
    check_size(size).map_err(|error| broken(&error.to_string()))?;
    let (wide, high) = (number(from)?, number(from)?);
    let aspect = u32::try_from(wide).ok().zip(u32::try_from(high).ok()).unwrap_or_default();
    Ok((Stream { size, layout, time_base, aspect }, shift))
}

/// The content of the next packet of this kind.
fn expect(from: &mut impl Read, startcode: u64) -> io::Result<Vec<u8>> {
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
fn packet(from: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
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

fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    take(|| byte(from))?.ok_or_else(|| broken("a number is too long"))
}

fn bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = number(from)?;
    let mut bytes = Vec::new();
    from.take(length.min(LARGEST_PACKET)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
