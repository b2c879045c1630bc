//! A film dreamed as somebody's job: one loaded dream for all of its frames, and the sound kept.
//!
//! ```text
//!   Frames ──► the dream, loaded once ──► Reel
//!                 ▲          │
//!                 └─ carry ◄─┘   what a frame begins with of the one before, if it is of the same shot
//! ```
//!
//! A film in a file is made of segments: of a shot each, or 250 frames of it. After each the state is kept, to go on from.

mod again;
mod carry;
mod events;
mod masks;
mod recipe;
mod state;
mod survey;

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use super::room::Wanted;
use super::{Cancel, JobError, MarkedReferences, Network, Seat, check_settings, keep_inputs};
use crate::dream::recipe::{FilmMark, Recipe, SegmentMark};
use crate::dream::{Config, Dream, Progress, Purpose, Run};
use crate::extent::Extent;
use crate::film::{Cuts, Digests, Facts, FilmError, Frame, Frames, Reel, Source, Span, Target};
use crate::machine::Next;
use crate::picture::{Picture, Size, check_size};
use carry::{Continuity, Standpoint};
use masks::Masks;
use state::State;

pub use again::{BegunFilm, FilmReplay, FilmVerdict, Stage};
pub use carry::Carrying;
pub use events::{FilmEnding, FilmEvent, FilmPlanned};
pub use state::FilmInputs;
pub use survey::Survey;

/// One film that is wanted.
#[derive(Clone, Debug)]
pub struct FilmRequest {
    /// Who dreams.
    pub network: Network,
    /// What is dreamed over.
    pub source: Source,
    /// What steers every frame's dream.
    pub references: MarkedReferences,
    /// What the frames are fitted into first, if into anything.
    pub size: Option<Size>,
    /// How every frame is dreamed.
    pub config: Config,
    /// How the frames become one dream.
    pub carrying: Carrying,
    /// Where its shots begin.
    pub cuts: Cuts,
    /// Which part of the source it is.
    pub span: Span,
    /// Where it goes, and how it is encoded.
    pub target: Target,
    /// Files that are read, and which it may not replace.
    pub reads: Vec<PathBuf>,
    /// Where they are, for whoever goes on with it.
    pub inputs: FilmInputs,
    /// Where it begins.
    pub start: Start,
}

/// Where a film's dream begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// With its first frame, unless it was begun before.
    New,
    /// With its first frame, in any case.
    Anew,
    /// Where it was stopped.
    GoOn(Box<BegunFilm>),
}

impl FilmRequest {
    /// Says, before long work, what is wrong with it, as far as that does not depend on a device.
    ///
    /// # Errors
    /// Whatever it is.
    pub fn check(&self) -> Result<(), JobError> {
        self.target.check()?;
        if let Some(out) = self.target.path() {
            let part = self.target.part();
            if matches!(self.start, Start::New) && part.is_some_and(|folder| State::lies_in(&folder)) {
                return Err(JobError::Begun { out: out.to_owned() });
            }
            keep_inputs(&self.reads, out)?;
        }
        self.references.check_alpha(None)?;
        let references = &self.references.references;
        check_settings(&self.config, &self.network.weights, &references.roles(), references.masks.len())
    }

    /// Dreams on this thread, telling what happens but the end, which is returned.
    ///
    /// # Errors
    /// Whatever made even the first frame impossible.
    pub fn run(
        self,
        seat: &mut Seat,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<FilmEnding, JobError> {
        self.check()?;
        let Some(mut shooting) = self.begin(seat, cancel, tell)? else {
            return Ok(FilmEnding::Stopped { frames: 0, why: None, state: false });
        };
        let went = shooting.shoot(cancel, tell);
        shooting.conclude(went)
    }

    /// Loads the dream, and opens the film at both ends; `None` if that was cancelled.
    fn begin<'a>(
        &self,
        seat: &'a mut Seat,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<Option<Shooting<'a>>, JobError> {
        let coming = Frames::start(&self.source, self.span)?;
        let facts = coming.facts();
        let marks = self.cuts.marks(&self.source, self.span, facts.time_base)?;
        let size = self.size.map_or(facts.size, |size| size.fit(facts.size));
        check_size(size)?;
        let machine = seat.machine();
        let Some(dream) = seat.dream(self.wanted(size), cancel, &mut || tell(FilmEvent::Waiting))? else {
            return Ok(None);
        };
        let mut recipe = self.recipe(&*machine, dream.config().clone(), facts.size, size)?;
        let begun = match &self.start {
            Start::GoOn(begun) => Some(&**begun),
            Start::New | Start::Anew => None,
        };
        let state = self.state(&recipe)?;
        recipe.film = recipe.film.map(|film| FilmMark {
            segments: begun.map_or(Vec::new(), |begun| begun.mark().segments.clone()),
            ..film
        });
        let segments = recipe.film.as_ref().map_or(0, |film| film.segments.len());
        let reel = Reel::begin(&self.source, self.span, &self.target, Facts { size, ..facts }, segments)?;
        tell(FilmEvent::Planned(Box::new(self.planned(dream, &reel, recipe.clone()))));
        let continuity = self.carrying.is_wanted();
        let continuity =
            continuity.then(|| Continuity::new(&*machine, dream, self.carrying, marks)).transpose()?;
        let masks = Masks::start(&self.references.moving, &self.source, self.span, facts.time_base)?;
        let mut shooting = Shooting {
            dream,
            coming,
            reel,
            recipe,
            continuity,
            masks,
            state,
            lasts: !self.source.comes_once(),
            frames: 0,
            segment: 0,
            is_cut: false,
            before: 0,
        };
        if let Some(begun) = begun
            && !shooting.catch_up(begun, cancel, tell)?
        {
            return Ok(None);
        }
        Ok(Some(shooting))
    }

    /// The state of a film that has one.
    fn state(&self, recipe: &Recipe) -> Result<Option<State>, JobError> {
        let Some(folder) = self.target.part() else { return Ok(None) };
        let state = match &self.start {
            Start::GoOn(_) => State::take_up(folder, self.inputs.clone())?,
            Start::New | Start::Anew => State::begin(folder, recipe, &self.inputs)?,
        };
        Ok(Some(state))
    }

    fn wanted(&self, size: Extent) -> Wanted {
        Wanted {
            weights: self.network.weights.clone(),
            references: Arc::clone(&self.references.references),
            size,
            config: self.config.clone(),
            purpose: Purpose { carried: self.carrying.is_wanted(), ..Purpose::default() },
        }
    }

    fn planned(&self, dream: &Dream, reel: &Reel, recipe: Recipe) -> FilmPlanned {
        FilmPlanned {
            frames: self.source.frames().filter(|_| self.span.is_whole()),
            recipe,
            remarks: self.source.remarks().into_iter().chain(reel.remarks()).collect(),
            config: dream.config().clone(),
            octaves: dream.octave_sizes(),
            left_out: dream.octaves_left_out(),
            memory: dream.memory(),
        }
    }
}

/// A film at work.
struct Shooting<'a> {
    dream: &'a mut Dream,
    coming: Frames,
    reel: Reel,
    recipe: Recipe,
    /// What goes from frame to frame; `None` if each is dreamed alone.
    continuity: Option<Continuity>,
    masks: Masks,
    /// Where what is worth going on from is kept.
    state: Option<State>,
    /// Whether its source can be read again, so that it can be gone on with.
    lasts: bool,
    /// How many are done.
    frames: usize,
    /// How many of them are in the segment at work.
    segment: usize,
    /// Whether the frame at hand begins a shot.
    is_cut: bool,
    /// When the last one is shown.
    before: i64,
}

/// The most frames of a segment: what a stop may cost.
const LONGEST: usize = 250;

impl Shooting<'_> {
    /// Passes over the frames that were dreamed before. Whether that was not cancelled.
    fn catch_up(
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
    fn shoot(&mut self, cancel: &Cancel, tell: &mut dyn FnMut(FilmEvent<'_>)) -> Result<bool, JobError> {
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
    fn deliver(
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

    fn standpoint<'a>(&mut self, frame: &Frame, next: Option<&'a Picture>) -> Standpoint<'a> {
        let times = (self.before, frame.time);
        self.before = frame.time;
        Standpoint { number: self.frames, times, next }
    }

    /// The next frame, in the film's size.
    fn next(&mut self) -> Result<Option<Frame>, JobError> {
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
    fn conclude(mut self, went: Result<bool, JobError>) -> Result<FilmEnding, JobError> {
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

impl crate::dream::Watcher for Heedless {
    fn turned(&mut self, _now: Progress) -> Next {
        Next::Go
    }
}
