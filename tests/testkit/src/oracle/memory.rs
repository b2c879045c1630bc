//! The oracle's memory: the buffers of a plan in f64, born as NaN.

use puppyslug::net::Shape;
use puppyslug::plan::{Plan, View};

/// Buffers, each with memory of its own or in the slots that the plan gave them.
pub struct Memory {
    rooms: Vec<Vec<f64>>,
    home: Vec<usize>,
}

impl Memory {
    /// Every buffer alone: what a plan means.
    pub fn separate(plan: &Plan) -> Self {
        let sizes = plan.buffers.iter().map(|buffer| buffer.cells);
        Self::new(sizes, (0..plan.buffers.len()).collect())
    }

    /// Buffers in the plan's slots: what a machine does.
    pub fn shared(plan: &Plan) -> Self {
        let sizes = plan.slots.iter().map(|slot| slot.cells);
        Self::new(sizes, plan.buffers.iter().map(|buffer| buffer.slot).collect())
    }

    fn new(sizes: impl Iterator<Item = usize>, home: Vec<usize>) -> Self {
        Self { rooms: sizes.map(|cells| vec![f64::NAN; cells]).collect(), home }
    }

    /// The cells of a view.
    pub fn read(&self, view: View) -> &[f64] {
        &self.rooms[self.home[view.buffer.index()]][view.range()]
    }

    /// The cells of a view as a map.
    pub fn map(&self, view: View) -> Map<'_> {
        Map { cells: self.read(view), shape: view.shape }
    }

    /// Fills a view.
    pub fn write(&mut self, view: View, values: impl IntoIterator<Item = f64>) {
        let mut values = values.into_iter();
        for cell in &mut self.rooms[self.home[view.buffer.index()]][view.range()] {
            *cell = values.next().expect("as many values as cells");
        }
        assert!(values.next().is_none(), "as many cells as values");
    }
}

/// A map one may look beside.
#[derive(Clone, Copy)]
pub struct Map<'a> {
    pub cells: &'a [f64],
    pub shape: Shape,
}

impl Map<'_> {
    pub fn at(self, channel: usize, row: usize, column: usize) -> f64 {
        self.cells[(channel * self.shape.height + row) * self.shape.width + column]
    }

    /// The cell, if there is one.
    pub fn get(self, channel: usize, row: isize, column: isize) -> Option<f64> {
        let row = usize::try_from(row).ok().filter(|&row| row < self.shape.height)?;
        let column = usize::try_from(column).ok().filter(|&column| column < self.shape.width)?;
        Some(self.at(channel, row, column))
    }
}
