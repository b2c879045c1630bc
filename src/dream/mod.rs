//! Pictures and time: octaves, jitter, ascent. This module knows layers by name, and no kernels.
//!
//! ```
//! use std::ops::ControlFlow;
//! use puppyslug::dream::{Config, Dream};
//! use puppyslug::extent::Extent;
//! use puppyslug::picture::sky::sky;
//! use puppyslug::net::Weights;
//!
//! let weights = Weights::embedded();
//! let machine = puppyslug::device::open("cpu", &Default::default())?;
//! let config = Config { octaves: 2.into(), iterations: 1.into(), ..Config::for_weights(&weights) };
//! let picture = sky(Extent::new(64, 96), 7)?;
//! let mut dream = Dream::prepare(&*machine, &weights, Extent::new(64, 96), &config)?;
//! let dreamed = dream.run(&picture, &mut |progress| {
//!     println!("octave {} iteration {}", progress.octave, progress.iteration);
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(dreamed.picture.width(), 96);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alive;
mod ascent;
pub mod attribution;
pub mod augment;
mod carried;
pub mod checkpoint;
pub mod classify;
pub mod config;
pub mod controls;
mod error;
mod finish;
mod landing;
mod loading;
mod moving;
pub mod objective;
pub mod octave;
mod planning;
pub mod presets;
pub mod probe;
pub mod recipe;
pub mod reference;
mod run;
mod steering;
pub mod tiles;
mod watch;

use crate::extent::Extent;
use crate::machine::{Execution, Machine};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::dream::DreamPlan;
use loading::Loaded;
use moving::Movable;
use planning::Climbing;
use tiles::fit::Space;
use tiles::{Beside, MemoryPlan, Tiler};

pub use crate::settings::per_octave::{self, Octaves, PerOctave};
pub use carried::Carried;
pub use config::{Changes, Config, ConfigError};
pub use controls::Controls;
pub use error::{DreamError, Fitting};
pub use finish::Overlay;
pub use landing::{Landing, Standing};
pub use moving::FIXED;
pub use objective::{Objective, ObjectiveError};
pub use presets::Preset;
pub use reference::{Direction, Likeness, Mask, PixelBox, ReferenceError, References};
pub use run::{Place, Run};
pub use steering::Steering;
pub use watch::{Cancel, Watcher};

/// A dream, planned and loaded onto a machine. It can be run any number of times.
#[derive(Debug)]
pub struct Dream {
    plan: DreamPlan,
    /// The loop, and the network too unless that is in tiles.
    execution: Box<dyn Execution>,
    tiler: Option<Tiler>,
    config: Config,
    memory: MemoryPlan,
    left_out: usize,
    /// What it was prepared with, for runs that bring no steering of their own.
    steering: Steering,
    /// The masks that limit where the dream may go; `None` if it may go everywhere.
    reach: Option<Vec<usize>>,
    movable: Movable,
    /// What could be climbed instead of each objective if its gradient is zero.
    before_relu: Vec<Vec<Objective>>,
}

/// What a dream is loaded for, apart from dreaming with its settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purpose {
    /// Numbers may differ in every iteration: see [`Dream::adopt`] and [`Run::schedule`]. This costs up to
    /// one more picture of memory.
    pub moving: bool,
    /// Runs may continue an earlier dream: see [`Run::carried`]. This costs up to one and a third pictures
    /// more of memory.
    pub carried: bool,
}

/// A dream and all that it holds may move to another thread.
const _: fn() = || {
    fn movable_between_threads<T: Send>() {}
    movable_between_threads::<Dream>();
};

/// How far a dream has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Which octave, from 1 (the smallest).
    pub octave: usize,
    /// How many octaves there are.
    pub octaves: usize,
    /// The size of this octave.
    pub size: Extent,
    /// Which iteration of this octave is done, or in progress if not all of its tiles are done; from 1.
    pub iteration: usize,
    /// How many iterations the octave has.
    pub iterations: usize,
    /// How many tiles of the iteration are done, and how many there are: one of one without tiles.
    pub tiles: (usize, usize),
}

/// The result of a dream.
#[derive(Debug)]
pub struct Dreamed {
    /// The picture, in the size of the input, with the input's alpha.
    pub picture: Picture,
    /// Whether every iteration was run. Otherwise the dream was stopped, and the picture shows how far it
    /// came.
    pub complete: bool,
    /// What each iteration found before its step, in order.
    pub found: Vec<Found>,
}

/// The result of a dream whose picture was left on the machine.
#[derive(Debug)]
pub struct Climbed {
    /// See [`Dreamed::complete`].
    pub complete: bool,
    /// See [`Dreamed::found`].
    pub found: Vec<Found>,
}

/// What an iteration found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The sum of all objectives.
    pub value: f32,
    /// Mean magnitude of the gradient; if there are several, under masks, the sum of their magnitudes.
    pub magnitude: f32,
}

impl Dream {
    /// Plans a dream over pictures of `size` and loads it onto a machine.
    pub fn prepare(
        machine: &dyn Machine,
        weights: &Weights,
        size: Extent,
        config: &Config,
    ) -> Result<Self, DreamError> {
        Self::prepare_with(machine, weights, size, config, &References::default())
    }

    /// The same with references for the objectives to use.
    pub fn prepare_with(
        machine: &dyn Machine,
        weights: &Weights,
        size: Extent,
        config: &Config,
        references: &References,
    ) -> Result<Self, DreamError> {
        Self::prepare_for(Purpose::default(), machine, weights, size, config, references)
    }

    /// The same for a particular purpose.
    pub fn prepare_for(
        purpose: Purpose,
        machine: &dyn Machine,
        weights: &Weights,
        size: Extent,
        config: &Config,
        references: &References,
    ) -> Result<Self, DreamError> {
        Self::prepare_beside(Beside::nothing_on(machine), purpose, machine, weights, size, config, references)
    }

    /// The same as [`Dream::prepare_with`], with numbers that may differ in every iteration.
    pub fn prepare_moving(
        machine: &dyn Machine,
        weights: &Weights,
        size: Extent,
        config: &Config,
        references: &References,
    ) -> Result<Self, DreamError> {
        let purpose = Purpose { moving: true, ..Purpose::default() };
        Self::prepare_for(purpose, machine, weights, size, config, references)
    }

    /// The same as [`Dream::prepare_for`] while other dreams are on the machine, and for someone who loads more plans
    /// beside it.
    pub fn prepare_beside(
        beside: Beside,
        purpose: Purpose,
        machine: &dyn Machine,
        weights: &Weights,
        size: Extent,
        config: &Config,
        references: &References,
    ) -> Result<Self, DreamError> {
        config.check()?;
        let features = references.features(machine, weights, &config.objectives, config.mean)?;
        let climbing = Climbing::new(weights, config, &features, references.masks.len(), purpose)?;
        let space = Space { machine, weights, tiling: &config.tiling, beside };
        let Loaded { plan, execution, tiler, memory } =
            Loaded::new(&climbing, &space, size, features.cells())?;
        let left_out = match config.octaves {
            Octaves::Count(count) => count - plan.octaves.len(),
            Octaves::Auto => 0,
        };
        let config = Config { tiling: memory.tiling().unwrap_or(config.tiling.clone()), ..config.clone() };
        let (reach, movable) = (climbing.reach(), climbing.movable(plan.octaves.len()));
        let steering = Steering::new(references, features, size)?;
        let before_relu = config.objectives.iter().map(|objective| objective.before_relu(weights)).collect();
        Ok(Self { plan, execution, tiler, config, memory, left_out, steering, reach, movable, before_relu })
    }

    /// The settings, including the tiles that were chosen: dreaming with them gives the same dream.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How much memory the dream takes with its companions, and how much there is.
    pub fn memory(&self) -> MemoryPlan {
        self.memory
    }

    /// The size of each octave, smallest first.
    pub fn octave_sizes(&self) -> Vec<Extent> {
        self.plan.octaves.iter().map(|octave| octave.size).collect()
    }

    /// How many of the requested octaves are too small for the layers, and so are not dreamed.
    pub fn octaves_left_out(&self) -> usize {
        self.left_out
    }

    /// Bytes of memory for everything except the weights, which dreams share, together with its companions.
    pub fn bytes(&self) -> u64 {
        self.memory.device + self.memory.pictures
    }
}

/// RGB 0..255 to BGR minus mean.
pub(crate) fn to_network(picture: &Picture, mean: [f32; 3]) -> Vec<f32> {
    planes_for_network(picture, mean).flatten().collect()
}

/// The same, channel by channel.
fn planes_for_network(picture: &Picture, mean: [f32; 3]) -> impl Iterator<Item = impl Iterator<Item = f32>> {
    let plane = picture.width() * picture.height();
    let channels = picture.rgb().chunks_exact(plane).rev().zip(mean);
    channels.map(|(channel, mean)| channel.iter().map(move |value| value - mean))
}

/// The samples of BGR minus mean as RGB 0..255.
pub(crate) fn to_rgb(cells: &[f32], mean: [f32; 3]) -> impl Iterator<Item = f32> {
    let channels = cells.chunks_exact(cells.len() / 3).zip(mean).rev();
    channels.flat_map(|(channel, mean)| channel.iter().map(move |value| value + mean))
}
