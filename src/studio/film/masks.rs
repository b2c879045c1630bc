//! Masks that move with a film: each frame is dreamed with the mask frame that is shown at the same time.

use crate::dream::Dream;
use crate::film::{Frame, Frames, Source, Span, TimeBase};
use crate::studio::{JobError, MovingMask};

/// How much earlier than its mask a frame may be shown, in seconds: clocks differ in their ticks.
const MOMENT: f64 = 1e-6;

/// The moving masks of a film in progress.
pub(super) struct Masks {
    masks: Vec<Moving>,
    /// The time base of the film's frames.
    time_base: TimeBase,
    beginning: f64,
}

struct Moving {
    number: usize,
    frames: Frames,
    /// When the mask begins, in seconds, if its frames are matched by time; `None` if they are matched one by one.
    begins: Option<f64>,
    /// The next mask frame, which was not used yet.
    coming: Option<Frame>,
    /// How many mask frames were used.
    laid: usize,
}

impl Masks {
    /// Opens the masks for this part of a film.
    ///
    /// # Errors
    /// A mask cannot be read, or it is not known which of its frames belong to the part.
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

    /// Sets the masks for the frame of the part with this number, from 0, which is shown at this tick.
    ///
    /// # Errors
    /// A mask cannot be read any further.
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
    /// The mask for a frame, if it differs from the one for the frame before.
    fn at(&mut self, number: usize, seconds: f64) -> Result<Option<Frame>, JobError> {
        let mut newest = None;
        while self.coming.as_ref().is_some_and(|coming| self.is_due(coming, number, seconds)) {
            newest = self.coming.take();
            self.coming = self.frames.next_frame()?;
            self.laid += 1;
        }
        Ok(newest)
    }

    /// Whether a frame of the mask is due by then. The first one always is.
    fn is_due(&self, frame: &Frame, number: usize, seconds: f64) -> bool {
        let time = || self.frames.facts().time_base.seconds(frame.time);
        self.laid == 0
            || match self.begins {
                None => self.laid <= number,
                Some(beginning) => time() - beginning <= seconds,
            }
    }
}
