//! The frames of any source.

use super::FilmError;
use super::decoder::Decoder;
use super::frame::{Facts, Frame};
use super::piped::Inlet;
use super::sequence::Projector;
use super::source::{Kind, Source};
use super::span::Span;

/// Frames in order. Dropping this before the last frame stops the work.
#[derive(Debug)]
pub struct Frames {
    reader: Reader,
}

#[derive(Debug)]
enum Reader {
    Decoder(Box<Decoder>),
    Projector(Projector),
    Inlet(Inlet),
}

impl Frames {
    /// Begins to read.
    ///
    /// # Errors
    /// There is nothing to read.
    pub fn start(source: &Source, span: Span) -> Result<Self, FilmError> {
        let reader = match &source.kind {
            Kind::Footage(footage) => Reader::Decoder(Box::new(Decoder::start(footage, span)?)),
            Kind::Pictures(sequence) => Reader::Projector(Projector::start(sequence, span)),
            Kind::Piped(piped) => Reader::Inlet(Inlet::start(piped, span)?),
        };
        Ok(Self { reader })
    }

    /// The properties common to all frames.
    pub fn facts(&self) -> Facts {
        match &self.reader {
            Reader::Decoder(decoder) => decoder.facts(),
            Reader::Projector(projector) => projector.facts(),
            Reader::Inlet(inlet) => inlet.facts(),
        }
    }

    /// Why frames may be missing or damaged, if there is reason to think so.
    pub fn complaint(&self) -> Option<&str> {
        match &self.reader {
            Reader::Decoder(decoder) => decoder.complaint(),
            Reader::Inlet(inlet) => inlet.complaint(),
            Reader::Projector(_) => None,
        }
    }

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// The film ends early, or its frame size changes.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FilmError> {
        match &mut self.reader {
            Reader::Decoder(decoder) => decoder.next_frame(),
            Reader::Projector(projector) => projector.next_frame(),
            Reader::Inlet(inlet) => inlet.next_frame(),
        }
    }
}
