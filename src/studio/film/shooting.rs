//! A film at work: frame after frame, segment after segment, and what there is of it in the end.

use std::mem;

use super::again::BegunFilm;
use super::carry::{Continuity, Standpoint};
use super::events::{FilmEnding, FilmEvent};
use super::masks::Masks;
use super::state::State;
use crate::dream::recipe::{FilmMark, Recipe, SegmentMark};
use crate::dream::{Dream, Progress, Run, Watcher};
use crate::film::{Digests, FilmError, Frame, Frames, Reel};
use crate::machine::Next;
use crate::picture::Picture;
use crate::studio::{Cancel, JobError};

/// A film at work.
pub(super) struct Shooting<'a> {
    pub(super) dream: &'a mut Dream,
    pub(super) coming: Frames,
    pub(super) reel: Reel,
    pub(super) recipe: Recipe,
    /// What goes from frame to frame; `None` if each is dreamed alone.
    pub(super) continuity: Option<Continuity>,
    pub(super) masks: Masks,
    /// Where what is worth going on from is kept.
    pub(super) state: Option<State>,
    /// Whether its source can be read again, so that it can be gone on with.
    pub(super) lasts: bool,
    /// How many are done.
    pub(super) frames: usize,
    /// How many of them are in the segment at work.
    pub(super) segment: usize,
    /// Whether the frame at hand begins a shot.
    pub(super) is_cut: bool,
    /// When the last one is shown.
    pub(super) before: i64,
}

/// The most frames of a segment: what a stop may cost.
const LONGEST: usize = 250;

impl Shooting<'_> {
    /// Passes over the frames that were dreamed before. Whether that was not cancelled.
    pub(super) fn catch_up(
        &mut self,
        begun: &BegunFilm,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        let frames = begun.mark().frames();
        tell(FilmEvent::Resumed { frames });
        while self.frames < frames && !cancel.is_cancelled() {
            let frame = self.coming.next_frame()?;
            let frame = frame.ok_or_else(|| begun.unfit("its source has fewer frames than were dreamed"))?;
            self.reel.pass(frame.time);
            (self.frames, self.before) = (self.frames + 1, frame.time);
        }
        if let (Some(continuity), Some((last, kept))) = (&mut self.continuity, begun.kept.clone())
            && !continuity.take_up(last, kept)
        {
            return Err(begun.unfit("what goes on is of another size"));
        }
        Ok(!cancel.is_cancelled())
    }

    /// Dreams frame after frame. Whether it came to the end.
    pub(super) fn shoot(
        &mut self,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        let mut coming = self.next()?;
        while let Some(frame) = coming {
            // Whether a frame is a cut or a flash is known by the one after it. What is wrong with that is said once this
            // one is dreamed.
            let following = self.next();
            let next = following.iter().flatten().next().map(|next| &next.picture);
            if !self.deliver(frame, next, cancel, tell)? {
                return Ok(false);
            }
            coming = following?;
        }
        Ok(true)
    }

    /// Dreams a frame and hands it over. Whether that was not cancelled.
    pub(super) fn deliver(
        &mut self,
        frame: Frame,
        next: Option<&Picture>,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        let stand = self.standpoint(&frame, next);
        let Some(picture) = self.frame(&frame.picture, &stand, cancel, tell)? else { return Ok(false) };
        if self.is_cut {
            self.close()?;
            self.keep(false)?;
        }
        tell(FilmEvent::Frame { number: self.frames + 1, picture: &picture });
        let Frame { picture: source, time, lasts } = frame;
        self.reel.push(source, Frame { picture, time, lasts })?;
        (self.frames, self.segment) = (self.frames + 1, self.segment + 1);
        if self.segment == LONGEST {
            self.close()?;
            self.keep(true)?;
        }
        Ok(true)
    }

    /// Ends the segment at work, and notes what its frames were.
    fn close(&mut self) -> Result<(), JobError> {
        let frames = mem::take(&mut self.segment);
        if let (Some(Digests { decoded, dreamed }), Some(film)) = (self.reel.close()?, &mut self.recipe.film)
        {
            film.segments.push(SegmentMark { frames, decoded, dreamed });
        }
        Ok(())
    }

    /// Keeps what there is after a segment, and if the shot goes on, what goes into its next frame.
    fn keep(&self, goes_on: bool) -> Result<(), JobError> {
        let going = self.continuity.as_ref().filter(|_| goes_on).and_then(Continuity::kept);
        self.state.as_ref().map_or(Ok(()), |state| state.keep(&self.recipe, going))
    }

    pub(super) fn standpoint<'a>(&mut self, frame: &Frame, next: Option<&'a Picture>) -> Standpoint<'a> {
        let times = (self.before, frame.time);
        self.before = frame.time;
        Standpoint { number: self.frames, times, next }
    }

    /// The next frame, in the film's size.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, JobError> {
        let Some(frame) = self.coming.next_frame()? else { return Ok(None) };
        Ok(Some(Frame { picture: frame.picture.into_resized(self.reel.size())?, ..frame }))
    }

    /// The dream of a frame; `None` if that was cancelled.
    fn frame(
        &mut self,
        source: &Picture,
        stand: &Standpoint<'_>,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<Option<Picture>, JobError> {
        let mut carried = None;
        if let Some(continuity) = &mut self.continuity {
            let begun = continuity.begin(source, stand)?;
            self.dream.adopt(begun.config)?;
            carried = begun.carried;
            self.is_cut = begun.is_cut && stand.number > 0;
            if self.is_cut {
                tell(FilmEvent::Cut { frame: stand.number });
            }
        }
        self.masks.lay(self.dream, stand.number, stand.times.1)?;
        let run = Run { carried: carried.as_ref(), cancel: Some(cancel), ..self.dream.over(source) };
        let dreamed = self.dream.run_with(&run, &mut Heedless)?;
        if let Some(continuity) = &mut self.continuity {
            continuity.keep(source, &self.dream.climbed(source)?);
        }
        Ok(dreamed.complete.then_some(dreamed.picture))
    }

    /// Delivers what there is.
    pub(super) fn conclude(mut self, went: Result<bool, JobError>) -> Result<FilmEnding, JobError> {
        if self.frames == 0 {
            return match went? {
                true => Err(FilmError::NoFrames { path: self.reel.source().to_owned() }.into()),
                false => Ok(FilmEnding::Stopped { frames: 0, why: None, state: false }),
            };
        }
        if let Some(state) = self.state.as_mut().filter(|_| self.lasts) {
            state.stay();
        }
        let closed = self.close();
        match went.and_then(|to_the_end| closed.map(|()| to_the_end)) {
            Ok(true) => self.finish(),
            Ok(false) => Ok(self.deliver_part(None)),
            Err(why) => Ok(self.deliver_part(Some(why))),
        }
    }

    /// Delivers all of it.
    fn finish(mut self) -> Result<FilmEnding, JobError> {
        self.keep(false)?;
        self.recipe.complete = true;
        let doubt = self.coming.complaint().map(str::to_owned);
        self.reel.finish(doubt.is_some(), &self.recipe.to_json())?;
        if let Some(state) = self.state {
            state.end();
        }
        Ok(FilmEnding::Done { frames: self.frames, doubt, recipe: Box::new(self.recipe) })
    }

    /// Delivers what was dreamed before it stopped.
    fn deliver_part(mut self, why: Option<JobError>) -> FilmEnding {
        self.recipe.complete = false;
        let frames = self.recipe.film.as_ref().map_or(self.frames, FilmMark::frames);
        let state = self.lasts && self.state.is_some();
        match self.reel.finish(true, &self.recipe.to_json()) {
            Ok(_) => FilmEnding::Stopped { frames, why, state },
            // What made it necessary is what there is to say.
            Err(error) => FilmEnding::Stopped { frames: 0, why: why.or(Some(error.into())), state },
        }
    }
}

/// Nobody looks at single iterations of a film.
struct Heedless;

impl Watcher for Heedless {
    fn turned(&mut self, _now: Progress) -> Next {
        Next::Go
    }
}
