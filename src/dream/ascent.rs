//! The account of one octave's climb: what is told of every iteration, and why it ended.

use std::ops::ControlFlow;

use super::config::describe;
use super::{Config, DreamError, Found, Progress};
use crate::plan::dream::OctavePhases;

/// An octave under way.
pub(super) struct Ascent<'a> {
    octave: OctavePhases,
    now: Progress,
    watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    /// A magnitude that nothing can be divided by.
    fault: Option<f32>,
    stopped: bool,
}

impl<'a> Ascent<'a> {
    /// Octave `number` of `octaves`, counted from 1.
    pub(super) fn new(
        (number, octaves): (usize, usize),
        octave: OctavePhases,
        iterations: usize,
        watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Self {
        let now =
            Progress { octave: number, octaves, size: octave.size, iteration: 0, iterations, tiles: (1, 1) };
        Self { octave, now, watch, fault: None, stopped: false }
    }

    /// Iteration `turn`, counted from 0, is done.
    pub(super) fn turned(&mut self, turn: usize) -> ControlFlow<()> {
        let tiles = self.now.tiles.1;
        self.tell(turn, (tiles, tiles))
    }

    /// What iterations found, by their reports: value and magnitude of each climb. Looks for a magnitude that nothing
    /// can be divided by.
    pub(super) fn account(&mut self, reports: &[Vec<f32>]) -> Vec<Found> {
        let mut account = Vec::new();
        for report in reports {
            let mut found = Found { value: 0.0, magnitude: 0.0 };
            for climb in report[..2 * self.octave.climbs].chunks_exact(2) {
                found.value += climb[0];
                found.magnitude += climb[1];
                if climb[1] == 0.0 || !climb[1].is_finite() {
                    self.fault.get_or_insert(climb[1]);
                }
            }
            account.push(found);
        }
        account
    }

    /// So many of the tiles of iteration `turn` are done.
    pub(super) fn tiled(&mut self, turn: usize, done: usize, tiles: usize) -> ControlFlow<()> {
        if done == tiles {
            self.now.tiles = (tiles, tiles);
            return ControlFlow::Continue(()); // the iteration is told of when it is done
        }
        self.tell(turn, (done, tiles))
    }

    fn tell(&mut self, turn: usize, tiles: (usize, usize)) -> ControlFlow<()> {
        self.now = Progress { iteration: turn + 1, tiles, ..self.now };
        let flow = (self.watch)(self.now);
        self.stopped |= flow.is_break();
        flow
    }

    /// Whether no further iteration is to begin.
    pub(super) fn has_ended(&self) -> bool {
        self.stopped || self.fault.is_some()
    }

    /// `false` if it was stopped.
    pub(super) fn conclude(self, config: &Config) -> Result<bool, DreamError> {
        let (octave, (height, width)) = (self.now.octave, self.octave.size);
        match self.fault {
            None => Ok(!self.stopped),
            Some(0.0) => Err(DreamError::ZeroGradient {
                octave,
                width,
                height,
                objective: describe(config.objectives_at(octave)),
            }),
            Some(_) => Err(DreamError::NotFinite { octave }),
        }
    }
}
