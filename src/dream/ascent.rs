//! Book-keeping for one octave: what every iteration reports, and why the octave ended.

use std::ops::ControlFlow;

use super::config::describe;
use super::landing::solid;
use super::{Cancel, Config, DreamError, Found, Objective, Progress, Watcher};
use crate::machine::{Next, Turned};
use crate::plan::dream::OctavePhases;
use crate::plan::iteration::IDLE;

/// An octave in progress.
pub(super) struct Ascent<'a> {
    octave: OctavePhases,
    now: Progress,
    mean: [f32; 3],
    cancel: Option<&'a Cancel>,
    watcher: &'a mut dyn Watcher,
    /// Whether a requested picture has not arrived yet.
    wanted: bool,
    /// A gradient magnitude that cannot be divided by.
    fault: Option<f32>,
    stopped: bool,
}

impl<'a> Ascent<'a> {
    /// Octave `number` of `octaves`, counted from 1.
    pub(super) fn new(
        (number, octaves): (usize, usize),
        octave: OctavePhases,
        iterations: usize,
        mean: [f32; 3],
        cancel: Option<&'a Cancel>,
        watcher: &'a mut dyn Watcher,
    ) -> Self {
        let now =
            Progress { octave: number, octaves, size: octave.size, iteration: 0, iterations, tiles: (1, 1) };
        Self { octave, now, mean, cancel, watcher, wanted: false, fault: None, stopped: false }
    }

    /// Called when iteration `turn` of a block is done, where the block begins at iteration `first`, counted
    /// from 0.
    pub(super) fn turned(&mut self, first: usize, Turned { turn, seen }: Turned) -> Next {
        let tiles = self.now.tiles.1;
        let next = self.tell(first + turn, (tiles, tiles));
        if let Some(cells) = seen {
            self.look(cells);
        }
        next
    }

    /// Whether the watcher has asked for the picture and not received it. A machine delivers it with a later
    /// iteration, and there may be none.
    pub(super) fn wants_to_look(&self) -> bool {
        self.wanted && !self.stopped
    }

    /// Delivers the picture that was asked for.
    pub(super) fn look(&mut self, cells: Vec<f32>) {
        self.wanted = false;
        self.watcher.seen(self.now, solid(&cells, self.octave.size, self.mean));
    }

    /// What iterations found according to their reports: value and magnitude of each climb. Also looks for a
    /// magnitude that cannot be divided by.
    pub(super) fn account(&mut self, reports: &[Vec<f32>]) -> Vec<Found> {
        let mut account = Vec::new();
        for report in reports {
            let mut found = Found { value: 0.0, magnitude: 0.0 };
            let climbs = report[..2 * self.octave.climbs].chunks_exact(2).filter(|climb| climb[1] != IDLE);
            for climb in climbs {
                found.value += climb[0];
                found.magnitude += climb[1];
                // A value that is NaN has no usable gradient, whatever its magnitude.
                let magnitude = if climb[0].is_nan() { f32::NAN } else { climb[1] };
                if magnitude == 0.0 || !magnitude.is_finite() {
                    self.fault.get_or_insert(magnitude);
                }
            }
            account.push(found);
        }
        account
    }

    /// Called when `done` of the tiles of iteration `turn` are done.
    pub(super) fn tiled(&mut self, turn: usize, done: usize, tiles: usize) -> ControlFlow<()> {
        if done == tiles {
            self.now.tiles = (tiles, tiles);
            return ControlFlow::Continue(()); // the iteration is reported when it is done
        }
        match self.tell(turn, (done, tiles)) {
            Next::Stop => ControlFlow::Break(()),
            Next::Go | Next::Look => ControlFlow::Continue(()),
        }
    }

    fn tell(&mut self, turn: usize, tiles: (usize, usize)) -> Next {
        self.now = Progress { iteration: turn + 1, tiles, ..self.now };
        let wished = self.watcher.turned(self.now);
        let cancelled = self.cancel.is_some_and(Cancel::is_cancelled);
        let next = if cancelled { Next::Stop } else { wished };
        self.wanted |= next == Next::Look;
        self.stopped |= next == Next::Stop;
        next
    }

    /// Whether no further iteration should begin.
    pub(super) fn has_ended(&self) -> bool {
        self.stopped || self.fault.is_some()
    }

    /// Returns `false` if the octave was stopped. `before_relu` holds, for each objective, what could be
    /// climbed instead.
    pub(super) fn conclude(
        self,
        config: &Config,
        before_relu: &[Vec<Objective>],
    ) -> Result<bool, DreamError> {
        let (octave, size) = (self.now.octave, self.octave.size);
        match self.fault {
            None => Ok(!self.stopped),
            Some(0.0) => Err(DreamError::ZeroGradient {
                octave,
                size,
                objective: describe(config.objectives_at(octave)),
                before_relu: offers(octave, config, before_relu),
            }),
            Some(_) => Err(DreamError::NotFinite { octave }),
        }
    }
}

/// What could be climbed before the ReLU, instead of the objectives of an octave.
fn offers(octave: usize, config: &Config, before_relu: &[Vec<Objective>]) -> Vec<String> {
    let objectives = config.objectives.iter().zip(before_relu);
    let climbed = objectives.filter(|(objective, _)| objective.is_climbed_in(octave));
    climbed.flat_map(|(_, offers)| offers).map(Objective::to_string).collect()
}
