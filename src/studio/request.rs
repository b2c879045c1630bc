//! A request for a dream, and how it is carried out. This is the only way from a picture to a dream.

use std::sync::Arc;

use super::keeping::Keeper;
use super::network::mark_of;
use super::room::Wanted;
use super::{
    Cancel, Delivery, Ending, Event, JobError, MarkedReferences, Network, Opened, Part, Planned, Previews,
    Product, Seat,
};
use crate::dream::checkpoint::Checkpoint;
use crate::dream::objective::Role;
use crate::dream::recipe::{ARITHMETIC, Recipe, Source};
use crate::dream::{
    Config, Dream, DreamError, Dreamed, Landing, Progress, Purpose, References, Run, Standing, Watcher,
};
use crate::extent::Extent;
use crate::machine::{Machine, Next};
use crate::net::Weights;
use crate::picture::sky::sky;
use crate::picture::{Picture, PictureError, check_size};

/// A request for one dream.
#[derive(Clone, Debug)]
pub struct Request {
    /// The network that dreams.
    pub network: Network,
    /// What is dreamed over.
    pub subject: Subject,
    /// What steers the dream.
    pub references: MarkedReferences,
    /// The dream's size; the subject is resized to it.
    pub size: Extent,
    /// How it is dreamed.
    pub config: Config,
    /// Where it begins.
    pub start: Standing,
    /// What is done with the result.
    pub delivery: Delivery,
}

/// What is dreamed over.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A sky, which is painted once it is known to fit into memory.
    Sky {
        /// The seed that it is drawn from.
        seed: u64,
    },
    /// A picture.
    Picture {
        /// The picture.
        picture: Picture,
        /// How a recipe identifies it. If a dream resumes, its sky has been painted already.
        source: Source,
    },
}

impl Subject {
    /// The picture, if there is one yet.
    pub fn picture(&self) -> Option<&Picture> {
        match self {
            Self::Sky { .. } => None,
            Self::Picture { picture, .. } => Some(picture),
        }
    }

    /// How a recipe identifies it.
    pub fn source(&self) -> Source {
        match self {
            Self::Sky { seed } => Source::Sky { seed: *seed },
            Self::Picture { source, .. } => source.clone(),
        }
    }

    /// The picture in this size.
    fn laid(self, size: Extent) -> Result<Picture, PictureError> {
        match self {
            Self::Sky { seed } => sky(size, seed),
            Self::Picture { picture, .. } => picture.into_resized(size),
        }
    }
}

impl From<Opened> for Subject {
    fn from(opened: Opened) -> Self {
        Self::Picture { picture: opened.picture, source: Source::Picture(opened.mark) }
    }
}

impl Request {
    /// A new dream without references.
    pub fn new(network: Network, subject: Subject, size: Extent, config: Config, delivery: Delivery) -> Self {
        let (references, start) = (MarkedReferences::default(), Standing::default());
        Self { network, subject, references, size, config, start, delivery }
    }

    /// Checks the request before any long work, as far as that does not depend on a device.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn check(&self) -> Result<(), JobError> {
        self.delivery.check()?;
        check_size(self.size)?;
        self.delivery.check_size(self.size)?;
        self.references.keep_directions(self.delivery.to.file())?;
        self.references.check_alpha(self.subject.picture())?;
        let references = &self.references.references;
        check_settings(&self.config, &self.network.weights, &references.roles(), references.masks.len())
    }

    /// Dreams on this thread. Reports every event except the end, which is returned.
    ///
    /// # Errors
    /// Whatever prevented the dream.
    pub fn run(
        self,
        seat: &mut Seat,
        cancel: &Cancel,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Ending, JobError> {
        self.check()?;
        let machine = seat.machine();
        let waiting = &mut || tell(Event::Waiting);
        let Some(dream) = seat.dream(self.wanted(), cancel, waiting)? else {
            let part = Part { product: None, done: 0, octaves: 0, checkpoint: None };
            return Ok(Ending::Stopped(Box::new(part)));
        };
        let recipe = self.recipe(&*machine, dream.config().clone());
        // Only once it is known to fit: resizing and painting need memory as well.
        let picture = self.subject.laid(self.size)?;
        let order = Order {
            references: &self.references.references,
            start: self.start,
            delivery: &self.delivery,
            picture,
            recipe,
        };
        order.fulfil(dream, cancel, tell)
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            weights: self.network.weights.clone(),
            references: Arc::clone(&self.references.references),
            size: self.size,
            config: self.config.clone(),
            purpose: Purpose::default(),
        }
    }

    /// Everything that determines the file.
    fn recipe(&self, machine: &dyn Machine, dream: Config) -> Recipe {
        Recipe {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            arithmetic: ARITHMETIC,
            device: mark_of(machine),
            weights: self.network.mark.clone(),
            source: self.subject.source(),
            references: self.references.marks.clone(),
            width: self.size.width,
            height: self.size.height,
            file: self.delivery.file.clone(),
            complete: true,
            dream,
            film: None,
        }
    }
}

/// Checks, before any picture is opened, the settings for a dream that is given pictures in these roles and this
/// many masks.
///
/// # Errors
/// A value is out of range, a name is unknown, or a mask has no objectives.
pub fn check_settings(
    config: &Config,
    weights: &Weights,
    given: &[Role],
    masks: usize,
) -> Result<(), JobError> {
    config.check()?;
    for objective in &config.objectives {
        objective.check(weights, given)?;
    }
    Ok(config.check_masks(masks)?)
}

/// A request that fits its device.
struct Order<'a> {
    references: &'a References,
    start: Standing,
    delivery: &'a Delivery,
    /// The picture in the dream's size.
    picture: Picture,
    recipe: Recipe,
}

impl Order<'_> {
    fn fulfil(
        mut self,
        dream: &mut Dream,
        cancel: &Cancel,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Ending, JobError> {
        let octaves = dream.octave_sizes().len();
        tell(Event::Planned(Box::new(self.planned(dream))));
        self.delivery.prepare()?;
        let mut keeper = Keeper::begin(self.delivery, self.start.done, || self.checkpoint())?;
        if self.start.done > 0 {
            tell(Event::Resumed { done: self.start.done });
        }
        let Dreamed { picture, complete, .. } = self.dream(dream, cancel, &mut keeper, tell)?;
        self.recipe.complete = complete;
        let delivers = complete || self.delivery.part;
        let bytes = if delivers { self.delivery.deliver(&picture, &self.recipe.to_json())? } else { None };
        let product = Product { picture, recipe: self.recipe, bytes };
        if complete {
            return Ok(Ending::Done(Box::new(product)));
        }
        let (done, checkpoint) = (keeper.done(), keeper.checkpoint());
        Ok(Ending::Stopped(Box::new(Part { product: Some(product), done, octaves, checkpoint })))
    }

    fn planned(&self, dream: &Dream) -> Planned {
        Planned {
            recipe: self.recipe.clone(),
            octaves: dream.octave_sizes(),
            left_out: dream.octaves_left_out(),
            memory: dream.memory(),
        }
    }

    /// The dream's state before anything is dreamed.
    fn checkpoint(&self) -> Result<Checkpoint, JobError> {
        Ok(Checkpoint {
            recipe: self.recipe.clone(),
            picture: self.picture.clone(),
            references: self.references.clone(),
            standing: self.start.clone(),
            out: self.delivery.to.absolute()?,
        })
    }

    fn dream(
        &self,
        dream: &mut Dream,
        cancel: &Cancel,
        keeper: &mut Keeper<'_>,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Dreamed, DreamError> {
        let mut watch = Watch { delivery: self.delivery, keeper, tell, octave: 0 };
        let run = Run { standing: Some(&self.start), cancel: Some(cancel), ..dream.over(&self.picture) };
        dream.run_with(&run, &mut watch)
    }
}

/// Turns a dream's progress into events, and saves what is requested.
struct Watch<'a, 'k> {
    delivery: &'a Delivery,
    keeper: &'a mut Keeper<'k>,
    tell: &'a mut dyn FnMut(Event),
    /// The last octave that was reported.
    octave: usize,
}

impl Watcher for Watch<'_, '_> {
    fn turned(&mut self, now: Progress) -> Next {
        if now.octave != self.octave {
            self.octave = now.octave;
            (self.tell)(Event::Octave { number: now.octave, of: now.octaves, size: now.size });
        }
        (self.tell)(Event::Iteration(now));
        let whole = now.tiles.0 == now.tiles.1;
        let looks = whole
            && match &self.delivery.previews {
                Previews::Never | Previews::Octaves => false,
                Previews::Iterations(count) => now.iteration.is_multiple_of(*count),
                Previews::Wished(wish) => wish.take(),
            };
        if looks { Next::Look } else { Next::Go }
    }

    fn seen(&mut self, _now: Progress, picture: Picture) {
        (self.tell)(Event::Preview(picture));
    }

    fn landed(&mut self, landing: &mut Landing<'_>) -> Result<(), DreamError> {
        if matches!(self.delivery.previews, Previews::Octaves) {
            (self.tell)(Event::Preview(landing.picture()?));
        }
        // A dream is not given up because something about it could not be saved.
        if let Err(error) = self.keeper.keep(landing)? {
            (self.tell)(Event::NotKept(error));
        }
        (self.tell)(Event::Landed { done: landing.done(), of: landing.octaves() });
        Ok(())
    }
}
