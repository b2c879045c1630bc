//! A film in progress: leg after leg, segment after segment, and what is delivered in the end.

use super::carry::Continuity;
use super::events::{FilmEnding, FilmEvent};
use super::masks::Masks;
use super::outgoing::{Finished, Meanwhile, Outgoing};
use super::scout::Scout;
use super::state::State;
use super::trail::{Between, Key, LONGEST, Leg};
use crate::carry::Junction;
use crate::dream::recipe::{Recipe, SegmentMark};
use crate::dream::{Dream, Overlay, Run};
use crate::film::{Digests, FilmError};
use crate::machine::Reading;
use crate::studio::{Cancel, JobError};

/// A film in progress.
pub(super) struct Shooting<'a> {
    pub(super) dream: &'a mut Dream,
    pub(super) scout: Scout,
    pub(super) outgoing: Outgoing,
    pub(super) recipe: Recipe,
    /// What is carried from frame to frame; `None` if each is dreamed alone.
    pub(super) continuity: Option<Continuity>,
    pub(super) masks: Masks,
    /// Where the state is saved, so that the film can be continued.
    pub(super) state: Option<State>,
    /// Whether its source can be read again, so that the film can be continued.
    pub(super) lasts: bool,
}

impl Shooting<'_> {
    /// Dreams leg after leg, and hands over all frames. Returns whether the end was reached.
    pub(super) fn shoot(
        &mut self,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        let went = self.deliver_all(cancel, tell);
        let handed = self.outgoing.hand_over(tell);
        went.and_then(|to_the_end| handed.map(|()| to_the_end))
    }

    fn deliver_all(
        &mut self,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        while let Some(leg) = self.next(tell)? {
            if !self.deliver(leg, cancel, tell)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next leg. While there is nothing to dream, nothing is held back: a camera may be slow.
    fn next(&mut self, tell: &mut dyn FnMut(FilmEvent<'_>)) -> Result<Option<Leg>, JobError> {
        if let Some(ready) = self.scout.ready() {
            return ready.map(Some);
        }
        self.outgoing.hand_over(tell)?;
        self.scout.next()
    }

    /// Dreams the last frame of a leg and hands over all of its frames, the last one late. Returns `false` if that was
    /// cancelled.
    pub(super) fn deliver(
        &mut self,
        leg: Leg,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<bool, JobError> {
        let Leg { between, key } = leg;
        let number = self.outgoing.frames() + between.len();
        let is_cut = key.junction == Junction::Cut && number > 0;
        if is_cut {
            self.outgoing.hand_over(tell)?;
            tell(FilmEvent::Cut { frame: number });
        }
        let Some(dream) = self.climb(&key, number, cancel, tell)? else { return Ok(false) };
        let overlay = self.dream.overlay();
        if is_cut {
            self.close()?;
            self.keep(false)?;
        }
        self.carry(between, &overlay, tell)?;
        if let Some(continuity) = &mut self.continuity {
            continuity.keep(&key)?;
        }
        self.outgoing.push(Finished { frame: key.frame, dream, overlay }, tell)?;
        if self.outgoing.segment() == LONGEST {
            self.outgoing.hand_over(tell)?;
            self.close()?;
            self.keep(true)?;
        }
        Ok(true)
    }

    /// Hands over the frames before a key that are not dreamed. They are made from what is kept and from the key's
    /// dream.
    fn carry(
        &mut self,
        between: Vec<Between>,
        overlay: &Overlay,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<(), JobError> {
        let frames = between.len() + 1;
        for (at, between) in (1..).zip(between) {
            let Some(continuity) = &mut self.continuity else { continue };
            let dream = continuity.between(&between, at as f32 / frames as f32)?;
            let overlay = overlay.clone();
            self.outgoing.push(Finished { frame: between.frame, dream, overlay }, tell)?;
        }
        Ok(())
    }

    /// The dream of a frame, before it is laid over the frame; `None` if it was cancelled. Meanwhile the frame before
    /// is handed over.
    fn climb(
        &mut self,
        key: &Key,
        number: usize,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<Option<Reading>, JobError> {
        let mut carried = None;
        if let Some(continuity) = &mut self.continuity {
            let begun = continuity.begin(key)?;
            self.dream.adopt(begun.config)?;
            carried = begun.carried;
        }
        self.masks.lay(self.dream, number, key.frame.time)?;
        let source = &key.frame.picture;
        let run = Run { carried: carried.as_ref(), cancel: Some(cancel), ..self.dream.over(source) };
        let mut meanwhile = Meanwhile { outgoing: &mut self.outgoing, tell, went: Ok(()) };
        let climbed = self.dream.climb(&run, &mut meanwhile);
        meanwhile.went?;
        if !climbed?.complete {
            return Ok(None);
        }
        Ok(Some(match &mut self.continuity {
            Some(continuity) => continuity.dreamed(self.dream)?,
            None => self.dream.request()?,
        }))
    }

    /// Ends the current segment, and records its digests.
    fn close(&mut self) -> Result<(), JobError> {
        let (frames, digests) = self.outgoing.close()?;
        if let (Some(Digests { decoded, dreamed }), Some(film)) = (digests, &mut self.recipe.film) {
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
        if self.outgoing.frames() == 0 {
            return match went? {
                true => Err(FilmError::NoFrames { path: self.outgoing.reel.source().to_owned() }.into()),
                false => Ok(FilmEnding::Stopped { frames: 0, why: None, state: false }),
            };
        }
        if let Some(state) = self.state.as_mut().filter(|_| self.lasts) {
            state.stay();
        }
        let closed = self.close().and_then(|()| Ok(self.outgoing.reel.flush()?));
        match went.and_then(|to_the_end| closed.map(|()| to_the_end)) {
            Ok(true) => self.finish(),
            Ok(false) => Ok(self.deliver_part(None)),
            Err(why) => Ok(self.deliver_part(Some(why))),
        }
    }

    /// Delivers the whole film.
    fn finish(mut self) -> Result<FilmEnding, JobError> {
        let (kept, frames) = (self.keep(false), self.outgoing.frames());
        self.recipe.complete = true;
        let doubt = self.scout.complaint().map(str::to_owned);
        let comment = self.recipe.to_json();
        let finished = kept.and_then(|()| Ok(self.outgoing.reel.finish(doubt.is_some(), &comment)?));
        if let Err(why) = finished {
            // The segments that it is made of are still there.
            let state = self.lasts && self.state.is_some();
            return Ok(FilmEnding::Stopped { frames: 0, why: Some(why), state });
        }
        if let Some(state) = self.state {
            state.end();
        }
        Ok(FilmEnding::Done { frames, doubt, recipe: Box::new(self.recipe) })
    }

    /// Delivers what was dreamed before the film was stopped.
    fn deliver_part(mut self, why: Option<JobError>) -> FilmEnding {
        self.recipe.complete = false;
        let state = self.lasts && self.state.is_some();
        match self.outgoing.reel.finish(true, &self.recipe.to_json()) {
            Ok(frames) => FilmEnding::Stopped { frames, why, state },
            // The reason for stopping matters more than this error.
            Err(error) => FilmEnding::Stopped { frames: 0, why: why.or(Some(error.into())), state },
        }
    }
}
