//! A film in progress: leg after leg, segment after segment, and what is delivered in the end.

use std::mem;

use super::carry::Continuity;
use super::events::{FilmEnding, FilmEvent};
use super::masks::Masks;
use super::scout::Scout;
use super::state::State;
use super::trail::{Between, Key, LONGEST, Leg};
use crate::carry::Junction;
use crate::dream::recipe::{FilmMark, Recipe, SegmentMark};
use crate::dream::{Dream, Progress, Run, Watcher};
use crate::film::{Digests, FilmError, Frame, Reel};
use crate::machine::Next;
use crate::picture::Picture;
use crate::studio::{Cancel, JobError};

/// A film in progress.
pub(super) struct Shooting<'a> {
    pub(super) dream: &'a mut Dream,
    pub(super) scout: Scout,
    pub(super) reel: Reel,
    pub(super) recipe: Recipe,
    /// What is carried from frame to frame; `None` if each is dreamed alone.
    pub(super) continuity: Option<Continuity>,
    pub(super) masks: Masks,
    /// Where the state is saved, so that the film can be continued.
    pub(super) state: Option<State>,
    /// Whether its source can be read again, so that the film can be continued.
    pub(super) lasts: bool,
    /// The number of frames that are done.
    pub(super) frames: usize,
    /// The number of frames in the current segment.
    pub(super) segment: usize,
}

impl Shooting<'_> {
    /// Dreams leg after leg. Returns whether the end was reached.
    pub(super) fn shoot(
        &mut self,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        while let Some(leg) = self.scout.next()? {
            if !self.deliver(leg, cancel, tell)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Dreams the last frame of a leg and hands over all of its frames. Returns `false` if that was cancelled.
    pub(super) fn deliver(
        &mut self,
        leg: Leg,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        let Leg { between, key } = leg;
        let number = self.frames + between.len();
        let is_cut = key.junction == Junction::Cut && number > 0;
        if is_cut {
            tell(FilmEvent::Cut { frame: number });
        }
        let Some(climbed) = self.climb(&key, number, cancel)? else { return Ok(false) };
        if is_cut {
            self.close()?;
            self.keep(false)?;
        }
        self.carry(between, tell)?;
        if let Some(continuity) = &mut self.continuity {
            continuity.keep(&key)?;
        }
        self.push(key.frame, climbed, tell)?;
        if self.segment == LONGEST {
            self.close()?;
            self.keep(true)?;
        }
        Ok(true)
    }

    /// Hands over the frames before a key that are not dreamed. They are made from what is kept and from the key's
    /// dream.
    fn carry(&mut self, between: Vec<Between>, tell: &mut dyn FnMut(FilmEvent<'_>)) -> Result<(), JobError> {
        let frames = between.len() + 1;
        for (at, between) in (1..).zip(between) {
            let Some(continuity) = &mut self.continuity else { continue };
            let carried = continuity.between(&between, at as f32 / frames as f32)?;
            self.push(between.frame, carried, tell)?;
        }
        Ok(())
    }

    /// Blends the dream with its frame, and hands over the result.
    fn push(
        &mut self,
        frame: Frame,
        climbed: Picture,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<(), JobError> {
        let Frame { picture: source, time, lasts } = frame;
        let picture = self.dream.laid_over(&source, climbed)?;
        tell(FilmEvent::Frame { number: self.frames + 1, picture: &picture });
        self.reel.push(source, Frame { picture, time, lasts })?;
        (self.frames, self.segment) = (self.frames + 1, self.segment + 1);
        Ok(())
    }

    /// The dream of a frame, before it is blended with the frame; `None` if it was cancelled.
    fn climb(&mut self, key: &Key, number: usize, cancel: &Cancel) -> Result<Option<Picture>, JobError> {
        let mut carried = None;
        if let Some(continuity) = &mut self.continuity {
            let begun = continuity.begin(key)?;
            self.dream.adopt(begun.config)?;
            carried = begun.carried;
        }
        self.masks.lay(self.dream, number, key.frame.time)?;
        let source = &key.frame.picture;
        let run = Run { carried: carried.as_ref(), cancel: Some(cancel), ..self.dream.over(source) };
        let climbed = self.dream.climbed(&run, &mut Heedless)?;
        if !climbed.complete {
            return Ok(None);
        }
        let Some(continuity) = &mut self.continuity else { return Ok(Some(climbed.picture)) };
        continuity.dreamed(&self.dream.hand_on()?)?;
        Ok(Some(continuity.shown(source)?))
    }

    /// Ends the current segment, and records its digests.
    fn close(&mut self) -> Result<(), JobError> {
        let frames = mem::take(&mut self.segment);
        if let (Some(Digests { decoded, dreamed }), Some(film)) = (self.reel.close()?, &mut self.recipe.film)
        {
            film.segments.push(SegmentMark { frames, decoded, dreamed });
        }
        Ok(())
    }

    /// Saves the state after a segment and, if the shot continues, what is carried into its next frame.
    fn keep(&mut self, goes_on: bool) -> Result<(), JobError> {
        let Some(state) = &self.state else { return Ok(()) };
        let going = self.continuity.as_mut().filter(|_| goes_on).map(Continuity::kept).transpose()?;
        state.keep(&self.recipe, going.flatten())
    }

    /// Delivers as much of the film as there is.
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

    /// Delivers the whole film.
    fn finish(mut self) -> Result<FilmEnding, JobError> {
        let kept = self.keep(false);
        self.recipe.complete = true;
        let doubt = self.scout.complaint().map(str::to_owned);
        let comment = self.recipe.to_json();
        let finished = kept.and_then(|()| Ok(self.reel.finish(doubt.is_some(), &comment)?));
        if let Err(why) = finished {
            // The segments that it is made of are still there.
            let state = self.lasts && self.state.is_some();
            return Ok(FilmEnding::Stopped { frames: 0, why: Some(why), state });
        }
        if let Some(state) = self.state {
            state.end();
        }
        Ok(FilmEnding::Done { frames: self.frames, doubt, recipe: Box::new(self.recipe) })
    }

    /// Delivers what was dreamed before the film was stopped.
    fn deliver_part(mut self, why: Option<JobError>) -> FilmEnding {
        self.recipe.complete = false;
        let frames = self.recipe.film.as_ref().map_or(self.frames, FilmMark::frames);
        let state = self.lasts && self.state.is_some();
        match self.reel.finish(true, &self.recipe.to_json()) {
            Ok(_) => FilmEnding::Stopped { frames, why, state },
            // The reason for stopping matters more than this error.
            Err(error) => FilmEnding::Stopped { frames: 0, why: why.or(Some(error.into())), state },
        }
    }
}

/// Ignores progress: single iterations of a film are not reported.
struct Heedless;

impl Watcher for Heedless {
    fn turned(&mut self, _now: Progress) -> Next {
        Next::Go
    }
}
