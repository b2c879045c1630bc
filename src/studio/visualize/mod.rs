//! A visualisation as a job: its request, its events, and the resulting file.

mod replay;
mod sheet;

use std::ops::ControlFlow;
use std::path::Path;

use super::network::mark_of;
use super::{Cancel, Delivery, JobError, MarkedReferences, Network, Opened, keep_inputs};
use crate::dream::objective::Sum;
use crate::dream::recipe::{ARITHMETIC, PictureMark};
use crate::extent::Extent;
use crate::machine::Machine;
use crate::picture::{Picture, check_size};
use crate::settings::Settings;
use crate::visualize::recipe::VisualizeRecipe;
use crate::visualize::{
    Seen, SeenPicture, Spark, Start, Visualization, VisualizeConfig, VisualizeError, check,
};

pub use replay::VisualizeReplay;
use sheet::{Places, sheet};

/// A request for visualisations.
#[derive(Clone, Debug)]
pub struct VisualizeRequest {
    /// The network to look into.
    pub network: Network,
    /// What each picture maximises. The settings may ask for several pictures of each. Several pictures form a
    /// sheet.
    pub sums: Vec<Sum>,
    /// The pictures that the sums refer to.
    pub references: MarkedReferences,
    /// What each picture begins with.
    pub start: VisualizeStart,
    /// The size of each picture.
    pub size: Extent,
    /// The settings.
    pub config: VisualizeConfig,
    /// What is done with the result. Intermediate pictures go to its folder of steps, after 1, 2, 4, 8 steps and
    /// so on.
    pub delivery: Delivery,
}

/// What a visualisation begins with.
#[derive(Clone, Debug)]
pub enum VisualizeStart {
    /// Noise drawn from the seed.
    Noise,
    /// A picture, and how a recipe identifies its file.
    Picture(Box<Picture>, PictureMark),
}

impl From<Opened> for VisualizeStart {
    fn from(opened: Opened) -> Self {
        Self::Picture(Box::new(opened.picture), opened.mark)
    }
}

/// What happens during a visualisation.
#[derive(Clone, Copy, Debug)]
pub enum VisualizeEvent<'a> {
    /// A picture begins.
    Began {
        /// Its number, from 1.
        number: usize,
        /// The total number.
        of: usize,
        /// What it maximises.
        sum: &'a Sum,
        /// The bytes of memory that it needs on its machine, without the weights.
        bytes: u64,
    },
    /// There is no response so far, and a start that gives one is searched for; reported once per attempt.
    Searching {
        /// What is to be maximised.
        sum: &'a Sum,
    },
    /// A step is done.
    Step {
        /// How many are done.
        done: usize,
        /// The total number.
        of: usize,
    },
    /// A picture is done, or was stopped.
    Seen {
        /// What it maximised.
        sum: &'a Sum,
        /// Its number among those that maximised it together, from 1, and how many those are.
        number: (usize, usize),
        /// How it was made to respond.
        spark: Spark,
        /// The value at the beginning and at the end.
        values: (f32, f32),
    },
}

/// The result.
#[derive(Debug)]
pub struct VisualizeProduct {
    /// The picture, or the sheet of them.
    pub picture: Picture,
    /// How it was made.
    pub recipe: VisualizeRecipe,
    /// The encoded file, if the request asks for it.
    pub bytes: Option<Vec<u8>>,
}

impl VisualizeRequest {
    /// Checks everything that can be checked without a machine.
    ///
    /// # Errors
    /// The first problem found.
    pub fn check(&self) -> Result<(), JobError> {
        self.config.check_ranges().map_err(VisualizeError::from)?;
        self.delivery.check()?;
        self.references.keep_directions(self.delivery.to.file())?;
        check_size(self.size)?;
        let whole = self.places().extent();
        check_size(whole)?;
        self.delivery.check_size(whole)?;
        for sum in &self.sums {
            check(self.size, sum)?;
            for objective in &sum.0 {
                if objective.compares() && self.config.batch > 1 {
                    objective.layers(&self.network.weights)?;
                    continue;
                }
                objective.check(&self.network.weights, &self.references.references.roles())?;
            }
        }
        Ok(())
    }

    /// Carries out the request. If it is cancelled, what was made so far is delivered.
    ///
    /// # Errors
    /// Anything that prevents the visualisation.
    pub fn run(
        self,
        machine: &dyn Machine,
        cancel: &Cancel,
        tell: &mut dyn FnMut(VisualizeEvent<'_>),
    ) -> Result<VisualizeProduct, JobError> {
        self.check()?;
        self.delivery.prepare()?;
        let start = match &self.start {
            VisualizeStart::Noise => None,
            VisualizeStart::Picture(picture, _) => Some(picture.resized(self.size)?),
        };
        let mut pictures = Vec::new();
        let mut complete = true;
        for (number, sum) in self.sums.iter().enumerate() {
            if cancel.is_cancelled() && number > 0 {
                complete = false;
                break;
            }
            let seen = self.one(machine, (number + 1, sum), start.as_ref(), cancel, tell)?;
            complete &= seen.complete;
            pictures.extend(seen.pictures.into_iter().map(|seen| seen.picture));
        }
        let recipe = self.recipe(machine, complete);
        let picture = sheet(pictures, self.places())?;
        let bytes = self.delivery.deliver(&picture, &recipe.to_json())?;
        Ok(VisualizeProduct { picture, recipe, bytes })
    }

    fn one(
        &self,
        machine: &dyn Machine,
        (number, sum): (usize, &Sum),
        start: Option<&Picture>,
        cancel: &Cancel,
        tell: &mut dyn FnMut(VisualizeEvent<'_>),
    ) -> Result<Seen, JobError> {
        let references = &self.references.references;
        let weights = &self.network.weights;
        let mut visualization =
            Visualization::prepare(machine, weights, self.size, sum, &self.config, references)?;
        let bytes = visualization.bytes();
        tell(VisualizeEvent::Began { number, of: self.sums.len(), sum, bytes });
        let of = self.config.steps;
        let mut watch = |done| {
            tell(match done {
                0 => VisualizeEvent::Searching { sum },
                done => VisualizeEvent::Step { done, of },
            });
            if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut kept = Ok(());
        let first = (number - 1) * self.config.batch + 1;
        let mut look = |done: usize, pictures: &[Picture]| {
            for (number, picture) in (first..).zip(pictures) {
                if let (Some(folder), Ok(())) = (&self.delivery.steps, &kept) {
                    kept =
                        self.keep(&folder.join(format!("picture-{number:02}-step-{done:06}.png")), picture);
                }
            }
            Ok(())
        };
        let start = start.map_or(Start::Noise, Start::Picture);
        let seen = visualization.run(start, &mut watch, &mut look)?;
        kept?;
        let value = |found: Option<&crate::dream::Found>| found.map_or(f32::NAN, |found| found.value);
        for (number, SeenPicture { found, spark, .. }) in (1..).zip(&seen.pictures) {
            let values = (value(found.first()), value(found.last()));
            let number = (number, seen.pictures.len());
            tell(VisualizeEvent::Seen { sum, number, spark: *spark, values });
        }
        Ok(seen)
    }

    fn places(&self) -> Places {
        Places { size: self.size, things: self.sums.len(), each: self.config.batch }
    }

    /// Writes an intermediate picture.
    fn keep(&self, path: &Path, picture: &Picture) -> Result<(), JobError> {
        keep_inputs(&self.delivery.reads, path)?;
        Ok(picture.save(path)?)
    }

    fn recipe(&self, machine: &dyn Machine, complete: bool) -> VisualizeRecipe {
        VisualizeRecipe {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            arithmetic: ARITHMETIC,
            device: mark_of(machine),
            weights: self.network.mark.clone(),
            start: match &self.start {
                VisualizeStart::Noise => None,
                VisualizeStart::Picture(_, mark) => Some(mark.clone()),
            },
            references: self.references.marks.clone(),
            pictures: self.sums.clone(),
            width: self.size.width,
            height: self.size.height,
            file: self.delivery.file.clone(),
            complete,
            visualize: self.config.clone(),
        }
    }
}
