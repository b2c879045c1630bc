//! Pictures and time: octaves, jitter, ascent. Knows layers by name and no kernel at all.
//!
//! ```
//! use std::ops::ControlFlow;
//! use puppyslug::dream::{Config, Dream};
//! use puppyslug::picture::sky::sky;
//! use puppyslug::net::Weights;
//!
//! let weights = Weights::embedded();
//! let machine = puppyslug::device::open("cpu", &Default::default())?;
//! let config = Config { octaves: 2.into(), iterations: 1.into(), ..Config::for_weights(&weights) };
//! let picture = sky(96, 64, 7)?;
//! let mut dream = Dream::prepare(&*machine, &weights, (64, 96), &config)?;
//! let dreamed = dream.run(&picture, &mut |progress| {
//!     println!("octave {} iteration {}", progress.octave, progress.iteration);
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(dreamed.picture.width(), 96);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alive;
mod ascent;
pub mod augment;
pub mod checkpoint;
pub mod classify;
pub mod config;
pub mod controls;
mod error;
mod finish;
mod landing;
mod loading;
pub mod objective;
pub mod octave;
mod planning;
pub mod presets;
pub mod probe;
pub mod recipe;
pub mod reference;
pub mod tiles;

use std::ops::ControlFlow;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::machine::{Execution, Jitter, Machine, Turn};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::dream::{DreamPlan, OctavePhases};
use ascent::Ascent;
use loading::Loaded;
use planning::Climbing;
use reference::LaidMask;
use tiles::fit::Space;
use tiles::{Canvas, MemoryPlan, Others, Tiler};

pub use crate::settings::per_octave::{self, Octaves, PerOctave};
pub use config::{Changes, Config, ConfigError};
pub use controls::Controls;
pub use error::DreamError;
pub use landing::{Landing, Standing};
pub use objective::{Objective, ObjectiveError};
pub use presets::Preset;
pub use reference::{Likeness, Mask, PixelBox, ReferenceError, References};

/// A dream, planned and loaded onto a machine. It can be run any number of times.
pub struct Dream {
    plan: DreamPlan,
    /// The loop; the network too, unless it is in tiles.
    execution: Box<dyn Execution>,
    tiler: Option<Tiler>,
    config: Config,
    memory: MemoryPlan,
    left_out: usize,
    /// As large as the picture.
    masks: Vec<LaidMask>,
    /// Which of them say where the dream may go at all; `None` if it may go everywhere.
    reach: Option<Vec<usize>>,
}

/// How far a dream is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Which octave, from 1 (the smallest).
    pub octave: usize,
    /// Of how many.
    pub octaves: usize,
    /// Height and width of this octave.
    pub size: (usize, usize),
    /// Which iteration of this octave is done, or under way while its tiles are not; from 1.
    pub iteration: usize,
    /// Of how many.
    pub iterations: usize,
    /// How many of its tiles are done, and of how many: one of one without tiles.
    pub tiles: (usize, usize),
}

/// What came out.
pub struct Dreamed {
    /// The picture, in the size of the input, with the input's alpha.
    pub picture: Picture,
    /// Whether every iteration was run; otherwise the dream was stopped and this is how far it came.
    pub complete: bool,
    /// What each iteration that was run found before its step, in order.
    pub found: Vec<Found>,
}

/// What an iteration climbs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The value of all objectives.
    pub value: f32,
    /// Mean magnitude of its gradient; of several, under masks, their sum.
    pub magnitude: f32,
}

impl Dream {
    /// Plans a dream over pictures of `size` (height, width) and loads it onto a machine.
    pub fn prepare(
        machine: &dyn Machine,
        weights: &Weights,
        size: (usize, usize),
        config: &Config,
    ) -> Result<Self, DreamError> {
        Self::prepare_with(machine, weights, size, config, &References::default())
    }

    /// The same with pictures that objectives speak of.
    pub fn prepare_with(
        machine: &dyn Machine,
        weights: &Weights,
        size: (usize, usize),
        config: &Config,
        references: &References,
    ) -> Result<Self, DreamError> {
        Self::prepare_beside(Others::none_on(machine), machine, weights, size, config, references)
    }

    /// The same while there are other dreams on this machine.
    pub fn prepare_beside(
        others: Others,
        machine: &dyn Machine,
        weights: &Weights,
        size: (usize, usize),
        config: &Config,
        references: &References,
    ) -> Result<Self, DreamError> {
        config.check()?;
        let features = references.features(machine, weights, &config.objectives, config.mean)?;
        let climbing = Climbing::new(weights, config, &features, references.masks.len())?;
        let space = Space { machine, weights, tiling: &config.tiling, others };
        let Loaded { plan, execution, tiler, memory } =
            Loaded::new(&climbing, &space, size, features.cells())?;
        let left_out = match config.octaves {
            Octaves::Count(count) => count - plan.octaves.len(),
            Octaves::Auto => 0,
        };
        let config = Config { tiling: memory.tiling().unwrap_or(config.tiling.clone()), ..config.clone() };
        let (masks, reach) = (references.lay_masks(size)?, climbing.reach());
        Ok(Self { plan, execution, tiler, config, memory, left_out, masks, reach })
    }

    /// The settings, with the tiles that were chosen in them: whoever dreams by them dreams the same.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What memory the dream takes, and what there is.
    pub fn memory(&self) -> MemoryPlan {
        self.memory
    }

    /// Height and width of each octave, smallest first.
    pub fn octave_sizes(&self) -> Vec<(usize, usize)> {
        self.plan.octaves.iter().map(|octave| octave.size).collect()
    }

    /// How many of the octaves asked for are too small for the layers wanted, and so are not dreamed.
    pub fn octaves_left_out(&self) -> usize {
        self.left_out
    }

    /// Bytes of memory for everything but the network's weights, which dreams share.
    pub fn bytes(&self) -> u64 {
        self.memory.device + self.memory.pictures
    }

    /// Dreams over a picture. `watch` sees every iteration, perhaps a few late, and may stop the dream: what
    /// has been dreamed by then is carried up to full size and returned.
    pub fn run(
        &mut self,
        picture: &Picture,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Dreamed, DreamError> {
        self.run_from(picture, &Standing::default(), watch, &mut |_| Ok(()))
    }

    /// The same from where a dream over this picture stood before, to the very same end. `landed` is called
    /// after every octave that is dreamed to its end.
    pub fn run_from(
        &mut self,
        picture: &Picture,
        start: &Standing,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        landed: &mut dyn FnMut(&mut Landing<'_>) -> Result<(), DreamError>,
    ) -> Result<Dreamed, DreamError> {
        let input = self.plan.input;
        assert_eq!(
            (input.shape.height, input.shape.width),
            (picture.height(), picture.width()),
            "the picture has the size the dream was prepared for"
        );
        // Channel by channel: large pictures are not to lie in memory once more.
        for (channel, plane) in planes_for_network(picture, self.config.mean).enumerate() {
            self.execution.write(input.channels(channel, 1), &plane.collect::<Vec<f32>>())?;
        }
        for (&view, mask) in self.plan.masks.iter().zip(&self.masks) {
            self.execution.write(view, &mask.over(picture))?;
        }
        self.execution.run_once(self.plan.bases, &[])?;
        self.restore(start)?;
        let mut random = Pcg64Mcg::seed_from_u64(self.config.seed);
        let (mut complete, mut found) = (true, Vec::new());
        let octaves = self.plan.octaves.len();
        for (number, octave) in self.plan.octaves.clone().into_iter().enumerate() {
            // Drawn for octaves that are done too: the later ones need what comes after.
            let (iterations, jitter) = (*self.config.iterations.at(number), *self.config.jitter.at(number));
            let limit = self.tiler.as_ref().map_or(jitter, |tiler| jitter.max(tiler.shift(number)));
            let turns = (0..iterations).map(|_| Turn::from(draw(&mut random, limit)));
            let turns: Vec<Turn<'_>> = turns.collect();
            if number < start.done {
                continue;
            }
            self.execution.run_once(octave.enter, &[])?;
            if complete {
                complete = self.climb(number + 1, octave, &turns, watch, &mut found)?;
            }
            if let Some(leave) = octave.leave {
                self.execution.run_once(leave, &[])?;
            }
            if complete {
                let (done, mean) = (number + 1, self.config.mean);
                landed(&mut Landing { execution: &mut *self.execution, octave, done, octaves, mean })?;
            }
        }
        let mut dream = picture.clone();
        let planes = dream.rgb_mut().chunks_exact_mut(input.shape.plane()).rev();
        for (channel, (plane, mean)) in planes.zip(self.config.mean).enumerate() {
            let cells = self.execution.read(self.plan.output.channels(channel, 1))?;
            plane.iter_mut().zip(cells).for_each(|(to, value)| *to = value + mean);
        }
        finish::finish(&mut dream, picture, &self.config.controls);
        if let Some(reach) = &self.reach {
            let masks: Vec<_> = reach.iter().map(|&mask| self.masks[mask].over(picture)).collect();
            finish::keep_out_of_reach(&mut dream, picture, &masks);
        }
        Ok(Dreamed { picture: dream, complete, found })
    }

    /// Checks that a dream can go on from there, and puts the machine into that state.
    fn restore(&mut self, start: &Standing) -> Result<(), DreamError> {
        let Some(last) = start.done.checked_sub(1) else { return Ok(()) };
        let detail = self.plan.octaves.get(last).and_then(|octave| octave.detail);
        match detail.filter(|view| view.shape.len() == start.detail.len()) {
            Some(view) => Ok(self.execution.write(view, &start.detail)?),
            None => Err(DreamError::Standing { done: start.done, octaves: self.plan.octaves.len() }),
        }
    }

    /// Runs the iterations of one octave and appends what they `found`; `false` if `watch` stopped them.
    fn climb(
        &mut self,
        number: usize,
        octave: OctavePhases,
        turns: &[Turn<'_>],
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        found: &mut Vec<Found>,
    ) -> Result<bool, DreamError> {
        let mut ascent = Ascent::new((number, self.plan.octaves.len()), octave, turns.len(), watch);
        let Some(tiler) = &mut self.tiler else {
            for (block, turns) in turns.chunks(BLOCK).enumerate() {
                let mut turned = |turn| ascent.turned(BLOCK * block + turn);
                let reports = self.execution.run(octave.climb, turns, self.plan.report, &mut turned)?;
                found.extend(ascent.account(&reports));
                if ascent.has_ended() {
                    break;
                }
            }
            return ascent.conclude(&self.config);
        };
        let (tiles, report) = (tiler.tiles(number - 1), self.plan.report);
        for (turn, &now) in turns.iter().enumerate() {
            let (picture, gradients) = (octave.picture, &self.plan.gradients[number - 1]);
            let mut canvas = Canvas { execution: &mut *self.execution, picture, gradients };
            let mut tiled = |done| ascent.tiled(turn, done, tiles);
            let Some(values) = tiler.run(number - 1, &mut canvas, now.jitter, &mut tiled)? else { break };
            for (climb, value) in values.into_iter().enumerate() {
                self.execution.write(report.channels(2 * climb, 1), &[value])?;
            }
            let reports = self.execution.run(octave.climb, &[now], report, &mut |_| ascent.turned(turn))?;
            found.extend(ascent.account(&reports));
            if ascent.has_ended() {
                break;
            }
        }
        ascent.conclude(&self.config)
    }
}

/// Iterations that are run before their reports are read: so late a gradient that nothing can be divided by is
/// noticed, and so seldom is the device left without work for a moment.
const BLOCK: usize = 32;

/// Two whole numbers uniform in `-limit..=limit`: across, then down, as the notebook draws them.
fn draw(random: &mut Pcg64Mcg, limit: u32) -> Jitter {
    let mut one = || {
        let choices = 2 * u64::from(limit) + 1;
        let scaled = (u128::from(random.next_u64()) * u128::from(choices)) >> 64;
        scaled as i32 - limit as i32
    };
    let right = one();
    Jitter { down: one(), right }
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
fn to_rgb(cells: &[f32], mean: [f32; 3]) -> impl Iterator<Item = f32> {
    let channels = cells.chunks_exact(cells.len() / 3).zip(mean).rev();
    channels.flat_map(|(channel, mean)| channel.iter().map(move |value| value + mean))
}
