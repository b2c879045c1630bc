//! A film dreamed as a job: one loaded dream for all of its frames, and the sound is kept.
//!
//! ```text
//!   Frames ──► Scout ──► the dream, loaded once ──► Outgoing ──► Reel
//!             on its        ▲          │           a frame late
//!             own thread    └─ carry ◄─┘   what a frame takes over from the one before, in the same shot
//! ```
//!
//! All of these work at the same time: the next frames are decoded and their motion is found while one is dreamed,
//! and a finished frame comes from the device and is handed over while the next is dreamed.
//!
//! A film in a file is written in segments. A segment is a shot, or up to 250 frames of it. After each segment the
//! state is saved, so that the film can be continued from there.

mod again;
mod carry;
mod carrying;
mod events;
mod masks;
mod outgoing;
mod recipe;
mod scout;
mod shooting;
mod state;
mod survey;
mod trail;

use std::path::PathBuf;
use std::sync::Arc;

use super::room::Wanted;
use super::{Cancel, JobError, MarkedReferences, Network, Seat, check_settings, keep_inputs};
use crate::carry::Tracker;
use crate::dream::recipe::{FilmMark, Recipe};
use crate::dream::{Config, Dream, Purpose};
use crate::extent::Extent;
use crate::film::{Facts, Frames, Reel, Source, Span, Target};
use crate::picture::{Size, check_size};
use crate::settings::Settings;
use carry::Continuity;
use masks::Masks;
use outgoing::Outgoing;
use scout::Scout;
use shooting::Shooting;
use state::State;
use trail::Trail;

pub use again::{BegunFilm, FilmReplay, FilmVerdict, Stage};
pub use carrying::{Carrying, CarryingChanges};
pub use events::{FilmEnding, FilmEvent, FilmPlanned};
pub use state::FilmInputs;
pub use survey::Survey;

/// A request for one film.
#[derive(Clone, Debug)]
pub struct FilmRequest {
    /// The network that dreams.
    pub network: Network,
    /// The film that is dreamed over.
    pub source: Source,
    /// What steers every frame's dream.
    pub references: MarkedReferences,
    /// The size that the frames are fitted into first, if any.
    pub size: Option<Size>,
    /// How every frame is dreamed.
    pub config: Config,
    /// How the frames become one dream.
    pub carrying: Carrying,
    /// The part of the source that is dreamed.
    pub span: Span,
    /// Where the film is written, and how it is encoded.
    pub target: Target,
    /// Files that are read, which the film must not replace.
    pub reads: Vec<PathBuf>,
    /// The paths of its inputs, so that the film can be continued.
    pub inputs: FilmInputs,
    /// Where the dream begins.
    pub start: Start,
}

/// Where a film's dream begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// With its first frame; an error if it was begun before.
    New,
    /// With its first frame, even if it was begun before.
    Anew,
    /// Where it was stopped.
    GoOn(Box<BegunFilm>),
}

impl FilmRequest {
    /// Checks the request before any long work, as far as that does not depend on a device.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn check(&self) -> Result<(), JobError> {
        self.target.check()?;
        self.carrying.check_ranges()?;
        if let Some(out) = self.target.path() {
            let part = self.target.part();
            if matches!(self.start, Start::New) && part.is_some_and(|folder| State::lies_in(&folder)) {
                return Err(JobError::Begun { out: out.to_owned() });
            }
            keep_inputs(&self.reads, out)?;
        }
        if let Some(reason) = self.needs_every_frame()
            && self.carrying.every > 1
        {
            return Err(JobError::LeftOut { every: self.carrying.every, reason });
        }
        self.references.keep_directions(self.target.path())?;
        self.references.check_alpha(None)?;
        let references = &self.references.references;
        check_settings(&self.config, &self.network.weights, &references.roles(), references.masks.len())
    }

    /// Why every frame has to be dreamed, if so.
    fn needs_every_frame(&self) -> Option<&'static str> {
        if !self.carrying.is_wanted() {
            Some("nothing would be carried into the others; carry more than 0")
        } else if !self.references.moving.is_empty() {
            Some("a mask that moves needs every frame; give one picture as the mask")
        } else {
            None
        }
    }

    /// Dreams on this thread. Reports every event except the end, which is returned.
    ///
    /// # Errors
    /// Whatever prevented even the first frame.
    pub fn run(
        self,
        seat: &mut Seat,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<FilmEnding, JobError> {
        self.check()?;
        let Some(mut shooting) = self.begin(seat, usize::MAX, cancel, tell)? else {
            return Ok(FilmEnding::Stopped { frames: 0, why: None, state: false });
        };
        let went = shooting.shoot(cancel, tell);
        shooting.conclude(went)
    }

    /// Loads the dream and opens the film's source and target; `None` if that was cancelled. Motion is found for
    /// this many legs.
    fn begin<'a>(
        &self,
        seat: &'a mut Seat,
        legs: usize,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<Option<Shooting<'a>>, JobError> {
        let mut coming = Frames::start(&self.source, self.span)?;
        let facts = coming.facts();
        let marks = self.carrying.cuts.marks(&self.source, self.span, facts.time_base)?;
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
        let segments = begun.map_or(Vec::new(), |begun| begun.mark().segments.clone());
        let facts = Facts { size, ..facts };
        let mut reel = Reel::begin(&self.source, self.span, &self.target, facts, segments.len())?;
        recipe.film = recipe.film.map(|film| FilmMark { segments, ..film });
        tell(FilmEvent::Planned(Box::new(self.planned(dream, &reel, recipe.clone()))));
        let continuity = self.carrying.is_wanted().then(|| Continuity::new(&*machine, dream, &self.carrying));
        let mut continuity = continuity.transpose()?;
        let mut frames = 0;
        let mut trail = match &continuity {
            None => None,
            Some(_) => {
                let tracker = Tracker::new(&*machine, size)?;
                Some(Trail::new(tracker, marks, self.carrying.every).with_legs(legs))
            }
        };
        if let Some(begun) = begun {
            frames = begun.mark().frames();
            tell(FilmEvent::Resumed { frames });
            let Some(shown) = begun.pass_over(&mut coming, &mut reel, cancel)? else { return Ok(None) };
            let last = begun.kept.as_ref().map(|(last, _)| last.clone());
            trail = trail.map(|trail| trail.after(frames, last, shown));
            if let (Some(continuity), Some((last, kept))) = (&mut continuity, begun.kept.clone())
                && !continuity.take_up(last, kept)?
            {
                return Err(begun.unfit("what goes on is of another size"));
            }
        }
        let masks = Masks::start(&self.references.moving, &self.source, self.span, facts.time_base)?;
        let scout = Scout::start(coming, size, trail);
        let lasts = !self.source.comes_once();
        let outgoing = Outgoing::after(frames, reel);
        Ok(Some(Shooting { dream, scout, outgoing, recipe, continuity, masks, state, lasts }))
    }

    /// The saved state, for a target that has one.
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
