//! The gradient of a whole picture, tile by tile: this takes device memory for one window, whatever the size
//! of the picture.

pub(in crate::dream) mod fit;
pub mod mosaic;
mod part;
mod tiling;

use std::ops::{ControlFlow, Range};

use crate::extent::Extent;
use crate::machine::{Execution, Jitter, Kind, Machine, MachineError};
use crate::net::{LayerId, Network, Weights};
use crate::plan::network::{LowerError, Target};
use crate::plan::tiles::{TilePhase, TilePlan, TileSettings, plan_tiles};
use crate::plan::{Dials, Numbers, View};

pub use fit::{Beside, Companions, MemoryPlan, Others, TileSize};
pub use mosaic::{Mosaic, MosaicError, TileMode};
use part::PartMap;
pub use tiling::Tiling;

/// One size of a picture, cut into tiles.
#[derive(Clone, Debug)]
pub struct TiledOctave {
    /// Its size.
    pub size: Extent,
    /// How it is cut.
    pub mosaic: Mosaic,
    /// The targets of each climb.
    pub climbs: Vec<Vec<Target>>,
}

impl TiledOctave {
    /// Cuts a picture of this size into tiles of at most `largest` pixels a side.
    ///
    /// # Errors
    /// See [`Mosaic::new`].
    pub fn new(
        network: &Network,
        size: Extent,
        climbs: Vec<Vec<Target>>,
        largest: usize,
        mode: TileMode,
    ) -> Result<Self, MosaicError> {
        let layers: Vec<LayerId> = climbs.iter().flatten().map(|target| target.layer).collect();
        Ok(Self { size, mosaic: Mosaic::new(network, &layers, size, largest, mode)?, climbs })
    }
}

/// Plans the tiles of all octaves: a phase for each climb, octave by octave. If numbers are `moving`, each
/// run of the tiles supplies the weights of its targets.
///
/// # Errors
/// Windows that are too small for a layer.
pub fn plan(network: &Network, octaves: &[TiledOctave], moving: bool) -> Result<TilePlan, LowerError> {
    let mut settings: Vec<TileSettings> = Vec::new();
    for octave in octaves {
        let mut first = 0;
        for targets in &octave.climbs {
            settings.push(TileSettings {
                whole: octave.size,
                window: octave.mosaic.window(),
                tiles: octave.mosaic.tiles(),
                targets: targets.clone(),
                dialled: moving.then_some(first),
            });
            first += targets.len();
        }
    }
    plan_tiles(network, &settings)
}

/// The tiles of a dream, loaded onto a machine.
#[derive(Debug)]
pub struct Tiler {
    execution: Box<dyn Execution>,
    octaves: Vec<OctaveTiles>,
    given: Vec<(usize, View)>,
    dials: Dials,
}

/// The tiles of one octave.
#[derive(Debug)]
struct OctaveTiles {
    mosaic: Mosaic,
    climbs: Vec<(TilePhase, Vec<PartMap>)>,
}

/// Whole pictures, and the machine that holds them.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// Where the pictures are.
    pub execution: &'a mut dyn Execution,
    /// The picture that the network sees.
    pub picture: View,
    /// Where the gradients are written, one for each climb, all of the picture's shape.
    pub gradients: &'a [View],
}

impl Tiler {
    /// Loads the plan of these octaves. `given` holds the buffers that targets know by number.
    pub fn load(
        machine: &dyn Machine,
        weights: &Weights,
        octaves: &[TiledOctave],
        plan: &TilePlan,
        given: &[Vec<f32>],
    ) -> Result<Self, MachineError> {
        let execution = machine.load(&plan.plan, weights)?;
        let network = weights.network();
        let mut phases = plan.phases.iter();
        let octaves = octaves.iter().map(|octave| {
            let climb = |(targets, phase): (&Vec<Target>, &TilePhase)| {
                let part = |(target, part)| PartMap::new(network, octave, target, part);
                (phase.clone(), targets.iter().zip(&phase.parts).map(part).collect())
            };
            let climbs = octave.climbs.iter().zip(&mut phases).map(climb).collect();
            OctaveTiles { mosaic: octave.mosaic.clone(), climbs }
        });
        let (dials, views) = (plan.plan.dials.clone(), plan.plan.given.clone());
        let mut tiler = Self { octaves: octaves.collect(), execution, given: views, dials };
        tiler.give(given)?;
        let largest = plan.phases.iter().map(|phase| phase.input).max_by_key(|input| input.shape.len());
        largest.map_or(Ok(()), |input| try_upload(machine, &mut *tiler.execution, input))?;
        Ok(tiler)
    }

    /// Writes the buffers that targets know by number.
    pub(in crate::dream) fn give(&mut self, cells: &[Vec<f32>]) -> Result<(), MachineError> {
        self.given.iter().try_for_each(|&(number, view)| self.execution.write(view, &cells[number]))
    }

    /// The dials of a run for these numbers, if the plan left them open.
    pub(in crate::dream) fn dials(&self, numbers: &Numbers) -> Vec<f32> {
        if self.dials.is_empty() { Vec::new() } else { self.dials.values(numbers) }
    }

    /// How many tiles an octave has.
    pub fn tiles(&self, octave: usize) -> usize {
        self.octaves[octave].mosaic.tiles()
    }

    /// How far an octave must be shifted at random so that its seams can fall anywhere; exact tiles have
    /// none.
    pub(in crate::dream) fn shift(&self, octave: usize) -> u32 {
        let OctaveTiles { mosaic, .. } = &self.octaves[octave];
        match mosaic.mode {
            TileMode::Fast if mosaic.tiles() > 1 => mosaic.window().longest().div_ceil(2) as u32,
            _ => 0,
        }
    }

    /// Computes the gradients of the picture, shifted by `jitter`. `watch` is called after each tile with the
    /// number of finished tiles; on a `Break`, the rest is left as it was and `None` is returned. `dials` are
    /// the numbers that the plan left open. Returns the value of each climb.
    pub fn run(
        &mut self,
        octave: usize,
        canvas: &mut Canvas<'_>,
        jitter: Jitter,
        dials: &[f32],
        watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Option<Vec<f32>>, MachineError> {
        let OctaveTiles { mosaic, climbs } = &self.octaves[octave];
        let mut values = vec![0.0; climbs.len()];
        for (number, (rows, columns)) in mosaic.iter().enumerate() {
            let Extent { height, width } = mosaic.window();
            let window = canvas.cut((rows.start, height), (columns.start, width), jitter)?;
            let cores = (rows.core.clone(), columns.core.clone());
            for (climb, (phase, parts)) in climbs.iter().enumerate() {
                let gradient = canvas.gradients[climb];
                if parts.iter().all(|part| !part.reaches(rows, columns)) {
                    canvas.leave(gradient, &cores, |_, count| vec![0.0; count])?;
                    continue;
                }
                self.execution.write(phase.input, &window)?;
                for part in parts {
                    part.write(&mut *self.execution, mosaic, rows, columns)?;
                }
                self.execution.run_once(phase.phase, dials)?;
                values[climb] += f64::from(self.execution.read(phase.value)?[0]);
                let found = self.execution.read(phase.gradient)?;
                let skipped = (rows.core.start - rows.start, columns.core.start - columns.start);
                canvas.leave(gradient, &cores, |(channel, row), count| {
                    let line = (channel * height + row + skipped.0) * width + skipped.1;
                    found[line..line + count].to_vec()
                })?;
            }
            if watch(number + 1).is_break() {
                return Ok(None);
            }
        }
        Ok(Some(values.into_iter().map(|value| value as f32).collect()))
    }
}

/// Finds out whether there is room for a view's cells on their way to a GPU, while the dream can still be cut
/// into smaller tiles.
pub(in crate::dream) fn try_upload(
    machine: &dyn Machine,
    execution: &mut dyn Execution,
    view: View,
) -> Result<(), MachineError> {
    match machine.kind() {
        Kind::Cpu => Ok(()),
        Kind::Gpu => execution.write(view, &vec![0.0; view.shape.len()]),
    }
}

impl Canvas<'_> {
    /// A window of the shifted picture: for rows and for columns, its start and length.
    fn cut(
        &mut self,
        (top, height): (usize, usize),
        (left, width): (usize, usize),
        jitter: Jitter,
    ) -> Result<Vec<f32>, MachineError> {
        let shape = self.picture.shape;
        let from =
            |at: usize, by: i32, size: usize| (at as i64 - i64::from(by)).rem_euclid(size as i64) as usize;
        let column = from(left, jitter.right, shape.width);
        let before_wrap = width.min(shape.width - column);
        let mut window = Vec::with_capacity(shape.channels * height * width);
        for channel in 0..shape.channels {
            for row in top..top + height {
                let line = (channel * shape.height + from(row, jitter.down, shape.height)) * shape.width;
                window.extend(self.execution.read(self.picture.row(line + column, before_wrap))?);
                if before_wrap < width {
                    window.extend(self.execution.read(self.picture.row(line, width - before_wrap))?);
                }
            }
        }
        Ok(window)
    }

    /// Fills a rectangle of a gradient line by line. `line` takes channel and row, counted within the
    /// rectangle.
    fn leave(
        &mut self,
        gradient: View,
        (rows, columns): &(Range<usize>, Range<usize>),
        line: impl Fn((usize, usize), usize) -> Vec<f32>,
    ) -> Result<(), MachineError> {
        let shape = gradient.shape;
        for channel in 0..shape.channels {
            for row in rows.clone() {
                let start = (channel * shape.height + row) * shape.width + columns.start;
                let cells = line((channel, row - rows.start), columns.len());
                self.execution.write(gradient.row(start, columns.len()), &cells)?;
            }
        }
        Ok(())
    }
}
