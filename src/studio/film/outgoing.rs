//! Finished frames on their way into the film. The last one is handed over late, while the device is busy with the
//! next.

use std::mem;

use super::events::FilmEvent;
use crate::dream::{Overlay, Progress, Watcher};
use crate::film::{Digests, Frame, Reel};
use crate::machine::{Next, Reading};
use crate::studio::JobError;

/// A frame whose dream is done, and may still be on its way from the device.
pub(super) struct Finished {
    /// The frame of the source.
    pub(super) frame: Frame,
    /// The dream.
    pub(super) dream: Reading,
    /// How the dream is laid over the frame.
    pub(super) overlay: Overlay,
}

/// The way from the device into the film.
pub(super) struct Outgoing {
    pub(super) reel: Reel,
    /// The finished frame that was not handed over yet, if there is one.
    late: Option<Finished>,
    /// The number of frames that were handed over.
    frames: usize,
    /// The number of those in the current segment.
    segment: usize,
}

impl Outgoing {
    /// Begins after this many frames, at the beginning of a segment.
    pub(super) fn after(frames: usize, reel: Reel) -> Self {
        Self { reel, late: None, frames, segment: 0 }
    }

    /// The number of frames that are finished.
    pub(super) fn frames(&self) -> usize {
        self.frames + usize::from(self.late.is_some())
    }

    /// The number of frames in the current segment that are finished.
    pub(super) fn segment(&self) -> usize {
        self.segment + usize::from(self.late.is_some())
    }

    /// Ends the current segment, of which everything must have been handed over. Returns the number of its frames,
    /// and their digests if they are encoded.
    ///
    /// # Errors
    /// The segment cannot be written.
    pub(super) fn close(&mut self) -> Result<(usize, Option<Digests>), JobError> {
        let frames = mem::take(&mut self.segment);
        Ok((frames, self.reel.close()?))
    }

    /// Takes a finished frame, after handing over the one before.
    ///
    /// # Errors
    /// Those of [`Outgoing::hand_over`].
    pub(super) fn push(
        &mut self,
        finished: Finished,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<(), JobError> {
        self.hand_over(tell)?;
        self.late = Some(finished);
        Ok(())
    }

    /// Hands over the frame that is left, if there is one: waits for it, and lays the dream over it.
    ///
    /// # Errors
    /// The device has failed, or the frame cannot be written. That frame is lost.
    pub(super) fn hand_over(&mut self, tell: &mut dyn FnMut(FilmEvent<'_>)) -> Result<(), JobError> {
        let Some(Finished { frame, dream, overlay }) = self.late.take() else { return Ok(()) };
        let Frame { picture: source, time, lasts } = frame;
        let picture = overlay.lay(dream, &source)?;
        tell(FilmEvent::Frame { number: self.frames + 1, picture: &picture });
        self.reel.push(source, Frame { picture, time, lasts })?;
        (self.frames, self.segment) = (self.frames + 1, self.segment + 1);
        Ok(())
    }
}

/// Hands over a frame while the next one is dreamed: once its largest octave has begun, which keeps the device busy
/// for longest. Single iterations are not reported.
pub(super) struct Meanwhile<'a> {
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) tell: &'a mut dyn FnMut(FilmEvent<'_>),
    /// Whether that went well so far. If not, the dream is stopped.
    pub(super) went: Result<(), JobError>,
}

impl Watcher for Meanwhile<'_> {
    fn turned(&mut self, now: Progress) -> Next {
        if now.octave == now.octaves && self.went.is_ok() {
            self.went = self.outgoing.hand_over(self.tell);
        }
        if self.went.is_ok() { Next::Go } else { Next::Stop }
    }
}
