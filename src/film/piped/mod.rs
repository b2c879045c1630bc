//! A film that another program sends through a pipe, as NUT. It is read once, at the pace of the sender.

mod coded;

use std::fmt;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::colour::Colour;
use super::frame::{Facts, Frame, unpack};
use super::hdr::Hdr;
use super::newest::{Putter, Taker, newest};
use super::nut::Reader;
use super::probe::Footage;
use super::programs::Programs;
use super::span::{Moment, Span};
use super::{AHEAD, FilmError};
use coded::{Complaint, Decoded, Recorder};

type PipeReader = Reader<BufReader<Box<dyn Read + Send>>>;

/// What is done with frames that arrive faster than they are dreamed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dropping {
    /// They wait, and so does the sender.
    #[default]
    Nothing,
    /// All but the newest are dropped, which keeps the delay short: for a camera.
    Late,
}

/// A pipe with a film, whose headers have been read.
#[derive(Clone)]
pub(super) struct Piped {
    name: PathBuf,
    dropping: Dropping,
    facts: Facts,
    colour: Colour,
    /// Remarks for people.
    remarks: Vec<String>,
    /// Empty once reading has begun.
    reader: Arc<Mutex<Option<PipeReader>>>,
    /// What whoever decodes it complains about.
    complaint: Complaint,
}

impl Piped {
    /// Reads the beginning of the data in this pipe.
    pub(super) fn open(
        from: Box<dyn Read + Send>,
        name: &Path,
        dropping: Dropping,
        wish: Option<Hdr>,
    ) -> Result<Self, FilmError> {
        let wrong = |reason| FilmError::Stream { path: name.to_owned(), reason };
        let mut beginning = Recorder::new(from);
        let begun = Reader::begin(BufReader::new(&mut beginning)).map(drop);
        let is_coded = begun.is_err_and(|error| error.kind() == io::ErrorKind::Unsupported);
        // Without ffmpeg, the second attempt gives the same error.
        let programs = if is_coded { Programs::find().ok() } else { None };
        let (from, footage, complaint): (Box<dyn Read + Send>, _, _) = match programs {
            None => (Box::new(beginning.rewound()), None, Complaint::default()),
            Some(programs) => {
                let (footage, decoded) = Decoded::start(beginning.rewound(), (name, wish), &programs)?;
                let complaint = decoded.complaint();
                (Box::new(decoded), Some(footage), complaint)
            }
        };
        let begun = Reader::begin(BufReader::with_capacity(1 << 16, from));
        let reader = begun.map_err(|error| wrong(words(&error)))?;
        let reader = reader.ok_or_else(|| wrong("nothing comes".to_owned()))?;
        let stream = reader.stream();
        let raw = || Colour::new(stream.layout.name(), stream.size, "", "");
        let remarks = footage.as_ref().map_or(Vec::new(), Footage::remarks);
        let others = footage.as_ref().map_or(reader.others(), |footage| footage.companions.len());
        Ok(Self {
            name: name.to_owned(),
            dropping,
            facts: Facts { size: stream.size, time_base: stream.time_base, aspect: stream.aspect },
            colour: footage.map_or_else(raw, |footage| footage.pictures.colour),
            remarks: remarks.into_iter().chain(left_out(others)).collect(),
            reader: Arc::new(Mutex::new(Some(reader))),
            complaint,
        })
    }

    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    pub(super) fn colour(&self) -> &Colour {
        &self.colour
    }

    /// Remarks for people.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }
}

/// A remark that this many streams besides the pictures are left out.
fn left_out(others: usize) -> Option<String> {
    let others = match others {
        0 => return None,
        1 => "its other stream is".to_owned(),
        count => format!("its {count} other streams are"),
    };
    Some(format!("{others} left out: only the pictures of a pipe are read"))
}

impl fmt::Debug for Piped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Piped").field("name", &self.name).field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// What is wrong with the data.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends in the middle".to_owned(),
        _ => error.to_string(),
    }
}

/// Frames from a pipe. If this is dropped before the last one, the sender finds the pipe closed when it sends the
/// next.
#[derive(Debug)]
pub(super) struct Inlet {
    name: PathBuf,
    facts: Facts,
    arriving: Arriving,
    thread: Option<JoinHandle<io::Result<()>>>,
    taken: usize,
    complaint: Complaint,
}

#[derive(Debug)]
enum Arriving {
    All(Receiver<Frame>),
    Newest(Taker<Frame>),
}

enum Sending {
    All(SyncSender<Frame>),
    Newest(Putter<Frame>),
}

impl Sending {
    /// Sends a frame. Returns whether there is still a consumer.
    fn send(&self, frame: Frame) -> bool {
        match self {
            Self::All(sender) => sender.send(frame).is_ok(),
            Self::Newest(putter) => putter.put(frame),
        }
    }
}

impl Inlet {
    /// Begins to read.
    ///
    /// # Errors
    /// The film has been read before.
    pub(super) fn start(piped: &Piped, span: Span) -> Result<Self, FilmError> {
        let reader = piped.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        let reader = reader.ok_or_else(|| FilmError::Stream {
            path: piped.name.clone(),
            reason: "it was read before, and a pipe can be read only once".to_owned(),
        })?;
        let (sending, arriving) = match piped.dropping {
            Dropping::Nothing => {
                let (sender, receiver) = sync_channel(AHEAD);
                (Sending::All(sender), Arriving::All(receiver))
            }
            Dropping::Late => {
                let (putter, taker) = newest();
                (Sending::Newest(putter), Arriving::Newest(taker))
            }
        };
        let thread = Some(thread::spawn(move || receive(reader, span, &sending)));
        let complaint = Arc::clone(&piped.complaint);
        Ok(Self { name: piped.name.clone(), facts: piped.facts, arriving, thread, taken: 0, complaint })
    }

    /// What whoever decoded it complained about although it finished: to ffmpeg, a truncated film is no error.
    pub(super) fn complaint(&self) -> Option<&str> {
        self.complaint.get().map(String::as_str)
    }

    pub(super) fn facts(&self) -> Facts {
        self.facts
    }

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// The pipe ends in the middle of a frame, or delivers something else.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, FilmError> {
        let frame = match &self.arriving {
            Arriving::All(receiver) => receiver.recv().ok(),
            Arriving::Newest(taker) => taker.take(),
        };
        if frame.is_some() {
            self.taken += 1;
            return Ok(frame);
        }
        let ended = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        let ended = ended.unwrap_or_else(|_| Err(io::Error::other("the frames could not be received")));
        ended.map(|()| None).map_err(|error| FilmError::Damaged {
            path: self.name.clone(),
            frames: self.taken,
            reason: words(&error),
        })
    }
}

/// The largest tick, positive or negative, up to which times are exact, also in seconds.
const LAST_TICK: u64 = 1 << 52;

/// Reads to the end, or until the consumer is dropped.
fn receive(mut reader: PipeReader, span: Span, to: &Sending) -> io::Result<()> {
    let stream = reader.stream();
    let mut number = 0;
    while let Some((time, pixels)) = reader.next()? {
        if time.unsigned_abs() > LAST_TICK {
            return Err(io::Error::other(format!("a frame is shown at tick {time}, which no clock has")));
        }
        let reached = |moment: Option<Moment>| {
            moment.map(|moment| match moment {
                Moment::Frame(frame) => frame <= number,
                Moment::Seconds(seconds) => seconds <= stream.time_base.seconds(time),
            })
        };
        if reached(span.to) == Some(true) {
            return Ok(());
        }
        let is_wanted = reached(span.from) != Some(false);
        number += 1;
        if !is_wanted {
            continue;
        }
        let picture = unpack(&pixels, stream.size, stream.layout).map_err(io::Error::other)?;
        if !to.send(Frame { picture, time, lasts: None }) {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
