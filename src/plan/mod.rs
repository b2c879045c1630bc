//! What runs, in what order and in which memory: a [`Plan`] is a list of [`Phase`]s over buffers, as plain
//! data.
//!
//! [`network`] lowers layers, targets and a size into forward and backward steps. [`dream`], [`visualize`]
//! and [`probe`] put the loop around them, and [`tiles`] cuts up large pictures. Films also need [`flow`],
//! [`motion`] and [`carry`]. [`memory`] decides which buffers share memory, and [`dials`] which numbers change
//! from iteration to iteration. Machines (`cpu`, `gpu`) run the list and decide nothing.

pub mod blocks;
pub mod carry;
pub mod convolution;
pub mod dials;
pub mod dream;
pub mod flow;
mod functional;
pub mod iteration;
pub mod memory;
pub mod motion;
pub mod network;
mod octave;
pub mod patches;
pub mod probe;
pub mod shaping;
pub mod spectrum;
pub mod step;
pub mod tiles;
pub mod visualize;

use crate::net::Shape;
use dials::Guard;

pub use dials::{Dials, IN_PLACE, Number, Numbers};
pub use functional::{Functional, Region};
pub use memory::{Builder, Slot};
pub use step::*;

/// A buffer of the plan: consecutive f32 cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferId(pub(crate) usize);

impl BufferId {
    /// The position as a number, for tables with one entry per buffer.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A map inside a buffer. Concatenation costs nothing because views can be channel slices of one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// The buffer.
    pub buffer: BufferId,
    /// Its first cell.
    pub offset: usize,
    /// The shape, CHW, of the cells from there on.
    pub shape: Shape,
}

impl View {
    /// `count` channels from `first` on.
    pub fn channels(self, first: usize, count: usize) -> Self {
        assert!(first + count <= self.shape.channels, "channels {first}+{count} of {}", self.shape);
        Self {
            offset: self.offset + first * self.shape.plane(),
            shape: self.shape.with_channels(count),
            ..self
        }
    }

    /// `count` consecutive cells from `first` on, as a single row.
    ///
    /// # Panics
    /// If they reach beyond the view.
    pub fn row(self, first: usize, count: usize) -> Self {
        assert!(first + count <= self.shape.len(), "cells {first}+{count} of {}", self.shape);
        Self { offset: self.offset + first, shape: Shape::new(1, 1, count), ..self }
    }

    /// Which cells of its buffer the view covers.
    pub fn range(self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.shape.len()
    }
}

/// What a buffer is for and which memory it lives in.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// For people: the name of the layer, or the role.
    pub label: String,
    /// Its size in f32 cells.
    pub cells: usize,
    /// The slot, which it shares with buffers that live at other times.
    pub slot: usize,
}

/// Steps in order. A phase may be run many times.
#[derive(Clone, Debug)]
pub struct Phase {
    /// For people.
    pub label: String,
    /// What to do.
    pub steps: Vec<Step>,
    /// Which steps some runs skip.
    pub guards: Vec<Guard>,
}

impl Phase {
    /// Whether the phase runs a step when the dials have these values.
    pub fn does(&self, step: usize, dials: &[f32]) -> bool {
        self.guards.iter().all(|guard| guard.admits(step, dials))
    }
}

/// Position of a phase in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseId(pub(crate) usize);

impl PhaseId {
    /// The position as a number.
    pub fn index(self) -> usize {
        self.0
    }
}

/// Everything a machine needs to know before it runs: buffers, the memory they share, and the phases.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All buffers.
    pub buffers: Vec<Buffer>,
    /// The memory that buffers share.
    pub slots: Vec<Slot>,
    /// All phases, in the order of their first run.
    pub phases: Vec<Phase>,
    /// The buffers that the host fills before the first phase, each with the number that steps know it by.
    pub given: Vec<(usize, View)>,
    /// The numbers that each iteration supplies.
    pub dials: Dials,
}

impl Plan {
    /// Bytes of all slots together, without weights.
    pub fn bytes(&self) -> u64 {
        self.slots.iter().map(|slot| slot.bytes()).sum()
    }

    /// Bytes of the largest slot.
    pub fn largest_buffer_bytes(&self) -> u64 {
        self.slots.iter().map(|slot| slot.bytes()).max().unwrap_or(0)
    }

    /// The slot a buffer lives in.
    pub fn slot(&self, buffer: BufferId) -> usize {
        self.buffers[buffer.0].slot
    }

    /// All steps of all phases, each phase once.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }
}
