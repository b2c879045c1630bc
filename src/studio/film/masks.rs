//! Masks that are films themselves: each frame of a film is dreamed under the mask that is shown with it.

use std::path::Path;

use crate::dream::Dream;
use crate::dream::recipe::PictureMark;
use crate::film::{Frame, Frames, Hdr, Source, Span, TimeBase};
use crate::picture::{ReadOptions, is_picture};
use crate::studio::{JobError, Opened};

/// By how much a frame may be shown after the mask that belongs to it, in seconds: clocks differ in their ticks.
const MOMENT: f64 = 1e-6;

/// A mask that moves: the pictures of a folder or a pattern frame by frame, others by their times. Where it is shorter than
/// the film, its last frame stays.
#[derive(Clone, Debug)]
pub struct MovingMask {
    /// Which of the masks it is, from 0.
    pub number: usize,
    /// What is shown.
    pub source: Source,
}

impl MovingMask {
    /// Opens a mask: its first frame or only one, and what moves, if it does.
    ///
    /// # Errors
    /// It is neither a picture nor a film.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<(Opened, Option<Source>), JobError> {
        let source = match Source::of_pictures(path)? {
            Some(source) => source,
            None => match Opened::file(path, options) {
                Ok(still) => return Ok((still, None)),
                Err(error) if is_picture(path) => return Err(error.into()),
                // How bright HDR is meant to be is no matter to a mask.
                Err(_) => Source::open(path, None)?.with_hdr(Some(Hdr::Keep))?,
            },
        };
        let picture = match Frames::start(&source, Span::default())?.next_frame()? {
            Some(frame) => frame.picture,
            None => return Err(crate::film::FilmError::NoFrames { path: path.to_owned() }.into()),
        };
        let (width, height) = (picture.width(), picture.height());
        let mark = PictureMark { sha256: source.sha256()?, width, height };
        Ok((Opened { path: path.to_owned(), picture, mark }, Some(source)))
    }
}

/// The masks of a film at work.
pub(super) struct Masks {
    masks: Vec<Moving>,
    /// Of the film's frames.
    time_base: TimeBase,
    beginning: f64,
}

struct Moving {
    number: usize,
    frames: Frames,
    /// What the frames of the mask go by: the film's, one by one, or when they are shown after this many seconds.
    begins: Option<f64>,
    /// The first that was not laid yet.
    coming: Option<Frame>,
    /// How many were laid.
    laid: usize,
}

impl Masks {
    /// Opens the masks for this part of a film.
    ///
    /// # Errors
    /// One cannot be read, or its frames cannot be counted.
    pub(super) fn start(
        masks: &[MovingMask],
        source: &Source,
        span: Span,
        time_base: TimeBase,
    ) -> Result<Self, JobError> {
        let start = |mask: &MovingMask| {
            let is_counted = mask.source.is_counted();
            let span = if is_counted { source.counted(span, mask.source.path())? } else { Span::default() };
            let mut frames = Frames::start(&mask.source, span)?;
            let begins = (!is_counted).then(|| mask.source.beginning());
            let coming = frames.next_frame()?;
            Ok(Moving { number: mask.number, frames, begins, coming, laid: 0 })
        };
        let masks = masks.iter().map(start).collect::<Result<_, JobError>>()?;
        Ok(Self { masks, time_base, beginning: source.beginning() })
    }

    /// Lays the masks for a frame of the part that is shown at this tick, from 0.
    ///
    /// # Errors
    /// One cannot be read any further.
    pub(super) fn lay(&mut self, dream: &mut Dream, number: usize, time: i64) -> Result<(), JobError> {
        let seconds = self.time_base.seconds(time) - self.beginning + MOMENT;
        for mask in &mut self.masks {
            if let Some(frame) = mask.at(number, seconds)? {
                dream.lay_mask(mask.number, &frame.picture)?;
            }
        }
        Ok(())
    }
}

impl Moving {
    /// The mask of a frame, if it is another than that of the one before.
    fn at(&mut self, number: usize, seconds: f64) -> Result<Option<Frame>, JobError> {
        let mut newest = None;
        while self.coming.as_ref().is_some_and(|coming| self.is_due(coming, number, seconds)) {
            newest = self.coming.take();
            self.coming = self.frames.next_frame()?;
            self.laid += 1;
        }
        Ok(newest)
    }

    /// Whether a frame of the mask is to be laid by then. The first one always is.
    fn is_due(&self, frame: &Frame, number: usize, seconds: f64) -> bool {
        let time = || self.frames.facts().time_base.seconds(frame.time);
        self.laid == 0
            || match self.begins {
                None => self.laid <= number,
                Some(beginning) => time() - beginning <= seconds,
            }
    }
}
