//! Writes a film to a pipe, as NUT: every frame as soon as it is ready.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::FilmError;
use super::colour::Colour;
use super::frame::{Facts, Frame, pack};
use super::nut::{Layout, Stream, Writer};

/// The writer of a pipe.
pub(super) type Pipe = Box<dyn Write + Send>;

/// A pipe that a film is written to. It can be used only once.
#[derive(Clone)]
pub(super) struct Outlet {
    to: Arc<Mutex<Option<Pipe>>>,
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outlet").finish_non_exhaustive()
    }
}

impl Outlet {
    pub(super) fn new(to: Pipe) -> Self {
        Self { to: Arc::new(Mutex::new(Some(to))) }
    }

    /// The same target without any output.
    pub(super) fn on_trial() -> Self {
        Self::new(Box::new(io::sink()))
    }

    /// Writes the headers. If `zero` is set, the first frame is shown at time zero.
    pub(super) fn begin(&self, colour: &Colour, facts: Facts, zero: bool) -> Result<PipeReel, FilmError> {
        let to = self.to.lock().unwrap_or_else(PoisonError::into_inner).take();
        let to = to.ok_or_else(|| closed(io::ErrorKind::NotConnected.into(), 0))?;
        let Facts { size, time_base, aspect } = facts;
        let stream = Stream { size, layout: Layout::of(colour.deep, colour.alpha), time_base, aspect };
        let writer = Writer::begin(BufWriter::with_capacity(1 << 16, to), stream, None);
        let writer = writer.map_err(|error| closed(error, 0))?;
        Ok(PipeReel { writer, stream, zero, origin: 0, frames: 0 })
    }
}

/// A film being written to a pipe.
pub(super) struct PipeReel {
    writer: Writer<BufWriter<Pipe>>,
    stream: Stream,
    zero: bool,
    /// The tick that is written as zero.
    origin: i64,
    frames: usize,
}

impl fmt::Debug for PipeReel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, frames, .. } = self;
        f.debug_struct("PipeReel").field("stream", stream).field("frames", frames).finish_non_exhaustive()
    }
}

impl PipeReel {
    /// Sends the next frame.
    pub(super) fn push(&mut self, frame: &Frame) -> Result<(), FilmError> {
        // NUT has no times before zero.
        if self.frames == 0 && (self.zero || frame.time < 0) {
            self.origin = frame.time;
        }
        let time = u64::try_from(frame.time - self.origin).map_err(|_| FilmError::Unwritable {
            reason: format!("a frame is shown before the first one, at tick {}", frame.time),
        })?;
        let pixels = pack(&frame.picture, self.stream.size, self.stream.layout)?;
        let sent = self.writer.frame(time, &pixels).and_then(|()| self.writer.flush());
        sent.map_err(|error| closed(error, self.frames))?;
        self.frames += 1;
        Ok(())
    }
}

fn closed(source: io::Error, frames: usize) -> FilmError {
    FilmError::Closed { frames, source }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeWriter, pipe};

    use super::*;
    use crate::extent::Extent;
    use crate::film::TimeBase;
    use crate::film::nut::Reader;
    use crate::picture::Picture;

    const SIZE: Extent = Extent::new(2, 3);

    fn frame(time: i64) -> Frame {
        let picture = Picture::from_rgb(SIZE, vec![time as f32; 3 * SIZE.plane()]).expect("a picture");
        Frame { picture, time, lasts: None }
    }

    fn reel(to: PipeWriter, zero: bool) -> PipeReel {
        let facts = Facts { size: SIZE, time_base: TimeBase::MILLISECOND, aspect: (1, 1) };
        let colour = Colour::new("rgb24", SIZE, "", "");
        Outlet::new(Box::new(to)).begin(&colour, facts, zero).expect("it takes the beginning")
    }

    /// Everything sent so far can be read before more is sent, and without an end of the stream.
    #[test]
    fn every_frame_is_sent_off_at_once() {
        for (zero, first) in [(false, 40), (true, 0)] {
            let (from, to) = pipe().expect("a pipe");
            let mut reel = reel(to, zero);
            reel.push(&frame(40)).expect("it takes a frame");
            let mut reader = Reader::begin(io::BufReader::new(from)).expect("sound").expect("not empty");
            assert_eq!(reader.next().expect("sound"), Some((first, vec![40; 18])));
            reel.push(&frame(90)).expect("and another");
            assert_eq!(reader.next().expect("sound"), Some((first + 50, vec![90; 18])));
            drop(reel);
            assert_eq!(reader.next().expect("sound"), None);
        }
    }

    #[test]
    fn a_pipe_that_nobody_reads_is_an_error_that_counts() {
        let (from, to) = pipe().expect("a pipe");
        let mut reel = reel(to, false);
        reel.push(&frame(0)).expect("it takes a frame");
        drop(from);
        let error = reel.push(&frame(40)).expect_err("nobody reads");
        assert!(matches!(error, FilmError::Closed { frames: 1, .. }), "{error}");
    }
}
