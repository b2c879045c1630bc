//! Pictures from NUT.

use std::io::{self, BufRead, Read};

use super::varlen::{signed, take};
use super::{Layout, MAIN, SIGNATURE, STREAM, SYNCPOINT, Stream, checksum, flag};
use crate::extent::Extent;
use crate::film::time::TimeBase;
use crate::picture::check_size;

/// More than any packet takes that lies between pictures.
const LARGEST_PACKET: u64 = 1 << 20;

/// The class of a stream of pictures.
const PICTURES: u64 = 0;

/// The longest frame of which a part may be left out.
const LONGEST_ELIDING: u64 = 4096;

/// The most memory that is taken for a picture of which nothing has come yet.
const MOST_UNSEEN: usize = 1 << 24;

/// More streams than these are in no film.
const MOST_STREAMS: u64 = 256;

/// Reads the pictures of one stream.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    from: R,
    codes: Box<[Code; 256]>,
    /// What frames of each number leave out at their beginning.
    elided: Vec<Vec<u8>>,
    time_bases: Vec<TimeBase>,
    /// Of every stream.
    clocks: Vec<Clock>,
    /// The stream that is read, and its number.
    stream: Stream,
    number: usize,
}

/// How the header of a frame goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Code {
    flags: u64,
    step: i64,
    factor: u64,
    stream: u64,
    rest: u64,
    reserved: u64,
    elided: usize,
}

/// The times of a stream.
#[derive(Clone, Copy, Debug)]
struct Clock {
    time_base: TimeBase,
    /// How many of the lowest bits of a time may stand for the whole.
    shift: u32,
    last: i64,
}

/// What the header of a frame says.
struct Header {
    stream: usize,
    time: i64,
    length: u64,
    elided: usize,
    /// Whether there are notes beside the pixels.
    is_noted: bool,
}

/// A picture and its tick.
type TimedPixels = (i64, Vec<u8>);

fn broken(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
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
        let (count, time_bases, codes, elided) = main_header(&mut &main[..])?;
        let (mut clocks, mut pictures) = (Vec::new(), None);
        for number in 0..count {
            let header = expect(&mut from, STREAM)?;
            let (clock, stream) = stream_header(&mut &header[..], number, &time_bases)?;
            clocks.push(clock);
            pictures = pictures.or(stream.map(|stream| (stream, number)));
        }
        let (stream, number) = pictures.ok_or_else(|| broken("there are no pictures in it"))?;
        Ok(Some(Self { from, codes, elided, time_bases, clocks, stream, number }))
    }

    /// What the pictures are.
    pub(crate) fn stream(&self) -> Stream {
        self.stream
    }

    /// How many streams there are beside the pictures, which are passed over.
    pub(crate) fn others(&self) -> usize {
        self.clocks.len() - 1
    }

    /// The next picture; `None` after the last.
    pub(crate) fn next(&mut self) -> io::Result<Option<TimedPixels>> {
        loop {
            let Some(&first) = self.from.fill_buf()?.first() else { return Ok(None) };
            if first == b'N' {
                if let (SYNCPOINT, content) = packet(&mut self.from)? {
                    self.synchronise(number(&mut &content[..])?)?;
                }
                continue;
            }
            let header = self.header()?;
            if header.stream == self.number {
                return self.pixels(&header).map(Some);
            }
            self.pass_over(&header)?;
        }
    }

    /// Sets all clocks to a time, which is mixed with the number of its time base.
    fn synchronise(&mut self, mixed: u64) -> io::Result<()> {
        let count = self.time_bases.len() as u64;
        let base = *self.time_bases.get((mixed % count) as usize).ok_or_else(|| broken("it has no clock"))?;
        for clock in &mut self.clocks {
            clock.last = converted((mixed / count) as i64, base, clock.time_base);
        }
        Ok(())
    }

    fn header(&mut self) -> io::Result<Header> {
        let from = &mut self.from;
        let Code { mut flags, step, factor, mut stream, rest, mut reserved, mut elided } =
            self.codes[usize::from(byte(from)?)];
        if flags & flag::INVALID != 0 {
            return Err(broken("a frame begins with a byte that stands for none"));
        }
        if flags & flag::CODED != 0 {
            flags ^= number(from)?;
        }
        if flags & flag::STREAM_ID != 0 {
            stream = number(from)?;
        }
        let stream = usize::try_from(stream).unwrap_or(usize::MAX);
        let clock = self.clocks.get_mut(stream);
        let clock = clock.ok_or_else(|| broken("a frame is of a stream that there is not"))?;
        let time = match flags & flag::CODED_PTS {
            0 => clock.last.wrapping_add(step),
            _ => whole_time(number(from)?, clock.shift, clock.last),
        };
        clock.last = time;
        let more = if flags & flag::SIZE_MSB != 0 { number(from)? } else { 0 };
        let length = more.checked_mul(factor).and_then(|more| more.checked_add(rest));
        let length = length.ok_or_else(|| broken("a frame is too long"))?;
        if flags & flag::MATCH_TIME != 0 {
            number(from)?;
        }
        if flags & flag::HEADER_INDEX != 0 {
            elided = number(from)? as usize;
        }
        if flags & flag::RESERVED != 0 {
            reserved = number(from)?;
        }
        if reserved > 256 {
            return Err(broken("a frame's header is too long"));
        }
        for _ in 0..reserved {
            number(from)?;
        }
        if flags & flag::CHECKSUM != 0 {
            from.read_exact(&mut [0; 4])?;
        }
        // What is long leaves out nothing.
        let elided = if length > LONGEST_ELIDING { 0 } else { elided };
        Ok(Header { stream, time, length, elided, is_noted: flags & flag::SIDE_DATA != 0 })
    }

    /// What a frame leaves out, because many begin so.
    fn left_out(&self, header: &Header) -> io::Result<&[u8]> {
        let left_out = self.elided.get(header.elided);
        Ok(left_out.ok_or_else(|| broken("a frame leaves out what is not known"))?)
    }

    fn pixels(&mut self, header: &Header) -> io::Result<TimedPixels> {
        let expected = self.stream.frame();
        if header.is_noted {
            return Err(broken("a frame has notes beside its pixels"));
        }
        if header.length != expected as u64 {
            return Err(broken("the size of the pictures changes"));
        }
        let mut pixels = self.left_out(header)?.to_vec();
        let coded = expected.checked_sub(pixels.len()).ok_or_else(|| broken("a frame is too short"))?;
        pixels.reserve_exact(coded.min(MOST_UNSEEN));
        self.from.by_ref().take(coded as u64).read_to_end(&mut pixels)?;
        if pixels.len() != expected {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((header.time, pixels))
    }

    /// Reads what nobody wants.
    fn pass_over(&mut self, header: &Header) -> io::Result<()> {
        let coded = header.length.checked_sub(self.left_out(header)?.len() as u64);
        let coded = coded.ok_or_else(|| broken("a frame is too short"))?;
        let passed = io::copy(&mut self.from.by_ref().take(coded), &mut io::sink())?;
        if passed == coded { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// A time by another clock, rounded down.
fn converted(ticks: i64, from: TimeBase, to: TimeBase) -> i64 {
    let ((numerator, denominator), (own_numerator, own_denominator)) = (from.parts(), to.parts());
    let (up, down) = (
        i128::from(numerator) * i128::from(own_denominator),
        i128::from(denominator) * i128::from(own_numerator),
    );
    (i128::from(ticks) * up).div_euclid(down) as i64
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

/// What a header says: how many streams there are, of times, of frames, and of what these leave out.
type MainHeader = (usize, Vec<TimeBase>, Box<[Code; 256]>, Vec<Vec<u8>>);

fn main_header(from: &mut &[u8]) -> io::Result<MainHeader> {
    let version = number(from)?;
    if version > 3 {
        number(from)?; // the minor one
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

/// The clock of a stream, and what it is if it is one of pictures.
fn stream_header(
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
    let time_base = *time_base.ok_or_else(|| broken("its time base is not there"))?;
    let shift = u32::try_from(number(from)?).ok().filter(|&shift| shift < 32);
    let shift = shift.ok_or_else(|| broken("its times are cut too short"))?;
    let clock = Clock { time_base, shift, last: 0 };
    if class != PICTURES {
        return Ok((clock, None));
    }
    let layout = Layout::ALL.into_iter().find(|layout| layout.tag() == tag[..]);
    let layout = layout.ok_or_else(|| broken(format!("its pictures are '{}'", tag.escape_ascii())))?;
    for _ in 0..3 {
        number(from)?; // distance in time, delay, flags
    }
    bytes(from)?; // of the codec
    let mut side = || Ok::<_, io::Error>(usize::try_from(number(from)?).unwrap_or(usize::MAX));
    let (width, height) = (side()?, side()?);
    let size = Extent { height, width };
    check_size(size).map_err(|error| broken(error.to_string()))?;
    let (wide, high) = (number(from)?, number(from)?);
    let aspect = u32::try_from(wide).ok().zip(u32::try_from(high).ok()).unwrap_or_default();
    Ok((clock, Some(Stream { size, layout, time_base, aspect })))
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
