//! Pictures that start from noise and climb what a part of the network responds to. They are made of
//! frequencies and transformed at random in each step, so that they show what the part has learned rather
//! than what a single gradient finds.
//!
//! ```
//! use puppyslug::dream::References;
//! use puppyslug::extent::Extent;
//! use puppyslug::net::Weights;
//! use puppyslug::visualize::{Start, Visualization, VisualizeConfig};
//! use std::ops::ControlFlow;
//!
//! let weights = Weights::embedded();
//! let machine = puppyslug::device::open("cpu", &Default::default())?;
//! let config = VisualizeConfig { steps: 2, ..VisualizeConfig::default() };
//! let sum = "channel:inception_3a/output:7".parse()?;
//! let size = Extent::square(64);
//! let mut visualization =
//!     Visualization::prepare(&*machine, &weights, size, &sum, &config, &References::default())?;
//! let seen = visualization.run(Start::Noise, &mut |_| ControlFlow::Continue(()), &mut |_, _| Ok(()))?;
//! assert_eq!(seen.pictures[0].picture.width(), 64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod channels;
pub mod config;
mod error;
mod loaded;
pub mod recipe;
mod robustness;
mod spark;
mod start;
mod tap;

use std::ops::ControlFlow;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use crate::dream::objective::Sum;
use crate::dream::{Found, Objective, References, to_rgb};
use crate::extent::Extent;
use crate::machine::{Machine, Next};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::network::{Aim, Target};
use crate::plan::visualize::{VisualizeSettings, plan_visualization};
use crate::settings::Settings;
use loaded::Loaded;

pub use crate::plan::visualize::Parametrisation;
pub use channels::{Channels, Portrait, branches};
pub use config::{VisualizeChanges, VisualizeConfig};
pub use error::VisualizeError;
pub use robustness::Robustness;
pub use spark::Spark;
pub use tap::Tap;

/// Steps that are run before their reports are read.
const BLOCK: usize = 32;

/// A visualisation, planned and loaded onto a machine. It can be run any number of times.
#[derive(Debug)]
pub struct Visualization<'m> {
    machine: &'m dyn Machine,
    weights: &'m Weights,
    loaded: Loaded,
    /// A plan for a single picture, if several are climbed: used to search for starts that fire.
    scout: Option<Loaded>,
    /// What is climbed, as named in messages.
    name: String,
    /// The targets before the ReLU, if there is one. `prelude` is their plan, once it has been needed.
    before: Vec<Target>,
    prelude: Option<Loaded>,
    /// The buffers to which targets refer by number.
    given: Vec<Vec<f32>>,
    size: Extent,
    config: VisualizeConfig,
}

/// What a picture starts from.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Noise drawn from the seed.
    Noise,
    /// A picture, in the size of the visualisation. If several are climbed together, noise drawn from the seed is
    /// added to all but the first.
    Picture(&'a Picture),
}

/// The result of a visualisation.
#[derive(Debug)]
pub struct Seen {
    /// As many pictures as are climbed together.
    pub pictures: Vec<SeenPicture>,
    /// Whether every step was taken; if not, the pictures show the state at which it was stopped.
    pub complete: bool,
}

/// One of the pictures.
#[derive(Debug)]
pub struct SeenPicture {
    /// The picture.
    pub picture: Picture,
    /// What each step found, before it was taken.
    pub found: Vec<Found>,
    /// How its climb got started.
    pub spark: Spark,
}

/// Called after each step with its number, counted from 1, possibly a few steps late. Before that, called with 0
/// for each attempt to find a start that fires.
pub type Watch<'a> = dyn FnMut(usize) -> ControlFlow<()> + 'a;
/// Called with the pictures after steps 1, 2, 4, 8 and so on.
pub type Look<'a> = dyn FnMut(usize, &[Picture]) -> Result<(), VisualizeError> + 'a;

impl<'m> Visualization<'m> {
    /// Plans a visualisation of a sum of objectives, and loads it onto a machine.
    ///
    /// # Errors
    /// See [`VisualizeError`].
    pub fn prepare(
        machine: &'m dyn Machine,
        weights: &'m Weights,
        size: Extent,
        sum: &Sum,
        config: &VisualizeConfig,
        references: &References,
    ) -> Result<Self, VisualizeError> {
        config.check_ranges()?;
        check(size, sum)?;
        let mut features = references.features(machine, weights, &sum.0, weights.mean())?;
        if config.batch > 1 {
            features = features.for_several();
        }
        let mut targets = Vec::new();
        for objective in &sum.0 {
            targets.extend(objective.resolve_with(weights, &features)?);
        }
        let before = before_relu(sum, weights)?;
        let given = features.cells().to_vec();
        Self::load(machine, weights, (size, config), sum.to_string(), targets, before, given)
    }

    fn load(
        machine: &'m dyn Machine,
        weights: &'m Weights,
        (size, config): (Extent, &VisualizeConfig),
        name: String,
        targets: Vec<Target>,
        before: Vec<Target>,
        given: Vec<Vec<f32>>,
    ) -> Result<Self, VisualizeError> {
        let load = |targets, batch| {
            let settings = VisualizeSettings { batch, ..settings(size, targets, config, weights) };
            let plan = plan_visualization(weights.network(), &settings)?;
            Ok::<_, VisualizeError>(Loaded::new(plan, machine, weights, &given)?)
        };
        let scout = (config.batch > 1).then(|| load(alone(&targets), 1)).transpose()?;
        let loaded = load(targets, config.batch)?;
        let config = config.clone();
        Ok(Self { machine, weights, loaded, scout, name, before, prelude: None, given, size, config })
    }

    /// Runs it. `watch` may stop it; the result then shows the pictures as they were at that point.
    ///
    /// # Errors
    /// [`VisualizeError::Silent`] if no start gives a gradient; errors of the machine.
    pub fn run(
        &mut self,
        start: Start<'_>,
        watch: &mut Watch<'_>,
        look: &mut Look<'_>,
    ) -> Result<Seen, VisualizeError> {
        let steps = self.config.steps;
        let matrices = self.matrices();
        let begun = self.kindle(start, &matrices, watch)?;
        let mut stopped = begun.is_none();
        let (cells, sparks) =
            begun.unwrap_or_else(|| self.first_starts(start)).into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        self.loaded.begin(&cells)?;
        let mut reported: Vec<Vec<[f32; 2]>> = Vec::new();
        while reported.len() < steps && !stopped {
            let done = reported.len();
            let block = &matrices[done..steps.min(end_of_block(done))];
            let reports = self.loaded.climb(block, &mut |turn| {
                stopped |= watch(done + turn + 1).is_break();
                if stopped { Next::Stop } else { Next::Go }
            })?;
            self.check_finite(&reports)?;
            reported.extend(reports);
            if reported.len().is_power_of_two() && !stopped {
                look(reported.len(), &self.pictures()?)?;
            }
        }
        let found = |number: usize| {
            reported
                .iter()
                .map(move |report| Found { value: report[number][0], magnitude: report[number][1] })
        };
        let pictures = self.pictures()?.into_iter().zip(sparks).enumerate();
        let pictures = pictures.map(|(number, (picture, spark))| SeenPicture {
            picture,
            found: found(number).collect(),
            spark,
        });
        Ok(Seen { pictures: pictures.collect(), complete: reported.len() == steps })
    }

    /// The bytes of memory that it takes on its machine, not counting weights.
    pub fn bytes(&self) -> u64 {
        let plans = [Some(&self.loaded), self.scout.as_ref()].into_iter().flatten();
        plans.map(|loaded| self.machine.bytes(&loaded.plan.plan)).sum()
    }

    /// The random transformation of each step.
    fn matrices(&self) -> Vec<[f32; 6]> {
        let mut random = Pcg64Mcg::seed_from_u64(self.config.seed);
        (0..self.config.steps).map(|_| self.config.robustness.draw(self.size, &mut random)).collect()
    }

    fn check_finite(&self, reports: &[Vec<[f32; 2]>]) -> Result<(), VisualizeError> {
        match reports.iter().flatten().flatten().all(|number| number.is_finite()) {
            true => Ok(()),
            false => Err(VisualizeError::NotFinite { objective: self.name.clone() }),
        }
    }

    fn pictures(&mut self) -> Result<Vec<Picture>, VisualizeError> {
        let (cells, mean) = (self.loaded.pictures()?, self.weights.mean());
        let pictures = cells.chunks_exact(3 * self.size.plane());
        pictures.map(|cells| Ok(Picture::from_rgb(self.size, to_rgb(cells, mean).collect())?)).collect()
    }
}

fn settings(
    size: Extent,
    targets: Vec<Target>,
    config: &VisualizeConfig,
    weights: &Weights,
) -> VisualizeSettings {
    VisualizeSettings {
        size,
        canvas: config.robustness.canvas(size),
        parametrisation: config.parametrisation,
        targets,
        batch: 1,
        rate: config.rate,
        mean: weights.mean(),
    }
}

/// The targets that concern a single picture, leaving out those that compare it with the others. If none are left,
/// targets that activate the layers at which the pictures are to differ.
fn alone(targets: &[Target]) -> Vec<Target> {
    let own: Vec<Target> = targets.iter().copied().filter(|target| target.aim != Aim::Diversity).collect();
    if !own.is_empty() {
        return own;
    }
    targets.iter().map(|&target| Target { aim: Aim::HalfSquares, ..target }).collect()
}

/// Checks what can be checked before anything is loaded.
///
/// # Errors
/// [`VisualizeError::Narrow`] and [`VisualizeError::Placed`].
pub fn check(size: Extent, sum: &Sum) -> Result<(), VisualizeError> {
    if size.width < 2 {
        return Err(VisualizeError::Narrow { size });
    }
    match sum.0.iter().find(|objective| objective.octaves.is_some() || objective.mask.is_some()) {
        Some(objective) => Err(VisualizeError::Placed { objective: objective.to_string() }),
        None => Ok(()),
    }
}

/// One past the last step of the block that begins after `done` steps. A block ends where the pictures are shown.
fn end_of_block(done: usize) -> usize {
    let next_look = (done + 1).next_power_of_two();
    next_look.min(done + BLOCK)
}

/// The targets before the ReLU, for those objectives whose layers come after one.
fn before_relu(sum: &Sum, weights: &Weights) -> Result<Vec<Target>, VisualizeError> {
    let climbed_up = sum.0.iter().filter(|objective| objective.weight > 0.0);
    let before: Vec<Objective> = climbed_up.flat_map(|objective| objective.before_relu(weights)).collect();
    let mut targets = Vec::new();
    for objective in before {
        targets.extend(objective.resolve(weights)?);
    }
    Ok(targets)
}
