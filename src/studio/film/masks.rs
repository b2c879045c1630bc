//! Masks that move with a film: each frame of a film is dreamed under the mask that is shown with it.

use crate::dream::Dream;
use crate::film::{Frame, Frames, Source, Span, TimeBase};
use crate::studio::{JobError, MovingMask};

/// By how much a frame may be shown after the mask that belongs to it, in seconds: clocks differ in their ticks.
const MOMENT: f64 = 1e-6;

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
