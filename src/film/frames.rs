//! The frames of a source, whatever it is.

use super::FilmError;
use super::decoder::Decoder;
use super::frame::{Facts, Frame};
use super::sequence::Projector;
use super::source::{Kind, Source};
use super::span::Span;

/// Frames in order. Dropped before the last, nothing goes on.
#[derive(Debug)]
pub struct Frames {
    from: From,
}

#[derive(Debug)]
enum From {
    Decoder(Box<Decoder>),
    Projector(Projector),
}

impl Frames {
    /// Begins to read.
    ///
    /// # Errors
    /// There is nothing that can be read.
    pub fn start(source: &Source, span: Span) -> Result<Self, FilmError> {
        let from = match &source.kind {
            Kind::Footage(footage) => From::Decoder(Box::new(Decoder::start(footage, span)?)),
            Kind::Pictures(sequence) => From::Projector(Projector::start(sequence, span)),
        };
        Ok(Self { from })
    }

    /// What holds for every frame.
    pub fn facts(&self) -> Facts {
        match &self.from {
            From::Decoder(decoder) => decoder.facts(),
            From::Projector(projector) => projector.facts(),
        }
    }

    /// Why there may be fewer frames than there should be, or damaged ones, if there is a reason to think so.
    pub fn complaint(&self) -> Option<&str> {
        match &self.from {
            From::Decoder(decoder) => decoder.complaint(),
            From::Projector(_) => None,
        }
    }

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// The film ends early, or changes its size.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FilmError> {
        match &mut self.from {
            From::Decoder(decoder) => decoder.next_frame(),
            From::Projector(projector) => projector.next_frame(),
        }
    }
}
