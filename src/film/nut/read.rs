//! Reads pictures from NUT.

use std::io::{self, BufRead, Read};

use super::headers::{Clock, Code, main_header, stream_header};
use super::packet::{broken, byte, expect, number, packet};
use super::{MAIN, SIGNATURE, STREAM, SYNCPOINT, Stream, flag};
use crate::film::time::TimeBase;

/// The longest frame that may have an elided beginning.
const LONGEST_ELIDING: u64 = 4096;

/// The most memory reserved for a picture of which nothing has arrived yet.
const MOST_UNSEEN: usize = 1 << 24;

/// Reads the pictures of one stream.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    from: R,
    codes: Box<[Code; 256]>,
    /// The elided beginnings of frames, by number.
    elided: Vec<Vec<u8>>,
    time_bases: Vec<TimeBase>,
    /// The clocks of all streams.
    clocks: Vec<Clock>,
    /// The stream that is read, and its number.
    stream: Stream,
    number: usize,
}

/// What the header of a frame says.
struct Header {
    stream: usize,
    time: i64,
    length: u64,
    elided: usize,
    /// Whether there is side data besides the pixels.
    is_noted: bool,
}

/// A picture and its tick.
type TimedPixels = (i64, Vec<u8>);

impl<R: BufRead> Reader<R> {
    /// Reads the headers; `None` if there is no data at all. The error is [`io::ErrorKind::Unsupported`] if the
    /// only problem is that the pictures are not raw RGB.
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

    /// The properties of the pictures.
    pub(crate) fn stream(&self) -> Stream {
        self.stream
    }

    /// The number of other streams, which are skipped.
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

    /// Sets all clocks to a time, which is combined with the number of its time base.
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
            return Err(broken("a frame begins with a byte that has no meaning"));
        }
        if flags & flag::CODED != 0 {
            flags ^= number(from)?;
        }
        if flags & flag::STREAM_ID != 0 {
            stream = number(from)?;
        }
        let stream = usize::try_from(stream).unwrap_or(usize::MAX);
        let clock = self.clocks.get_mut(stream);
        let clock = clock.ok_or_else(|| broken("a frame belongs to a stream that does not exist"))?;
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
        // Long frames have no elided beginning.
        let elided = if length > LONGEST_ELIDING { 0 } else { elided };
        Ok(Header { stream, time, length, elided, is_noted: flags & flag::SIDE_DATA != 0 })
    }

    /// The elided beginning of a frame, which many frames have in common.
    fn left_out(&self, header: &Header) -> io::Result<&[u8]> {
        let left_out = self.elided.get(header.elided);
        Ok(left_out.ok_or_else(|| broken("a frame omits what is not known otherwise"))?)
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

    /// Skips a frame that is not needed.
    fn pass_over(&mut self, header: &Header) -> io::Result<()> {
        let coded = header.length.checked_sub(self.left_out(header)?.len() as u64);
        let coded = coded.ok_or_else(|| broken("a frame is too short"))?;
        let passed = io::copy(&mut self.from.by_ref().take(coded), &mut io::sink())?;
        if passed == coded { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Converts a time to another clock, rounding down.
fn converted(ticks: i64, from: TimeBase, to: TimeBase) -> i64 {
    let ((numerator, denominator), (own_numerator, own_denominator)) = (from.parts(), to.parts());
    let (up, down) = (
        i128::from(numerator) * i128::from(own_denominator),
        i128::from(denominator) * i128::from(own_numerator),
    );
    (i128::from(ticks) * up).div_euclid(down) as i64
}

/// The time of a frame. It is written either completely or by its lowest bits; then it is the one nearest to the
/// last time.
fn whole_time(coded: u64, shift: u32, last: i64) -> i64 {
    let lowest = 1u64 << shift;
    if coded >= lowest {
        return (coded - lowest) as i64;
    }
    let mask = lowest as i64 - 1;
    let base = last.wrapping_sub(mask / 2);
    ((coded as i64).wrapping_sub(base) & mask).wrapping_add(base)
}
