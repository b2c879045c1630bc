//! A film being written.

use std::path::{Path, PathBuf};

use super::FilmError;
use super::animated::AnimatedReel;
use super::encoder::Digests;
use super::file_reel::FileReel;
use super::folder::FolderReel;
use super::frame::{Facts, Frame};
use super::outlet::PipeReel;
use super::source::Source;
use super::span::Span;
use super::target::{Kind, Target};
use crate::extent::Extent;
use crate::picture::Picture;

/// A film that is being written. A file appears when it is finished, and not before; in a folder the frames appear one
/// by one.
#[derive(Debug)]
pub struct Reel {
    size: Extent,
    /// Where its frames come from, for the error that says there are none.
    source: PathBuf,
    frames: usize,
    /// What of the pictures has no place where they go.
    losses: Vec<String>,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    File(Box<FileReel>),
    Folder(FolderReel),
    Animated(AnimatedReel),
    Pipe(PipeReel),
}

impl Reel {
    /// Begins a film that is like this part of its source, but for the pictures. So many `segments` of it are done already:
    /// their frames are to be passed first.
    ///
    /// # Errors
    /// As for [`Target::check`].
    pub fn begin(
        source: &Source,
        span: Span,
        target: &Target,
        facts: Facts,
        segments: usize,
    ) -> Result<Self, FilmError> {
        let writer = match &target.kind {
            Kind::File(file) => Writer::File(Box::new(FileReel::begin(source, span, file, facts, segments)?)),
            Kind::Folder(folder) => Writer::Folder(folder.begin()?),
            Kind::Animated(animated) => Writer::Animated(animated.begin(facts)?),
            Kind::Piped(outlet) => {
                Writer::Pipe(outlet.begin(&source.colour(), facts, span.from.is_some())?)
            }
        };
        let losses = target.losses(&source.colour());
        Ok(Self { size: facts.size, source: source.path().to_owned(), frames: 0, losses, writer })
    }

    /// Where its frames come from.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// The size of every frame.
    pub fn size(&self) -> Extent {
        self.size
    }

    /// What there is to know of how the film differs from its source but for the dream, for people.
    pub fn remarks(&self) -> Vec<String> {
        let beside = match &self.writer {
            Writer::File(file) => file.remarks(),
            Writer::Folder(_) | Writer::Animated(_) | Writer::Pipe(_) => Vec::new(),
        };
        self.losses.iter().cloned().chain(beside).collect()
    }

    /// Counts a frame of a segment that is done already, which is shown at this tick.
    pub fn pass(&mut self, time: i64) {
        self.frames += 1;
        if let Writer::File(file) = &mut self.writer {
            file.pass(time);
        }
    }

    /// Ends a segment: what comes is encoded by itself. What its frames were; `None` if there were none, or where nothing
    /// is encoded.
    ///
    /// # Errors
    /// It cannot be written. The film then is what was before it.
    pub fn close(&mut self) -> Result<Option<Digests>, FilmError> {
        match &mut self.writer {
            Writer::File(file) => file.close(),
            Writer::Folder(_) | Writer::Animated(_) | Writer::Pipe(_) => Ok(None),
        }
    }

    /// Hands over the next frame, and what it was before.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn push(&mut self, source: Picture, frame: Frame) -> Result<(), FilmError> {
        self.frames += 1;
        match &mut self.writer {
            Writer::File(file) => file.push(source, frame),
            Writer::Folder(folder) => folder.push(&frame),
            Writer::Animated(animated) => animated.push(&frame),
            Writer::Pipe(pipe) => pipe.push(&frame),
        }
    }

    /// Finishes the film, replacing what was there: all segments that were closed. Where it `is_cut` short, the sound ends with the pictures. A film
    /// in a file takes the `comment` with it, in the place of its source's.
    ///
    /// # Errors
    /// There is no frame, or ffmpeg or the disk refuses.
    pub fn finish(self, is_cut: bool, comment: &str) -> Result<(), FilmError> {
        if self.frames == 0 {
            return Err(FilmError::NoFrames { path: self.source });
        }
        match self.writer {
            Writer::File(file) => file.finish(is_cut, comment).map(drop),
            Writer::Animated(animated) => animated.finish().map(drop),
            Writer::Folder(_) | Writer::Pipe(_) => Ok(()),
        }
    }
}
