//! Pictures out of nothing: noise that climbs towards what a part of the network likes to see, made of frequencies and
//! shaken in each step, so that it shows what the part has learned and not what a single gradient finds.
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
//! assert_eq!(seen.picture.width(), 64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod channels;
pub mod config;
mod error;
mod loaded;
pub mod recipe;
mod robustness;
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
use crate::plan::network::Target;
use crate::plan::visualize::{VisualizeSettings, plan_visualization};
use crate::settings::Settings;
use loaded::Loaded;

pub use crate::plan::visualize::Parametrisation;
pub use channels::{Channels, Portrait, branches};
pub use config::{VisualizeChanges, VisualizeConfig};
pub use error::VisualizeError;
pub use robustness::Robustness;
pub use tap::Tap;

/// Steps that are run before their reports are read.
const BLOCK: usize = 32;
/// Starts that are tried where the first is silent.
const STARTS: usize = 16;
/// Steps towards the value before ReLU that are taken at most where all starts are silent.
const PRELUDE: usize = 64;
/// After how many of these the objective itself is tried again.
const GLANCE: usize = 16;

/// A visualisation, planned and loaded onto a machine. It can be run any number of times.
#[derive(Debug)]
pub struct Visualization<'m> {
    machine: &'m dyn Machine,
    weights: &'m Weights,
    loaded: Loaded,
    /// What is climbed, for messages.
    name: String,
    /// The same before ReLU, if there is such, and its plan once it was needed.
    before: Vec<Target>,
    prelude: Option<Loaded>,
    /// The cells that targets know by number.
    given: Vec<Vec<f32>>,
    size: Extent,
    config: VisualizeConfig,
}

/// What a picture is at first.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Noise of the seed.
    Noise,
    /// A picture, in the size of the visualisation.
    Picture(&'a Picture),
}

/// What came out.
#[derive(Debug)]
pub struct Seen {
    /// The picture.
    pub picture: Picture,
    /// Whether every step was taken; otherwise this is how far it came.
    pub complete: bool,
    /// What each step found before it was taken.
    pub found: Vec<Found>,
    /// How it got going.
    pub spark: Spark,
}

/// How a visualisation got going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spark {
    /// At once.
    First,
    /// The first start was silent; this one, counted from 1, was not.
    Start(usize),
    /// All starts were silent; so many steps towards the value before ReLU woke it.
    BeforeRelu(usize),
}

/// Told of each step that is done, from 1, perhaps a few late; and before that of each try to find a start that fires, by 0.
pub type Watch<'a> = dyn FnMut(usize) -> ControlFlow<()> + 'a;
/// Shown the picture after some steps: 1, 2, 4, 8 and so on.
pub type Look<'a> = dyn FnMut(usize, &Picture) -> Result<(), VisualizeError> + 'a;

impl<'m> Visualization<'m> {
    /// Plans a visualisation of objectives that add up, and loads it onto a machine.
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
        let features = references.features(machine, weights, &sum.0, weights.mean())?;
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
        let plan = plan_visualization(weights.network(), &settings(size, targets, config, weights))?;
        let loaded = Loaded::new(plan, machine, weights, &given)?;
        let config = config.clone();
        Ok(Self { machine, weights, loaded, name, before, prelude: None, given, size, config })
    }

    /// Runs it. `watch` may stop it: the picture is what was seen by then.
    ///
    /// # Errors
    /// [`VisualizeError::Silent`] if nothing moves what is climbed; what the machine says.
    pub fn run(
        &mut self,
        start: Start<'_>,
        watch: &mut Watch<'_>,
        look: &mut Look<'_>,
    ) -> Result<Seen, VisualizeError> {
        let steps = self.config.steps;
        let matrices = self.matrices();
        let cells = self.first_cells(start);
        self.loaded.begin(&cells)?;
        let (mut found, mut spark, mut stopped) = (Vec::new(), Spark::First, false);
        while found.len() < steps && !stopped {
            let done = found.len();
            let block = &matrices[done..steps.min(end_of_block(done))];
            let reports = self.loaded.climb(block, &mut |turn| {
                stopped |= watch(done + turn + 1).is_break();
                if stopped { Next::Stop } else { Next::Go }
            })?;
            self.check_finite(&reports)?;
            if done == 0 && !stopped && reports.iter().all(|report| report[1] == 0.0) {
                match self.wake(start, &matrices, watch)? {
                    Some(found) => spark = found,
                    None => stopped = true,
                }
                continue; // from the start that was found
            }
            found.extend(reports.iter().map(|&[value, magnitude]| Found { value, magnitude }));
            if found.len().is_power_of_two() && !stopped {
                look(found.len(), &self.picture()?)?;
            }
        }
        Ok(Seen { picture: self.picture()?, complete: found.len() == steps, found, spark })
    }

    /// The bytes of memory that it takes on its machine, weights aside.
    pub fn bytes(&self) -> u64 {
        self.machine.bytes(&self.loaded.plan.plan)
    }

    /// How the picture is shaken in each step.
    fn matrices(&self) -> Vec<[f32; 6]> {
        let mut random = Pcg64Mcg::seed_from_u64(self.config.seed);
        (0..self.config.steps).map(|_| self.config.robustness.draw(self.size, &mut random)).collect()
    }

    fn first_cells(&self, start: Start<'_>) -> Vec<f32> {
        match start {
            Start::Noise => self.noise(0),
            Start::Picture(picture) => start::cells_of(picture, self.config.parametrisation),
        }
    }

    /// The noise of the start of a number, from 0.
    fn noise(&self, start: usize) -> Vec<f32> {
        // Not the numbers that the matrices of this seed are drawn from.
        let seed = !self.config.seed.wrapping_add((start as u64) << 32);
        start::noise(self.loaded.plan.cells.shape.len(), seed)
    }

    /// Finds a start that fires, and begins with it: first other noise, then what the value before ReLU leads to. `None` if
    /// it was stopped.
    fn wake(
        &mut self,
        start: Start<'_>,
        matrices: &[[f32; 6]],
        watch: &mut Watch<'_>,
    ) -> Result<Option<Spark>, VisualizeError> {
        let starts = if matches!(start, Start::Noise) { STARTS } else { 1 };
        for number in 1..starts {
            if watch(0).is_break() {
                return Ok(None);
            }
            let cells = self.noise(number);
            if self.fires(&cells, &matrices[..1])? {
                self.loaded.begin(&cells)?;
                return Ok(Some(Spark::Start(number + 1)));
            }
        }
        let steps = if self.before.is_empty() { 0 } else { PRELUDE };
        if steps > 0 {
            let mut prelude = self.prelude()?;
            prelude.begin(&self.first_cells(start))?;
            let mut woke = None;
            for taken in (GLANCE..=steps).step_by(GLANCE) {
                if watch(0).is_break() {
                    return Ok(None);
                }
                let turns = matrices.iter().cycle().skip(taken - GLANCE).take(GLANCE);
                let reports = prelude.climb(&turns.copied().collect::<Vec<_>>(), &mut |_| Next::Go)?;
                self.check_finite(&reports)?;
                let cells = prelude.cells()?;
                if self.fires(&cells, &matrices[..1])? {
                    self.loaded.begin(&cells)?;
                    woke = Some(Spark::BeforeRelu(taken));
                    break;
                }
            }
            self.prelude = Some(prelude);
            if woke.is_some() {
                return Ok(woke);
            }
        }
        Err(VisualizeError::Silent { objective: self.name.clone(), starts, steps })
    }

    /// The climb towards the value before ReLU, with what is given now.
    fn prelude(&mut self) -> Result<Loaded, VisualizeError> {
        if let Some(mut prelude) = self.prelude.take() {
            prelude.give(&self.given)?;
            return Ok(prelude);
        }
        let settings = settings(self.size, self.before.clone(), &self.config, self.weights);
        let plan = plan_visualization(self.weights.network(), &settings)?;
        Ok(Loaded::new(plan, self.machine, self.weights, &self.given)?)
    }

    /// Whether there is a gradient at these cells.
    fn fires(&mut self, cells: &[f32], matrices: &[[f32; 6]]) -> Result<bool, VisualizeError> {
        self.loaded.begin(cells)?;
        let reports = self.loaded.climb(matrices, &mut |_| Next::Go)?;
        Ok(reports.iter().any(|report| report[1] != 0.0))
    }

    fn check_finite(&self, reports: &[[f32; 2]]) -> Result<(), VisualizeError> {
        match reports.iter().flatten().all(|number| number.is_finite()) {
            true => Ok(()),
            false => Err(VisualizeError::NotFinite { objective: self.name.clone() }),
        }
    }

    fn picture(&mut self) -> Result<Picture, VisualizeError> {
        let cells = self.loaded.picture()?;
        Ok(Picture::from_rgb(self.size, to_rgb(&cells, self.weights.mean()).collect())?)
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
        rate: config.rate,
        mean: weights.mean(),
    }
}

/// Checks what can be known before anything is loaded.
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

/// One past the last step of the block that begins after so many: blocks end where pictures are looked at.
fn end_of_block(done: usize) -> usize {
    let next_look = (done + 1).next_power_of_two();
    next_look.min(done + BLOCK)
}

/// The targets of the objectives as they are before ReLU, of those that stand behind one.
fn before_relu(sum: &Sum, weights: &Weights) -> Result<Vec<Target>, VisualizeError> {
    let climbed_up = sum.0.iter().filter(|objective| objective.weight > 0.0);
    let before: Vec<Objective> = climbed_up.flat_map(|objective| objective.before_relu(weights)).collect();
    let mut targets = Vec::new();
    for objective in before {
        targets.extend(objective.resolve(weights)?);
    }
    Ok(targets)
}
