//! A film dreamed as somebody's job: one loaded dream for all of its frames, and the sound kept.
//!
//! ```text
//!   Frames ──► the dream, loaded once ──► Reel
//!                 ▲          │
//!                 └─ carry ◄─┘   what a frame begins with of the one before, if it is of the same shot
//! ```

mod carry;
mod masks;
mod survey;

use std::path::PathBuf;
use std::sync::Arc;

use super::network::mark_of;
use super::room::Wanted;
use super::{Cancel, JobError, MarkedReferences, Network, Seat, check_settings, keep_inputs};
use crate::dream::recipe::{ARITHMETIC, FileMark, PictureMark, Recipe, Source as RecipeSource};
use crate::dream::tiles::MemoryPlan;
use crate::dream::{Config, Dream, Progress, Purpose, Run};
use crate::extent::Extent;
use crate::film::{Cuts, Facts, Frame, Frames, Reel, Source, Span, Target};
use crate::machine::{Machine, Next};
use crate::picture::{Format, Picture, Size, check_size};
use carry::{Continuity, Standpoint};
use masks::Masks;

pub use carry::Carrying;
pub use masks::MovingMask;
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
    /// Which of its masks move.
    pub masks: Vec<MovingMask>,
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
}

/// What happens while a film is dreamed.
#[derive(Debug)]
#[non_exhaustive]
pub enum FilmEvent<'a> {
    /// Other dreams hold the memory that this one needs; it begins when they leave.
    Waiting,
    /// The dream fits and is loaded.
    Planned(Box<FilmPlanned>),
    /// Another shot begins.
    Cut {
        /// With which frame, counted from 0.
        frame: usize,
    },
    /// A frame is dreamed and on its way into the file.
    Frame {
        /// Which, from 1.
        number: usize,
        /// The dream.
        picture: &'a Picture,
    },
}

/// A film that is about to be dreamed.
#[derive(Clone, Debug)]
pub struct FilmPlanned {
    /// How many frames there are, as far as the source says.
    pub frames: Option<usize>,
    /// What there is to know of how the film is read and written, for people.
    pub remarks: Vec<String>,
    /// How they are dreamed, with the tiles that were chosen.
    pub config: Config,
    /// The octaves, smallest first.
    pub octaves: Vec<Extent>,
    /// How many of the octaves asked for are too small for the layers wanted, and so are not dreamed.
    pub left_out: usize,
    /// What memory the dream takes, and what there is.
    pub memory: MemoryPlan,
}

/// How a film ended, if there is anything of it.
#[derive(Debug)]
pub enum FilmEnding {
    /// It is done.
    Done {
        /// How many frames it has.
        frames: usize,
        /// Why there may be fewer than there should be, or damaged ones, if there is a reason to think so.
        doubt: Option<String>,
    },
    /// It was cancelled, or could not go on; the frames before that are delivered, with their sound.
    Stopped {
        /// How many there are.
        frames: usize,
        /// Why it could not go on; `None` if it was cancelled.
        why: Option<JobError>,
    },
}

impl FilmRequest {
    /// Says, before long work, what is wrong with it, as far as that does not depend on a device.
    ///
    /// # Errors
    /// Whatever it is.
    pub fn check(&self) -> Result<(), JobError> {
        self.target.check()?;
        self.target.path().map_or(Ok(()), |path| keep_inputs(&self.reads, path))?;
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
            return Ok(FilmEnding::Stopped { frames: 0, why: None });
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
        let recipe = self.recipe(&*machine, dream.config().clone(), facts.size, size)?;
        let reel = Reel::begin(&self.source, self.span, &self.target, Facts { size, ..facts })?;
        tell(FilmEvent::Planned(Box::new(self.planned(dream, &reel))));
        let continuity = self.carrying.is_wanted();
        let continuity =
            continuity.then(|| Continuity::new(&*machine, dream, self.carrying, marks)).transpose()?;
        let masks = Masks::start(&self.masks, &self.source, self.span, facts.time_base)?;
        Ok(Some(Shooting { dream, coming, reel, recipe, continuity, masks, frames: 0, before: 0 }))
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

    /// Everything that decides the frames: what the recipe of a picture has that would be dreamed so.
    fn recipe(
        &self,
        machine: &dyn Machine,
        dream: Config,
        whole: Extent,
        size: Extent,
    ) -> Result<Recipe, JobError> {
        let mark = PictureMark { sha256: self.source.sha256()?, width: whole.width, height: whole.height };
        Ok(Recipe {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            arithmetic: ARITHMETIC,
            device: mark_of(machine),
            weights: self.network.mark.clone(),
            source: RecipeSource::Picture(mark),
            references: self.references.marks.clone(),
            width: size.width,
            height: size.height,
            file: FileMark { format: Format::Png, depth: None, quality: None },
            complete: true,
            dream,
        })
    }

    fn planned(&self, dream: &Dream, reel: &Reel) -> FilmPlanned {
        FilmPlanned {
            frames: self.source.frames().filter(|_| self.span.is_whole()),
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
    /// How many are done.
    frames: usize,
    /// When the last one is shown.
    before: i64,
}

impl Shooting<'_> {
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
        tell(FilmEvent::Frame { number: self.frames + 1, picture: &picture });
        self.reel.push(Frame { picture, ..frame })?;
        self.frames += 1;
        Ok(true)
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
            if begun.is_cut && stand.number > 0 {
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
    fn conclude(self, went: Result<bool, JobError>) -> Result<FilmEnding, JobError> {
        let Self { reel, frames, coming, mut recipe, .. } = self;
        recipe.complete = matches!(went, Ok(true));
        let comment = recipe.to_json();
        let doubt = coming.complaint().map(str::to_owned);
        drop(coming);
        match went {
            Err(error) if frames == 0 => Err(error),
            Ok(false) if frames == 0 => Ok(FilmEnding::Stopped { frames, why: None }),
            Ok(true) => {
                reel.finish(doubt.is_some(), &comment)?;
                Ok(FilmEnding::Done { frames, doubt })
            }
            Ok(false) => {
                reel.finish(true, &comment)?;
                Ok(FilmEnding::Stopped { frames, why: None })
            }
            Err(why) => {
                // Where even that fails, what made it necessary is what there is to say.
                if reel.finish(true, &comment).is_err() {
                    return Err(why);
                }
                Ok(FilmEnding::Stopped { frames, why: Some(why) })
            }
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
