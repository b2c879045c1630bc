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
mod shooting;
mod state;
mod survey;

use std::path::PathBuf;
use std::sync::Arc;

use super::room::Wanted;
use super::{Cancel, JobError, MarkedReferences, Network, Seat, check_settings, keep_inputs};
use crate::dream::recipe::{FilmMark, Recipe};
use crate::dream::{Config, Dream, Purpose};
use crate::extent::Extent;
use crate::film::{Cuts, Facts, Frames, Reel, Source, Span, Target};
use crate::picture::{Size, check_size};
use carry::Continuity;
use masks::Masks;
use shooting::Shooting;
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
