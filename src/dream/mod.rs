//! Pictures and time: octaves, jitter, ascent. Knows layers by name and no kernel at all.
//!
//! ```
//! use std::ops::ControlFlow;
//! use puppyslug::dream::{Config, Dream, sky::sky};
//! use puppyslug::net::Weights;
//!
//! let weights = Weights::embedded();
//! let machine = puppyslug::device::open("cpu")?;
//! let config = Config { octaves: 2, iterations: 1, ..Config::for_weights(&weights) };
//! let picture = sky(96, 64, 7)?;
//! let mut dream = Dream::prepare(&*machine, &weights, (64, 96), &config)?;
//! let dreamed = dream.run(&picture, &mut |progress| {
//!     println!("octave {} iteration {}", progress.octave, progress.iteration);
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(dreamed.picture.width(), 96);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod config;
pub mod controls;
mod finish;
pub mod objective;
pub mod octave;
pub mod picture;
pub mod probe;
pub mod sky;

use std::ops::ControlFlow;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::machine::{Execution, Jitter, Machine, MachineError};
use crate::net::Weights;
use crate::plan::dream::{DreamPlan, DreamSettings, OctavePhases, OctaveSettings, plan_dream};
use crate::plan::network::{Aim, LowerError, Target};

pub use config::{Config, ConfigError};
pub use controls::Controls;
pub use objective::{Objective, ObjectiveError};
pub use picture::Picture;

/// A dream, planned and loaded onto a machine. It can be run any number of times.
pub struct Dream {
    plan: DreamPlan,
    execution: Box<dyn Execution>,
    config: Config,
    left_out: usize,
    /// As large as the picture, if the configuration asks for one.
    mask: Option<Vec<f32>>,
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
    /// Which iteration of this octave is done, from 1.
    pub iteration: usize,
    /// Of how many.
    pub iterations: usize,
    /// The objective's value before this iteration's step.
    pub value: f32,
    /// Mean magnitude of the gradient.
    pub magnitude: f32,
}

/// What came out.
pub struct Dreamed {
    /// The picture, in the size of the input, with the input's alpha.
    pub picture: Picture,
    /// Whether every iteration was run; otherwise the dream was stopped and this is how far it came.
    pub complete: bool,
}

/// Why there is no dream.
#[derive(Debug, thiserror::Error)]
pub enum DreamError {
    /// A setting makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An objective names something that is not there.
    #[error(transparent)]
    Objective(#[from] ObjectiveError),
    /// The picture does not fit the network.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The machine could not do it.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The picture does not fit the machine.
    #[error("a dream of {width}x{height} is too large: {reason}. {}", advice(*.largest))]
    TooLarge {
        /// Picture width.
        width: usize,
        /// Picture height.
        height: usize,
        /// What the machine said.
        reason: String,
        /// Width and height of the largest picture of this shape that fits.
        largest: Option<(usize, usize)>,
    },
    /// Nothing to climb.
    #[error(
        "the gradient is zero in octave {octave} ({width}x{height}): nothing in this picture moves {objective}. \
         Try another layer, a picture with more in it, or fewer octaves"
    )]
    ZeroGradient {
        /// Which octave, from 1.
        octave: usize,
        /// Its width.
        width: usize,
        /// Its height.
        height: usize,
        /// What was to be climbed.
        objective: String,
    },
    /// The numbers ran away.
    #[error(
        "the gradient is not finite in octave {octave}: the weights or the objective's weight are too large"
    )]
    NotFinite {
        /// Which octave, from 1.
        octave: usize,
    },
}

fn advice(largest: Option<(usize, usize)>) -> String {
    match largest {
        Some((width, height)) => format!("The largest that fits is --size {width}x{height}"),
        None => "No picture of this shape is small enough for the device and large enough for the layer"
            .to_owned(),
    }
}

impl Dream {
    /// Plans a dream over pictures of `size` (height, width) and loads it onto a machine.
    pub fn prepare(
        machine: &dyn Machine,
        weights: &Weights,
        size: (usize, usize),
        config: &Config,
    ) -> Result<Self, DreamError> {
        config.check()?;
        let plan = plan_for(weights, size, config)?;
        let left_out = config.octaves - plan.octaves.len();
        if let Err(error) = machine.check(&plan.plan) {
            return Err(too_large(machine, weights, size, config, error));
        }
        let execution = machine.load(&plan.plan, weights)?;
        let mask = plan.mask.map(|mask| vec![1.0; mask.shape.len()]);
        Ok(Self { plan, execution, config: config.clone(), left_out, mask })
    }

    /// Sets how far each pixel may go: 1 as far as without a mask, 0 not at all, and there the dream has the
    /// source's own samples. Until it is set, all of them are 1.
    ///
    /// # Panics
    /// If the configuration has no mask, or for any other number of factors than the picture has pixels.
    pub fn set_mask(&mut self, mask: Vec<f32>) {
        let pixels = self.plan.mask.map(|mask| mask.shape.len());
        assert_eq!(Some(mask.len()), pixels, "a mask of the picture's size, where one was planned for");
        self.mask = Some(mask);
    }

    /// Height and width of each octave, smallest first.
    pub fn octave_sizes(&self) -> Vec<(usize, usize)> {
        self.plan.octaves.iter().map(|octave| octave.size).collect()
    }

    /// How many of the octaves asked for are too small for the layers wanted, and so are not dreamed.
    pub fn octaves_left_out(&self) -> usize {
        self.left_out
    }

    /// Bytes of device memory for everything but the network's weights.
    pub fn bytes(&self) -> u64 {
        self.plan.plan.bytes()
    }

    /// Dreams over a picture. `watch` sees every iteration, perhaps a few late, and may stop the dream: what
    /// has been dreamed by then is carried up to full size and returned.
    pub fn run(
        &mut self,
        picture: &Picture,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Dreamed, DreamError> {
        let input = self.plan.input;
        assert_eq!(
            (input.shape.height, input.shape.width),
            (picture.height(), picture.width()),
            "the picture has the size the dream was prepared for"
        );
        self.execution.write(input, &to_network(picture, self.config.mean))?;
        if let (Some(view), Some(mask)) = (self.plan.mask, &self.mask) {
            self.execution.write(view, mask)?;
        }
        self.execution.run_once(self.plan.bases)?;
        let mut random = Pcg64Mcg::seed_from_u64(self.config.seed);
        let mut complete = true;
        for (number, octave) in self.plan.octaves.clone().into_iter().enumerate() {
            self.execution.run_once(octave.enter)?;
            if complete {
                let turns: Vec<Jitter> =
                    (0..self.config.iterations).map(|_| draw(&mut random, self.config.jitter)).collect();
                complete = self.climb(number + 1, octave, &turns, watch)?;
            }
            if let Some(leave) = octave.leave {
                self.execution.run_once(leave)?;
            }
        }
        let cells = self.execution.read(self.plan.output)?;
        let mut dream = from_network(&cells, picture, self.config.mean);
        finish::finish(&mut dream, picture, &self.config.controls, self.mask.as_deref());
        Ok(Dreamed { picture: dream, complete })
    }

    /// Runs the iterations of one octave; `false` if `watch` stopped them.
    fn climb(
        &mut self,
        number: usize,
        octave: OctavePhases,
        turns: &[Jitter],
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<bool, DreamError> {
        let octaves = self.plan.octaves.len();
        let mut fault = None;
        let mut stopped = false;
        self.execution.run(octave.climb, turns, self.plan.report, &mut |turn, report| {
            let (value, magnitude) = (report[0], report[1]);
            if magnitude == 0.0 || !magnitude.is_finite() {
                fault = Some(magnitude);
                return ControlFlow::Break(());
            }
            let (iteration, iterations) = (turn + 1, turns.len());
            let size = octave.size;
            let flow =
                watch(Progress { octave: number, octaves, size, iteration, iterations, value, magnitude });
            stopped |= flow.is_break();
            flow
        })?;
        match fault {
            None => Ok(!stopped),
            Some(0.0) => Err(DreamError::ZeroGradient {
                octave: number,
                width: octave.size.1,
                height: octave.size.0,
                objective: self.config.describe_objectives(),
            }),
            Some(_) => Err(DreamError::NotFinite { octave: number }),
        }
    }
}

/// Plans the octaves that leave cells at every target.
fn plan_for(weights: &Weights, size: (usize, usize), config: &Config) -> Result<DreamPlan, DreamError> {
    let targets: Result<Vec<Target>, _> =
        config.objectives.iter().map(|objective| objective.resolve(weights)).collect();
    let targets = targets?;
    let network = weights.network();
    let fits = |&(height, width): &(usize, usize)| {
        targets.iter().all(|target| network.check_size(target.layer, height, width).is_ok())
    };
    let mut sizes: Vec<_> =
        octave::octave_sizes(size, config.octaves, config.octave_scale).into_iter().filter(fits).collect();
    if sizes.is_empty() || targets.iter().any(|target| is_outside(weights, target, size)) {
        sizes = vec![size]; // planning it says what is wrong
    }
    let octaves = sizes.into_iter().map(|octave| OctaveSettings {
        size: octave,
        targets: targets.iter().map(|target| scale_target(weights, target, size, octave)).collect(),
    });
    let settings = DreamSettings {
        octaves: octaves.collect(),
        step: config.step,
        bounds: config.bounds(),
        shaping: config.controls.shaping(config.step, config.iterations),
    };
    Ok(plan_dream(network, &settings)?)
}

/// Whether a cell is given that the full picture does not have.
fn is_outside(weights: &Weights, target: &Target, (height, width): (usize, usize)) -> bool {
    let Aim::Neuron(_, Some((row, column))) = target.aim else { return false };
    let map = weights.network().shapes(height, width)[target.layer.index()];
    row >= map.height || column >= map.width
}

/// A cell given for the full picture is the cell at the same place of a smaller octave.
fn scale_target(weights: &Weights, target: &Target, full: (usize, usize), octave: (usize, usize)) -> Target {
    let Aim::Neuron(channel, Some((row, column))) = target.aim else { return *target };
    if octave == full {
        return *target;
    }
    let shape = |(height, width)| weights.network().shapes(height, width)[target.layer.index()];
    let (full, small) = (shape(full), shape(octave));
    // A cell outside its map is refused in the octave that has the size the user knows: the last.
    let scale =
        |at: usize, from: usize, to: usize| if at < from { (2 * at + 1) * to / (2 * from) } else { to - 1 };
    let at = (scale(row, full.height, small.height), scale(column, full.width, small.width));
    Target { aim: Aim::Neuron(channel, Some(at)), ..*target }
}

/// The refusal of a plan, with the largest picture of the same shape that would fit.
fn too_large(
    machine: &dyn Machine,
    weights: &Weights,
    (height, width): (usize, usize),
    config: &Config,
    error: MachineError,
) -> DreamError {
    let MachineError::TooLarge(reason) = error else { return error.into() };
    let scaled = |n: usize, longest: usize| (n * longest / width.max(height)).max(1);
    let plan = |longest| plan_for(weights, (scaled(height, longest), scaled(width, longest)), config);
    // What is too small for the layer fits the machine all the more.
    let fits = |longest| plan(longest).map_or(true, |plan| machine.check(&plan.plan).is_ok());
    // Halve the interval between a size that fits and one that does not; to the nearest 16 is near enough.
    let (mut low, mut high) = (0, width.max(height));
    while high - low > 16 {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    let largest = (low > 0 && plan(low).is_ok()).then(|| (scaled(width, low), scaled(height, low)));
    DreamError::TooLarge { width, height, reason, largest }
}

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
    let plane = picture.width() * picture.height();
    let channels = picture.rgb().chunks_exact(plane).rev().zip(mean);
    channels.flat_map(|(channel, mean)| channel.iter().map(move |value| value - mean)).collect()
}

/// BGR minus mean to RGB 0..255, with the alpha of `source`.
fn from_network(cells: &[f32], source: &Picture, mean: [f32; 3]) -> Picture {
    let plane = source.width() * source.height();
    let channels = cells.chunks_exact(plane).zip(mean).rev();
    let rgb = channels.flat_map(|(channel, mean)| channel.iter().map(move |value| value + mean));
    let mut picture = source.clone();
    for (to, value) in picture.rgb_mut().iter_mut().zip(rgb) {
        *to = value;
    }
    picture
}
