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

/// A film being written. A file appears only when it is finished; in a folder, the frames appear one by one.
#[derive(Debug)]
pub struct Reel {
    size: Extent,
    /// The source of its frames, for the error that there are none.
    source: PathBuf,
    /// The number of frames so far, and of those in closed segments.
    frames: usize,
    closed: usize,
    /// What the target cannot keep of the pictures.
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
    /// Begins a film that matches this part of its source except for the pictures. This many `segments` of it are
    /// finished already; their frames have to be passed first.
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
        Ok(Self { size: facts.size, source: source.path().to_owned(), frames: 0, closed: 0, losses, writer })
    }

    /// The source of its frames.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// The size of every frame.
    pub fn size(&self) -> Extent {
        self.size
    }

    /// Remarks for people on how the film differs from its source, apart from the dream.
    pub fn remarks(&self) -> Vec<String> {
        let beside = match &self.writer {
            Writer::File(file) => file.remarks(),
            Writer::Folder(_) | Writer::Animated(_) | Writer::Pipe(_) => Vec::new(),
        };
        self.losses.iter().cloned().chain(beside).collect()
    }

    /// Counts a frame of a segment that is finished already. It is shown at this tick.
    pub fn pass(&mut self, time: i64) {
        self.frames += 1;
        self.closed = self.frames;
        if let Writer::File(file) = &mut self.writer {
            file.pass(time);
        }
    }

    /// Ends a segment; what follows is encoded independently. Returns the digests of its frames; `None` if there
    /// were none, or if nothing is encoded.
    ///
    /// # Errors
    /// The segment cannot be written. The film then consists of what came before it.
    pub fn close(&mut self) -> Result<Option<Digests>, FilmError> {
        let digests = match &mut self.writer {
            Writer::File(file) => file.close()?,
            Writer::Folder(_) | Writer::Animated(_) | Writer::Pipe(_) => None,
        };
        self.closed = self.frames;
        Ok(digests)
    }

    /// Writes what still waits for a frame after it.
    ///
    /// # Errors
    /// The last frame cannot be written. The film then consists of what came before it.
    pub fn flush(&mut self) -> Result<(), FilmError> {
        match &mut self.writer {
            Writer::Animated(animated) => animated.flush(),
            Writer::File(_) | Writer::Folder(_) | Writer::Pipe(_) => Ok(()),
        }
    }

    /// Hands over the next frame, and the source picture that it was dreamed from.
    ///
    /// # Errors
    /// The frame cannot be written.
    pub fn push(&mut self, source: Picture, frame: Frame) -> Result<(), FilmError> {
        match &mut self.writer {
            Writer::File(file) => file.push(source, frame)?,
            Writer::Folder(folder) => folder.push(&frame)?,
            Writer::Animated(animated) => animated.push(&frame)?,
            Writer::Pipe(pipe) => pipe.push(&frame)?,
        }
        self.frames += 1;
        Ok(())
    }

    /// Finishes the film from all that is closed and flushed, replacing any existing file. If it `is_cut` short, the
    /// sound ends with the pictures. In a file, the `comment` replaces that of the source. Returns the number of
    /// frames.
    ///
    /// # Errors
    /// There is no frame, or ffmpeg or the disk reports an error.
    pub fn finish(self, is_cut: bool, comment: &str) -> Result<usize, FilmError> {
        if self.frames == 0 {
            return Err(FilmError::NoFrames { path: self.source });
        }
        match self.writer {
            Writer::File(file) => file.finish(is_cut, comment).map(|_| self.closed),
            Writer::Animated(animated) => animated.finish(),
            Writer::Folder(_) | Writer::Pipe(_) => Ok(self.frames),
        }
    }
}
